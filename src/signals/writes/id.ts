import type {Json} from '../../quantities/json.js';
import {parseJsonPath, valueAt} from '../../quantities/json-path.js';
import {compilePattern} from '../../quantities/pattern.js';
import {LONGEST_ID, type IdSpec} from './spec.js';

/** What an id is taken out of: an answer to a request, or a line of a list. */
export interface IdCarrier {
  /** Undefined where it cannot be read. */
  text(): string | undefined;
  field?(name: string): string | undefined;
}

/**
 * Takes the id out of each carrier: undefined where there is none. Ids are texts without the space around them; a
 * number is one as it is written. One that is too large for a number to be exact is none: `matches` reads it.
 */
export function idReader({header, json, matches}: IdSpec): (carrier: IdCarrier) => string | undefined {
  const path = json === undefined ? undefined : (parseJsonPath(json) ?? []);
  const pattern = matches === undefined ? undefined : compilePattern(matches, {lines: true});
  return carrier => {
    const whole = header === undefined ? carrier.text() : carrier.field?.(header);
    const found = whole === undefined || path === undefined ? whole : textAt(whole, path);
    if (found === undefined || pattern === undefined) return asId(found);
    const match = pattern.exec(found);
    return match === null ? undefined : asId(match[1] ?? match[0]);
  };
}

/** A text as an id, without the space around it; undefined where it is none. */
export function asId(text: string | undefined): string | undefined {
  const id = text?.trim();
  return id === undefined || id === '' || id.length > LONGEST_ID ? undefined : id;
}

function textAt(text: string, path: readonly (string | number)[]): string | undefined {
  let value: Json | undefined;
  try {
    value = valueAt(JSON.parse(text) as Json, path);
  } catch {
    return undefined;
  }
  if (typeof value === 'string') return value;
  if (typeof value !== 'number' || (Number.isInteger(value) && !Number.isSafeInteger(value))) return undefined;
  return String(value);
}
