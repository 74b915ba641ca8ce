import {mappingOf, readFields, type Part} from '../checking/entry.js';
import type {HttpRequestSpec, LoadSpec} from '../experiment.js';
import {loadFields} from '../schema/load.js';
import {given} from './section.js';

type Request = NonNullable<ReturnType<typeof readFields<ReturnType<typeof loadFields>>>['http']>;

/** One entry of `load`; undefined when any of it was wrong. */
export function readLoad(name: string, part: Part): LoadSpec | undefined {
  if (mappingOf(part) === undefined) return undefined;
  const {http, rate, timeout, maxInFlight} = readFields(loadFields(), part);
  if (http === undefined || rate === undefined || timeout === undefined || maxInFlight === undefined) return undefined;
  return {name, http: requestOf(http), rate, timeoutMs: timeout, maxInFlight};
}

function requestOf(written: Request): HttpRequestSpec {
  const {
    json,
    body: text,
    method,
    tls,
  } = 'json' in written || 'body' in written || 'method' in written || 'tls' in written ? written : {};
  const body = json === undefined ? text : JSON.stringify(json);
  const typed = Object.keys(written.headers).some(header => header.toLowerCase() === 'content-type');
  return {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    url: written.url,
    headers: json === undefined || typed ? written.headers : {'content-type': 'application/json', ...written.headers},
    success: written.success,
    ...given({body}),
    ...(tls === undefined ? {} : {tls: {rejectUnauthorized: tls.rejectUnauthorized, ...given({ca: tls.ca})}}),
  };
}
