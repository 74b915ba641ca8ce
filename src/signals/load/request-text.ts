import {originOf} from '../../quantities/url.js';
import {placeOfBody, type ValuePlace} from './escaping.js';
import type {LoadRequest} from './spec.js';

/** A text of a request that may hold secrets and placeholders, and what it is for. */
interface RequestText {
  readonly text: string;
  readonly place: ValuePlace;
}

/** Every text of a request in which a placeholder is filled when it is sent. */
export function textsOf(request: LoadRequest): readonly RequestText[] {
  if ('sql' in request) return [{text: request.sql.query, place: 'parameter'}];
  if ('redis' in request) return request.redis.command.map(text => ({text, place: 'text'}));
  const {url, headers, body = ''} = request.http;
  return [
    {text: url, place: 'url'},
    ...Object.values(headers).map(text => ({text, place: 'header' as const})),
    {text: body, place: placeOfBody(headers)},
  ];
}

/** Where a request goes, as the file writes it; several servers one after the other. */
export function urlsOf(request: LoadRequest): readonly string[] {
  if ('sql' in request) return [request.sql.url];
  return 'redis' in request ? request.redis.urls : [request.http.url];
}

/** How the id of what a request writes is known, where it writes. */
export function idOf(request: LoadRequest) {
  if ('sql' in request) return request.sql.id;
  return 'redis' in request ? request.redis.id : request.http.id;
}

const LONGEST = 80;

/** A request in a few words: `GET http://…`, `insert into orders values (${seq}) at postgres://db`. */
export function describeRequest(request: LoadRequest): string {
  if ('http' in request) return `${request.http.method} ${request.http.url}`;
  const asked = 'sql' in request ? request.sql.query : request.redis.command.join(' ');
  const line = asked.replaceAll(/\s+/g, ' ').trim();
  const shown = line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
  return `${shown} at ${urlsOf(request).map(originOf).join(', ')}`;
}
