import {formatShare} from '../quantities/share.js';
import {recoveryWords} from '../verdict/times/words.js';
import {count, quantity} from '../verdict/phrase.js';
import type {ActionItem, Finding, MetricResult, Result} from '../verdict/result.js';
import {shownValues} from '../verdict/shown.js';
import {say} from '../verdict/time.js';
import {amount, areaWords} from '../verdict/writes/words.js';
import {verdictWords} from './changes.js';

/** What the first screen of a report tells: the same figures in every format. */

export type Tone = 'good' | 'bad' | 'unsure' | 'plain';

/** One figure that a reader looks for first. */
export interface Tile {
  readonly name: string;
  /** What it was before, where the figure is one that changed. */
  readonly before?: string;
  readonly value: string;
  /** What it is of, or counted over. */
  readonly note: string;
  readonly tone: Tone;
}

const TONES: Readonly<Record<string, Tone>> = {held: 'good', deviated: 'bad', inconclusive: 'unsure'};

const WEIGHTS: Readonly<Record<string, number>> = {deviated: 0, inconclusive: 1, held: 2};

/** The metrics, those that tell most first: of findings, then what deviated, is open, held, is only told. */
function byWeight({metrics, findings}: Result): readonly MetricResult[] {
  const told = findings.flatMap(({metric}) => (metric === null ? [] : [metric]));
  const place = ({name}: MetricResult) => (told.includes(name) ? told.indexOf(name) : told.length);
  const weight = ({verdict}: MetricResult) => WEIGHTS[verdict ?? ''] ?? 3;
  return [...metrics].sort((a, b) => place(a) - place(b) || weight(a) - weight(b));
}

/** The metric whose chart shows most of what happened; undefined in a run without metrics. */
export function foremostMetric(result: Result): MetricResult | undefined {
  return byWeight(result)[0];
}

/** The worst finding that is more than information; undefined where there is none. */
export function worstFinding({findings}: Result): Finding | undefined {
  return findings.find(({severity}) => severity !== 'SEV5');
}

/** What to do first: of the worst finding, else of the whole run. */
export function firstAction(result: Result): ActionItem | undefined {
  const own = worstFinding(result)?.actions ?? [];
  return [...own].sort((a, b) => a.priority.localeCompare(b.priority))[0] ?? result.actionItems[0];
}

function metricTile(name: string, metric: MetricResult): Tile {
  const {before, during} = shownValues(metric);
  const shown = (value: number | null) => (value === null ? 'no value' : quantity(value, metric.unit));
  return {
    name,
    ...(before === null ? {} : {before: shown(before)}),
    value: shown(during),
    note: `${metric.name}: ${verdictWords(metric)}`,
    tone: TONES[metric.verdict ?? ''] ?? 'plain',
  };
}

/** Errors and latency where they are measured, else whatever tells most: two at most. */
function metricTiles(result: Result): readonly Tile[] {
  const sorted = byWeight(result);
  const errors = sorted.find(({unit, worse}) => unit === 'ratio' && worse === 'higher');
  const latency = sorted.find(({unit, worse}) => unit === 'ms' && worse === 'higher');
  const named = [
    ...(errors === undefined ? [] : [metricTile('Errors', errors)]),
    ...(latency === undefined ? [] : [metricTile('Latency', latency)]),
  ];
  const others = sorted.filter(metric => metric !== errors && metric !== latency);
  return [...named, ...others.map(metric => metricTile(metric.name, metric))].slice(0, 2);
}

function noticeTile({detected, occurrences}: Result): readonly Tile[] {
  if (occurrences.every(({confirmedAt}) => confirmedAt === null)) return [];
  if (detected === undefined)
    return [{name: 'Time to notice', value: 'not seen', note: 'no metric left what is allowed', tone: 'plain'}];
  const {metric, seconds} = detected;
  return [
    {name: 'Time to notice', value: seconds === 0 ? 'at once' : say(seconds), note: `by ${metric}`, tone: 'plain'},
  ];
}

/** How soon the alerts that were due fired. */
function alertTiles({alerts = []}: Result): readonly Tile[] {
  const due = alerts.filter(({role, outcome}) => role === 'expected' && outcome !== 'not-due');
  return due.map(({alert, firedSeconds, withinSeconds = 0, verdict}) => ({
    name: 'Time to alert',
    value: firedSeconds?.atMost == null ? 'no alert' : say(firedSeconds.atMost),
    note: `${alert}, ${say(withinSeconds)} allowed`,
    tone: TONES[verdict ?? ''] ?? 'plain',
  }));
}

function recoveryTile({recovery}: Result): readonly Tile[] {
  const {state, tookSeconds, withinSeconds, already} = recovery;
  const name = 'Time to recover';
  const allowed = `${say(withinSeconds)} allowed`;
  if (state === 'not-watched') return [];
  if (state === 'not-recovered') return [{name, value: 'not back', note: allowed, tone: 'bad'}];
  if (state === 'unknown') return [{name, value: 'not known', note: allowed, tone: 'unsure'}];
  if (already !== undefined || tookSeconds === null)
    return [{name, value: 'none needed', note: 'it was not away when the fault ended', tone: 'good'}];
  const [atLeast, atMost] = tookSeconds;
  const late = atMost > withinSeconds;
  const note = `${recoveryWords({atLeast, atMost})} after the fault, ${allowed}`;
  return [{name, value: say(atMost), note, tone: late ? 'bad' : 'good'}];
}

function lostTile({times: {loads}}: Result): readonly Tile[] {
  if (loads.length === 0) return [];
  const sum = (of: (one: (typeof loads)[number]) => number) => loads.reduce((all, one) => all + of(one), 0);
  const lost = Math.max(0, Math.round(sum(({lost}) => lost.estimate)));
  const sent = count(
    sum(one => one.sent),
    'request',
  );
  return [{name: 'Lost requests', value: String(lost), note: `of ${sent} until it was back`, tone: 'plain'}];
}

function writesTiles({writes = []}: Result): readonly Tile[] {
  return writes.flatMap(({lost, acknowledged, load}) =>
    lost === undefined
      ? []
      : [
          {
            name: 'Lost writes',
            value: areaWords(lost),
            note: `of ${amount(acknowledged ?? 0, 'acknowledged write')} of ${load}`,
            tone: TONES[lost.verdict ?? ''] ?? 'plain',
          },
        ],
  );
}

function budgetTile({times: {budget}}: Result): readonly Tile[] {
  if (budget === null) return [];
  const {spent, windowSeconds, target} = budget;
  const note = `of what ${formatShare(target)} allow in ${say(windowSeconds)}`;
  return [{name: 'Error budget', value: formatShare(Number(spent.toPrecision(2))), note, tone: 'plain'}];
}

/** The figures of the first screen; those that this run has. */
export function tiles(result: Result): readonly Tile[] {
  return [
    ...writesTiles(result),
    ...metricTiles(result),
    ...noticeTile(result),
    ...alertTiles(result),
    ...recoveryTile(result),
    ...lostTile(result),
    ...budgetTile(result),
  ];
}

/** Whether everything that was changed is back, in a few words; undefined where nothing was changed. */
export function safety(result: Result): {readonly text: string; readonly tone: Tone} | undefined {
  if (result.owed.length > 0 || result.exit === 6) return {text: 'Not everything is back', tone: 'bad'};
  if (result.occurrences.every(({confirmedAt}) => confirmedAt === null)) return undefined;
  return {text: 'Everything is back', tone: 'good'};
}

/** Where on the chart of a metric something began or ended: seconds since the start of the run. */
export interface Mark {
  readonly at: number;
  readonly what: 'out' | 'back';
}

/** When a metric left what is allowed, and when it was back, as its findings say. */
export function marksOf(metric: MetricResult, {findings, startedAt}: Result): readonly Mark[] {
  const start = Date.parse(startedAt);
  const seconds = (iso: string) => (Date.parse(iso) - start) / 1000;
  const own = findings.find(finding => finding.metric === metric.name && finding.severity !== 'SEV5');
  if (own === undefined) return [];
  const {from, to} = own.when;
  return [{at: seconds(from), what: 'out'}, ...(to === null ? [] : [{at: seconds(to), what: 'back' as const}])];
}
