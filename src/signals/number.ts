import type {Json} from '../quantities/json.js';
import {compilePattern} from '../quantities/pattern.js';
import type {Reading} from './contract.js';
import {noValue} from './missing.js';
import {parseJsonPath, valueAt} from '../quantities/json-path.js';

/** Turns what a source answered into a number, strictly: what is not wholly a number is a reason. */

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function excerpt(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  if (line === '') return 'nothing';
  return `\`${line.length > 60 ? `${line.slice(0, 59)}…` : line}\``;
}

/** The whole text as a number, white space around it apart. */
export function readNumber(text: string, what = 'a number'): Reading {
  const value = NUMBER.test(text.trim()) ? Number(text) : NaN;
  if (Number.isFinite(value)) return {value};
  return noValue('answer', `expected ${what}; got ${excerpt(text)}`);
}

/** The number at a path of a JSON text; numbers written as text count. */
export function readJsonNumber(text: string, path: string): Reading {
  let document: Json;
  try {
    document = JSON.parse(text) as Json;
  } catch {
    return noValue('answer', `expected JSON; got ${excerpt(text)}`);
  }
  const found = valueAt(document, parseJsonPath(path) ?? []);
  if (found === undefined) return noValue('answer', `nothing at \`${path}\``);
  if (typeof found === 'number') return {value: found};
  const written = typeof found === 'string' ? found : JSON.stringify(found);
  if (typeof found !== 'string') return noValue('answer', `expected a number at \`${path}\`; got ${excerpt(written)}`);
  return readNumber(written, `a number at \`${path}\``);
}

/** Reads the number in the first group of the first match, or in the whole match where there is no group. */
export function matchedNumberReader(pattern: string): (text: string) => Reading {
  const compiled = compilePattern(pattern, {lines: true});
  return text => {
    const match = compiled.exec(text);
    if (match === null) return noValue('answer', `no match for \`${pattern}\` in ${excerpt(text)}`);
    return readNumber(match[1] ?? match[0], `a number from \`${pattern}\``);
  };
}
