import * as z from 'zod';
import type {Json} from './json.js';
import {showValue} from './schema.js';

const STEP = /\.([A-Za-z_][\w-]*)|\[(\d{1,9})\]|\['([^']*)'\]|\["([^"]*)"\]/y;

/**
 * The steps of a path such as `$.orders[0]['open count']` (members and indexes only: it names one value, never
 * several); undefined when the text is no such path. The leading `$` may be left out: `orders[0]`, `.orders`.
 */
export function parseJsonPath(text: string): readonly (string | number)[] | undefined {
  const path = text.startsWith('$') ? text.slice(1) : /^[A-Za-z_]/.test(text) ? `.${text}` : text;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (match === null) return undefined;
    const [, member, index, single, double] = match;
    steps.push(index === undefined ? (member ?? single ?? double ?? '') : Number(index));
  }
  return text === '' ? undefined : steps;
}

/** The value at the path, or undefined when there is nothing. */
export function valueAt(value: Json, steps: readonly (string | number)[]): Json | undefined {
  let at: Json | undefined = value;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null) return undefined;
    // Own members only: `constructor` is not data.
    if (!Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string | number, Json>>)[step];
  }
  return at;
}

/** Such a path, as text. */
export const jsonPath = () =>
  z
    .string()
    .refine(path => parseJsonPath(path) !== undefined, {
      error: issue => `expected a path to one value such as \`$.orders[0].open\`; got ${showValue(issue.input)}`,
    })
    .meta({examples: ['$.queue.depth']});
