import type {Result} from '../../verdict/result.js';
import {limitSentences, LOAD_COLUMNS, LOAD_NOTES, loadRows} from '../loads.js';
import {bullets, md, table} from './text.js';

/** What the generator of each load did. Nothing without a load. */
export function loadLines(result: Result): readonly string[] {
  const rows = loadRows(result);
  if (rows.length === 0) return [];
  const limits = limitSentences(result);
  return [
    '## Loads',
    '',
    ...table(
      ['Load', ...LOAD_COLUMNS],
      rows.map(({load, due, unsent, achieved, lag, dispersion}) => [load, due, unsent, achieved, lag, dispersion]),
    ),
    ...(limits.length === 0 ? [] : bullets(limits, '')),
    ...LOAD_NOTES.flatMap(note => [md(note), '']),
  ];
}
