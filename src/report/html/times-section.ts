import type {Result} from '../../verdict/result.js';
import {costSentences, hasSeveralFaults, TIMES_NOTES, timesRows} from '../times.js';
import {folded, list, number, plain, table} from './elements.js';
import {html} from './escape.js';

/** When each metric deviated and was back, and what it cost. Empty where nothing is known of it. */
export function timesSection(result: Result): string {
  const several = hasSeveralFaults(result);
  const rows = timesRows(result).map(row => [
    plain(row.metric),
    ...(several ? [plain(row.fault)] : []),
    number(row.began),
    number(row.back),
    number(row.area),
  ]);
  const columns = [
    'Metric',
    ...(several ? ['Fault'] : []),
    {number: 'Deviation began'},
    {number: 'Back'},
    {number: 'Area'},
  ];
  const costs = costSentences(result);
  if (rows.length === 0 && costs.length === 0) return '';
  const notes = TIMES_NOTES.map(note => `<p>${html(note)}</p>`).join('');
  const told =
    rows.length === 0
      ? ''
      : `${table(columns, rows, 'Times of each metric')}${list(
          result.times.metrics.map(({text}) => text),
          '',
        )}<h3>How to read it</h3>${notes}`;
  return folded('times', 'Times', (costs.length === 0 ? '' : list(costs, '')) + told);
}
