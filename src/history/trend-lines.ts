import type {ChalkInstance} from 'chalk';
import {formatQuantity} from '../quantities/format.js';
import {sparkline, table, wrap} from '../terminal/text.js';
import {sayChange} from '../verdict/change.js';
import {say} from '../verdict/time.js';
import {minuteOf} from './compare/words.js';
import type {RunSummary} from './summary.js';
import type {MetricTrend, Trend} from './trend.js';

/** So many of the newest runs fit into a line. */
const MOST_MARKS = 40;

const COLOURS = {held: 'green', deviated: 'red', inconclusive: 'yellow'} as const;

function verdictWord({verdict, end}: RunSummary, style: ChalkInstance): string {
  return verdict === null ? end : style[COLOURS[verdict]](verdict);
}

function recoveryWord({recovery, recoverySeconds}: RunSummary): string {
  if (recovery !== 'recovered') return recovery.replaceAll('-', ' ');
  return recoverySeconds === null ? 'none needed' : say(recoverySeconds[1]);
}

function changeWord({unit, changes}: MetricTrend, at: number): string {
  const change = changes[at];
  if (change == null) return '–';
  return sayChange(change.estimate ?? Infinity, change.of, {unit}).replace(' of the requests', '');
}

function metricLine({name, unit, during}: MetricTrend): string[] {
  const numbers = during.filter(value => value !== null);
  if (numbers.length === 0) return [name, '', 'no figure', ''];
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)].map(value => formatQuantity(value, unit));
  return [name, sparkline(during, MOST_MARKS).join(''), `${low ?? ''} to ${high ?? ''}`];
}

/** An experiment over its runs, for a terminal. */
export function trendLines(
  {experiment, runs, changedConditions, metrics}: Trend,
  {style, columns}: {readonly style: ChalkInstance; readonly columns: number},
): readonly string[] {
  const rows = runs.map((run, i) => [
    `${run.run}${changedConditions.includes(run.run) ? ' *' : ''}`,
    minuteOf(run.startedAt),
    verdictWord(run, style),
    run.detectedSeconds === null ? '–' : say(run.detectedSeconds),
    recoveryWord(run),
    ...metrics.map(metric => changeWord(metric, i)),
  ]);
  const head = [
    'RUN',
    'STARTED (UTC)',
    'VERDICT',
    'NOTICED AFTER',
    'RECOVERED AFTER',
    ...metrics.map(({name}) => name),
  ];
  const recovered = runs.map(({recoverySeconds}) => recoverySeconds?.[1] ?? null);
  const seconds = recovered.filter(value => value !== null);
  const recovery =
    seconds.length === 0
      ? []
      : [
          [
            'time to recover',
            sparkline(recovered, MOST_MARKS).join(''),
            `${say(Math.min(...seconds))} to ${say(Math.max(...seconds))}`,
          ],
        ];
  const notes = [
    'Of each metric: its change against the baseline of the run; below, its values while the faults were in force, oldest first.',
    'What rises or falls here is not proven: firedrill compare says what is.',
    ...(changedConditions.length === 0 ? [] : ['* The faults or loads were not those of the run before.']),
  ];
  return [
    style.bold(`${experiment}: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`),
    ...table([head, ...rows]),
    '',
    ...table([...metrics.map(metricLine), ...recovery]),
    '',
    ...notes.flatMap(note => wrap(note, Math.min(columns, 110)).map(line => style.dim(line))),
  ];
}
