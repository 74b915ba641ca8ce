import type {Result} from '../../verdict/result.js';
import {costSentences, hasSeveralFaults, TIMES_NOTES, timesRows} from '../times.js';
import {bullets, md, table} from './text.js';

/** When each metric deviated and was back, and what it cost. Nothing where nothing is known of it. */
export function timesLines(result: Result): readonly string[] {
  const several = hasSeveralFaults(result);
  const rows = timesRows(result).map(({metric, fault, began, back, area}) => [
    metric,
    ...(several ? [fault] : []),
    began,
    back,
    area,
  ]);
  const costs = costSentences(result);
  if (rows.length === 0 && costs.length === 0) return [];
  const head = ['Metric', ...(several ? ['Fault'] : []), 'Deviation began', 'Back', 'Area'];
  return [
    '## Times',
    '',
    ...(costs.length === 0 ? [] : bullets(costs, '')),
    ...(rows.length === 0 ? [] : [...table(head, rows), ...TIMES_NOTES.flatMap(note => [md(note), ''])]),
  ];
}
