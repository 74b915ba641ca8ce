import type {Result} from '../../verdict/result.js';
import {limitSentences, LOAD_COLUMNS, LOAD_NOTES, loadRows} from '../loads.js';
import {folded, list, number, plain, table} from './elements.js';
import {html} from './escape.js';

/** What the generator of each load did. Empty without a load. */
export function loadsSection(result: Result): string {
  const rows = loadRows(result);
  if (rows.length === 0) return '';
  const limits = limitSentences(result);
  const cells = rows.map(({load, due, unsent, achieved, lag, dispersion}) => [
    plain(load),
    ...[due, unsent, achieved, lag, dispersion].map(number),
  ]);
  const columns = ['Load', ...LOAD_COLUMNS.map(column => ({number: column}))];
  const notes = LOAD_NOTES.map(note => `<p>${html(note)}</p>`).join('');
  return folded(
    'loads',
    'Loads',
    `${limits.length === 0 ? '' : list(limits, '')}${table(columns, cells, 'What each load sent')}<h3>How to read it</h3>${notes}`,
  );
}
