import {printableJson} from '../../quantities/printable.js';
import type {Result} from '../../verdict/result.js';

/** The result as JSON; its keys keep the order of the Result, which the judge always writes alike. */
export function renderJson(result: Result): string {
  return `${printableJson(result)}\n`;
}
