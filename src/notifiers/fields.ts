import * as z from 'zod';
import {MOMENTS, type Moment} from './contract.js';

const REFERENCE = /\$\{secret:(env|file):[^}]+\}/;

/**
 * A text that lets whoever knows it in: only by reference, because the file, the record and the report can be read by
 * others. What was written is not repeated.
 */
export const secretText = (example: string) =>
  z.string().refine(text => REFERENCE.test(text), {
    error: `expected a reference such as \`\${secret:env:${example}}\`, because whoever knows the text can use it; got the text itself`,
  });

/** Which moments of a run are told. */
export const moments = (usual: readonly Moment[]) =>
  z
    .array(z.enum(MOMENTS))
    .min(1)
    .default([...usual])
    .describe(`What is told: ${MOMENTS.map(moment => `\`${moment}\``).join(', ')}. \`owed\`: an undo is not verified.`);

export const headers = () =>
  z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'expected the name of an HTTP header'), z.string())
    .default({})
    .describe('Headers of every request, such as `authorization`; values may hold `${secret:…}`.');

/** The headers with their secrets. */
export function revealed(
  written: Readonly<Record<string, string>>,
  reveal: (text: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(written).map(([name, value]) => [name, reveal(value)]));
}

/** Nothing in the text is a tag, or a mention: for places that read `<…>` as their own. */
export function withoutTags(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A field of an answer that should be a JSON object; undefined where it is none, or has none of the name. */
export function fieldIn(body: string, name: string): unknown {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null && Object.hasOwn(answer, name)
      ? Reflect.get(answer, name)
      : undefined;
  } catch {
    return undefined;
  }
}

export const JSON_TYPE = {'content-type': 'application/json'};

/** A path below an address, whatever it ends with. */
export function below(address: string, path: string): string {
  return `${address.replace(/\/+$/, '')}/${path}`;
}
