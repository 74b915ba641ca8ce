import {printableJson} from '../../quantities/printable.js';
import type {Result} from '../../verdict/result.js';
import {resultSchema} from '../../verdict/result-schema.js';
import type {Format} from '../format.js';

/**
 * The result as JSON; its keys keep the order of the Result, which the judge always writes alike. Every result.json is
 * written by it. The text is what has to pass the schema: a number that is not finite is a null in it. A result that
 * does not pass is a bug.
 */
export function renderJson(result: Result): string {
  const text = printableJson(result);
  const {error} = resultSchema().safeParse(JSON.parse(text));
  if (error === undefined) return `${text}\n`;
  const problems = error.issues.map(({path, message}) => `${path.join('.')}: ${message}`);
  throw new Error(`a bug of Firedrill, the result is not what its schema says: ${problems.join('; ')}`);
}

export const format: Format = {file: 'result.json', order: 30, render: renderJson};
