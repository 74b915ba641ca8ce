import type {Result} from '../../verdict/result.js';
import {CHANGE_NOTES, changeRows, secondAnswer} from '../changes.js';
import {bullets, table} from './text.js';

/** The numbers behind the verdicts: how every metric changed against its baseline. */
export function changeLines(result: Result): readonly string[] {
  const rows = result.metrics.flatMap(metric =>
    changeRows(metric).map(row => [
      metric.name,
      row.interval,
      row.change,
      row.surely,
      row.allowed,
      row.answer,
      row.cliffsDelta,
      row.shift,
      row.independent,
      row.detectable,
    ]),
  );
  if (rows.length === 0) return [];
  const answers = result.metrics.flatMap(metric => secondAnswer(metric) ?? []);
  const head = ['Metric', 'Compared', 'Change', 'Surely', 'Allowed', 'Answer'];
  const figures = ['Tendency', 'Typical shift', 'Independent', 'Seen from'];
  return [
    '## Changes against the baseline',
    '',
    ...(answers.length === 0 ? [] : bullets(answers, '')),
    ...table([...head, ...figures], rows),
    ...bullets(CHANGE_NOTES, ''),
  ];
}
