import {FiredrillError} from '../../system/error.js';
import type {Prepared} from '../http/exchange.js';
import {revealedUrl} from '../network/http-parts.js';
import {placeOfBody, type ValuePlace} from './escaping.js';
import {splitPlaceholders, type Placeholder} from './placeholder.js';
import type {HttpRequestSpec} from './spec.js';
import {filled, type LoadUser, type TextOf, type ValueSource} from './user.js';

type Reveal = (text: string) => string;
type Part = string | {readonly placeholder: Placeholder; readonly place: ValuePlace};

/**
 * Makes the request of each user of a request with placeholders, from parts that are prepared once; undefined when it
 * has none. `prepared`: all of it that is always the same.
 * @throws FiredrillError PROBE_UNUSABLE when a value would decide to which server the request goes.
 */
export function variedRequest(
  http: HttpRequestSpec,
  prepared: Prepared,
  {reveal, values}: {reveal: Reveal; values: ValueSource},
): ((user: LoadUser) => Prepared) | undefined {
  const url = variedUrl(http.url, prepared.url, {reveal, values});
  const headers = Object.entries(http.headers).flatMap(([name, text]) => {
    const varied = variedText(text, {place: 'header', reveal, values});
    return varied === undefined ? [] : [[name.toLowerCase(), varied] as const];
  });
  const body = http.body === undefined ? undefined : variedBody(http.body, http.headers, {reveal, values});
  if (url === undefined && headers.length === 0 && body === undefined) return undefined;
  return user => ({
    ...prepared,
    ...(url === undefined ? {} : {url: new URL(url(user))}),
    ...(headers.length === 0
      ? {}
      : {headers: {...prepared.headers, ...Object.fromEntries(headers.map(([name, text]) => [name, text(user)]))}}),
    ...(body === undefined ? {} : {body: Buffer.from(body(user))}),
  });
}

function variedText(
  text: string,
  {place, reveal, values}: {place: ValuePlace; reveal: Reveal; values: ValueSource},
): TextOf | undefined {
  const parts = splitPlaceholders(text);
  if (parts.every(part => typeof part === 'string')) return undefined;
  return filled(
    parts.map((part): Part => (typeof part === 'string' ? reveal(part) : {placeholder: part, place})),
    values,
  );
}

/**
 * The URL is taken apart with marks in place of the values. So what is a host, a path and a query is decided by the
 * file alone.
 */
function variedUrl(
  written: string,
  prepared: URL,
  {reveal, values}: {reveal: Reveal; values: ValueSource},
): TextOf | undefined {
  const parts = splitPlaceholders(written);
  const slots = parts.flatMap(part => (typeof part === 'string' ? [] : part));
  if (slots.length === 0) return undefined;
  let mark = 'value';
  while (prepared.href.toLowerCase().includes(mark)) mark += 'x';
  let number = 0;
  const marked = parts.map(part => (typeof part === 'string' ? part : `${mark}${number++}z`)).join('');
  const {origin, pathname, search, username, password} = revealedUrl(marked, reveal);
  if (`${origin}${username}${password}`.includes(mark))
    throw new FiredrillError('PROBE_UNUSABLE', `Expected placeholders only in path and query of \`${written}\`.`);
  const pieces = `${origin}${pathname}${search}`.split(new RegExp(`${mark}(\\d+)z`));
  const made = pieces.flatMap((piece, at): readonly Part[] => {
    if (at % 2 === 0) return [piece];
    const placeholder = slots[Number(piece)];
    return placeholder === undefined ? [] : [{placeholder, place: 'url'}];
  });
  return filled(made, values);
}

function variedBody(
  body: string,
  headers: HttpRequestSpec['headers'],
  {reveal, values}: {reveal: Reveal; values: ValueSource},
): TextOf | undefined {
  const place = placeOfBody(headers);
  if (place !== 'json-text') return variedText(body, {place, reveal, values});
  const parts = jsonParts(body);
  if (parts.every(part => typeof part === 'string')) return undefined;
  return filled(
    parts.map(part => (typeof part === 'string' ? reveal(part) : part)),
    values,
  );
}

/** Each value with whether it stands in a text of the JSON or is a value of its own. */
function jsonParts(body: string): readonly Part[] {
  let inText = false;
  return splitPlaceholders(body, inJson).map((part): Part => {
    if (typeof part !== 'string') return {placeholder: part, place: inText ? 'json-text' : 'json-value'};
    for (const [sign] of part.matchAll(/\\.|"/gs)) if (sign === '"') inText = !inText;
    return part;
  });
}

/** What stands in a text of JSON is written with its escapes. */
function inJson(body: string): string {
  try {
    return String(JSON.parse(`"${body}"`));
  } catch {
    return body;
  }
}
