import type {Result} from '../../verdict/result.js';
import {DEPENDENCY_NOTES, provenRows, seenRows} from '../dependencies.js';
import {bullets, md, table} from './text.js';

/** What the targets are connected with, and what the run proved of it. Nothing where neither is known. */
export function dependencyLines(result: Result): readonly string[] {
  const {dependencies} = result;
  if (dependencies === undefined) return [];
  const proven = provenRows(result).map(({metric, kind, on, under, interval, why}) => [
    metric,
    kind,
    on,
    under,
    interval,
    why,
  ]);
  const seen = seenRows(dependencies).map(({from, to, port, counts}) => [from, to, port, ...counts]);
  return [
    '## Dependencies, seen and proven',
    '',
    ...table(['Metric', 'Dependency', 'On', 'Under', 'Proven by', 'Why'], proven),
    ...table(['From', 'To', 'Port', 'Before', 'During', 'After'], seen),
    ...(dependencies.unknown.length === 0 ? [] : bullets(dependencies.unknown, '')),
    ...DEPENDENCY_NOTES.flatMap(note => [md(note), '']),
  ];
}
