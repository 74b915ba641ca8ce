import {idOf as idOfRequest} from '../../signals/load/request-text.js';
import {requestsOf} from '../../signals/load/spec.js';
import {LIST_KINDS, type StoredSpec} from '../../signals/writes/spec.js';
import type {JsonObject} from '../../quantities/json.js';
import type {Bounds, LoadSpec, WritesSpec} from '../experiment.js';
import type {Path} from '../problem.js';
import {checkName, checkOnce, type ProblemReport} from '../reading/tree.js';
import type {WrittenWrites} from '../schema/writes.js';
import {listOf} from '../suggest.js';
import {readBounds} from './bounds.js';
import {idOf} from './load.js';
import {given} from './section.js';

/** What checks of writes refer to: names that the file has, and loads as far as they could be read. */
interface Declared {
  readonly names: readonly string[];
  readonly load: readonly LoadSpec[];
}

/** `expect.writes`: each with the request that it is about; what was wrong is reported and left out. */
export function readWrites(
  report: ProblemReport,
  written: readonly WrittenWrites[],
  declared: Declared,
): readonly WritesSpec[] {
  const seen = new Set<string>();
  return written.flatMap((one, i) => {
    const path: Path = ['expect', 'writes', i];
    checkOnce(report, [...path, 'name'], one.name, seen);
    const request = requestOf(report, path, one, declared);
    const bounds = boundsOf(report, path, one);
    return request === undefined || bounds === undefined
      ? []
      : {name: one.name, load: one.load, ...request, stored: storedOf(one.stored), ...bounds};
  });
}

/** The request that writes; undefined after it was reported, or where the load could not be read. */
function requestOf(
  report: ProblemReport,
  path: Path,
  {load, request}: WrittenWrites,
  {names, load: loads}: Declared,
): {readonly request?: string} | undefined {
  if (!checkName(report, [...path, 'load'], load, {what: 'a load', known: names, section: 'load'})) return undefined;
  const spec = loads.find(one => one.name === load);
  if (spec === undefined) return undefined;
  const named = requestsOf(spec).filter(step => idOfRequest(step) !== undefined);
  const writing = [...new Set(named.map(step => step.name))];
  if (writing.length === 0) {
    const message = `expected a load whose request says where its answers name the write; no request of \`${load}\` has an \`id\``;
    const hint = 'give it one: `http: {url: …, id: {json: $.id}}`';
    report.add({path: [...path, 'load'], code: 'CONTRADICTION', message, hint});
    return undefined;
  }
  const at = [...path, 'request'];
  if (spec.scenarios === undefined) {
    if (request === undefined) return {};
    report.add({
      path: at,
      at: 'key',
      code: 'CONTRADICTION',
      message: `expected no \`request\`: \`${load}\` has one only`,
    });
    return undefined;
  }
  if (request !== undefined)
    return checkName(report, at, request, {what: 'a request with an `id` of that load', known: writing})
      ? {request}
      : undefined;
  const [only, other] = writing;
  if (other === undefined) return given({request: only});
  const message = `expected \`request\`: several requests of \`${load}\` have an \`id\` (${listOf(writing)})`;
  report.add({path, code: 'MISSING', message});
  return undefined;
}

function boundsOf(
  report: ProblemReport,
  path: Path,
  written: WrittenWrites,
): Pick<WritesSpec, 'lost' | 'doubled' | 'unacknowledged'> | undefined {
  const read = (key: 'lost' | 'doubled' | 'unacknowledged'): Bounds | undefined | 'wrong' => {
    const bounds = written[key];
    if (bounds === undefined) return undefined;
    return readBounds({report, path: [...path, key], value: bounds}, bounds, Number) ?? 'wrong';
  };
  const [lost = {equals: 0}, doubled, unacknowledged] = [read('lost'), read('doubled'), read('unacknowledged')];
  if (lost === 'wrong' || doubled === 'wrong' || unacknowledged === 'wrong') return undefined;
  return {lost, ...given({doubled, unacknowledged})};
}

function storedOf({id, timeout, again, ...stores}: WrittenWrites['stored']): StoredSpec {
  // The schema has asked for exactly one of them.
  const source = LIST_KINDS.find(kind => stores[kind] !== undefined) ?? 'command';
  const parameters = stores[source] as unknown as JsonObject;
  return {source, parameters, timeoutMs: timeout, againMs: again, ...(id === undefined ? {} : {id: idOf(id)})};
}
