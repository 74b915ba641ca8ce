import type {ChalkInstance} from 'chalk';
import {formatQuantity} from '../quantities/format.js';
import {shortNumber} from '../quantities/number.js';
import {EXIT, EXIT_MEANINGS, STOPPED} from '../system/exit-codes.js';
import {quantity} from '../verdict/phrase.js';
import type {MetricResult, Result} from '../verdict/result.js';
import {shownValues} from '../verdict/shown.js';
import {say} from '../verdict/time.js';
import {windowsSentence} from '../verdict/windows.js';
import {toldWrites} from '../verdict/writes/words.js';
import {cut, table, wrap} from './text.js';

export interface SummaryOptions {
  readonly style: ChalkInstance;
  readonly columns: number;
  /** The run folder, for the paths of the reports. */
  readonly folder: string;
  /** Reports that were written. */
  readonly reports?: readonly string[];
}

/** What an exit code means, in words; also for the 128 + n of signals. */
export function exitMeaning(code: number, wasInjected = true): string {
  const after = wasInjected ? 'undone' : 'nothing was injected';
  if (code > 128) return `interrupted by signal ${code - 128}; ${after}`;
  return code === EXIT.stopped ? `${STOPPED}; ${after}` : (EXIT_MEANINGS[code] ?? 'unknown');
}

const COLOURS = {held: 'green', deviated: 'red', inconclusive: 'yellow'} as const;

/** The headline in the colour of its verdict, the first line in bold. */
function headlineLines({verdict, headline}: Result, style: ChalkInstance, width: number): readonly string[] {
  const colour = verdict === null ? style.yellow : style[COLOURS[verdict]];
  return wrap(headline, width).map((line, i) => (i === 0 ? colour.bold(line) : colour(line)));
}

/** Where the change decides, the values that were compared; else of several intervals of a kind the worst. */
function cell(metric: MetricResult, kind: 'baseline' | 'on' | 'recovery'): string {
  const {before, during, after, settling} = shownValues(metric);
  const settled = kind === 'on' && settling !== null ? ` (${quantity(settling, metric.unit)} while settling)` : '';
  if (metric.deviation?.decides === true) {
    const value = {baseline: before, on: during, recovery: after}[kind];
    return value === null ? '–' : quantity(value, metric.unit);
  }
  const intervals = metric.intervals.filter(interval => interval.kind === kind && interval.value !== null);
  const values = intervals.flatMap(interval => (interval.value === null ? [] : [interval.value]));
  if (values.length === 0) return `–${settled}`;
  const worst = metric.worse === 'lower' ? Math.min(...values) : Math.max(...values);
  return `${formatQuantity(worst, metric.unit)}${settled}`;
}

const MARKS = {held: '✔', deviated: '✖', inconclusive: '?'} as const;

function metricRows(result: Result, style: ChalkInstance): string[][] {
  return result.metrics.map(metric => {
    const mark = metric.verdict === null ? ' ' : style[COLOURS[metric.verdict]](MARKS[metric.verdict]);
    return [
      mark,
      metric.name,
      cell(metric, 'baseline'),
      cell(metric, 'on'),
      cell(metric, 'recovery'),
      metric.verdict ?? unjudgedWord(metric, result),
    ];
  });
}

function unjudgedWord({notDecided, judged}: MetricResult, {verdict}: Result): string {
  if (notDecided !== undefined) return 'not decided';
  return verdict === null && judged.length > 0 ? 'not judged' : 'observed';
}

const figureOf = (value: number | null) => (value === null ? '–' : shortNumber(value));

/** Acknowledged writes beside what is stored, with examples of what is not as it should be. */
function writesLines(writes: NonNullable<Result['writes']>, style: ChalkInstance, width: number): string[] {
  const told = writes.map(result => ({...toldWrites(result), verdict: result.verdict}));
  const rows = told.map(({name, acknowledged, lost, doubled, unacknowledged, verdict}) => [
    style[COLOURS[verdict]](MARKS[verdict]),
    name,
    acknowledged,
    lost,
    doubled,
    unacknowledged,
    verdict,
  ]);
  const columns = ['', 'WRITES', 'ACKNOWLEDGED', 'LOST', 'DOUBLED', 'STORED UNACKNOWLEDGED', 'VERDICT'];
  return [...table([columns, ...rows]), ...told.flatMap(({notes}) => notes.flatMap(note => wrap(note, width, '   ')))];
}

function timeLines(limits: NonNullable<Result['timeLimits']>, style: ChalkInstance): string[] {
  const rows = limits.map(({name, verdict, why}) => [style[COLOURS[verdict]](MARKS[verdict]), name, why, verdict]);
  return table([['', 'TIME', 'TOOK', 'VERDICT'], ...rows]);
}

/** What each alert that the file names did. */
function alertLines(alerts: NonNullable<Result['alerts']>, style: ChalkInstance): string[] {
  const rows = alerts.map(({verdict, alert, why}) => [
    verdict === null ? ' ' : style[COLOURS[verdict]](MARKS[verdict]),
    alert,
    cut(why, 70),
    verdict ?? 'guard',
  ]);
  return table([['', 'ALERT', 'WHAT IT DID', 'VERDICT'], ...rows]);
}

/** The end of a run on one screen: verdict, metrics, findings, where the report is, what the exit code means. */
export function summaryLines(result: Result, {style, columns, folder, reports = []}: SummaryOptions): string[] {
  const width = Math.min(columns, 110);
  const lines = [style.bold(result.title), ...headlineLines(result, style, width)];
  if (result.metrics.length > 0) {
    lines.push(
      '',
      ...table([['', 'METRIC', 'BASELINE', 'FAULT', 'RECOVERY', 'VERDICT'], ...metricRows(result, style)]),
    );
  }
  if (result.checks.length > 0) {
    const rows = result.checks.map(check => [
      style[COLOURS[check.verdict]](MARKS[check.verdict]),
      check.name,
      figureOf(check.before),
      figureOf(check.after),
      check.verdict,
    ]);
    lines.push('', ...table([['', 'CHECK', 'BEFORE', 'AFTER', 'VERDICT'], ...rows]));
  }
  if (result.writes !== undefined) lines.push('', ...writesLines(result.writes, style, width));
  if (result.timeLimits !== undefined) lines.push('', ...timeLines(result.timeLimits, style));
  if (result.alerts !== undefined) lines.push('', ...alertLines(result.alerts, style));
  const measured = result.occurrences.flatMap(occurrence => {
    const said = windowsSentence(occurrence);
    const skew = occurrence.skewSeconds ?? 0;
    const first = skew > 0 ? ` ${say(skew)} between the first and the last target in force.` : '';
    return said === undefined ? [] : [`${occurrence.id}: ${said}${first}`];
  });
  if (measured.length > 0) lines.push('', style.bold('In force'), ...measured.flatMap(line => wrap(line, width, '  ')));
  if (result.findings.length > 0) {
    lines.push('', style.bold('Findings'));
    for (const {severity, title} of result.findings) lines.push(...wrap(`${severity} ${title}`, width, '  '));
  }
  for (const debt of result.owed) {
    lines.push(
      '',
      style.red.bold(`STILL BROKEN: ${debt.undo.ref.name}`),
      `  firedrill recover ${result.run}`,
      `  or by hand: ${debt.undo.manual}`,
    );
  }
  lines.push('', `Run     ${folder}`);
  for (const report of reports) lines.push(`Report  ${report}`);
  lines.push(
    `Exit    ${result.exit}: ${exitMeaning(
      result.exit,
      result.occurrences.some(({requestedAt}) => requestedAt !== null),
    )}`,
  );
  return lines;
}
