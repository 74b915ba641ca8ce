import {sayChange} from '../../verdict/change.js';
import {quantity} from '../../verdict/phrase.js';
import type {ChangeResult, MetricResult, Result, Verdict} from '../../verdict/result.js';
import {shownValues} from '../../verdict/shown.js';
import {say} from '../../verdict/time.js';
import {changeOf} from '../of-result.js';

type Terms = ChangeResult['of'] | 'seconds';

/** What one run says of a figure, before it is held against another. */
export interface RawFigure {
  readonly run: string;
  readonly value: string;
  readonly verdict: Verdict | null;
  readonly compared: string;
  readonly surely: string;
  readonly of: Terms | null;
  readonly limits: {readonly estimate: number; readonly lower: number; readonly upper: number} | null;
}

/** One thing that all runs are compared by. */
export interface Section {
  readonly name: string;
  readonly kind: 'metric' | 'lost requests' | 'time';
  /** What is compared. */
  readonly what: string;
  readonly worse: 'higher' | 'lower' | 'either';
  /** Its limits are two samples between which it happened, not limits of confidence. */
  readonly bracket: boolean;
  /** A number in its terms, in words. */
  readonly say: (value: number, of: Terms) => string;
  readonly figures: readonly RawFigure[];
}

const NONE_NEEDED = 'none needed';
const NOTHING = {verdict: null, compared: '–', surely: '–', of: null, limits: null} as const;

function numbers({estimate, lower, upper}: Pick<ChangeResult, 'estimate' | 'lower' | 'upper'>) {
  return {estimate: estimate ?? Infinity, lower: lower ?? -Infinity, upper: upper ?? Infinity};
}

/** A change in short: what a share is of stands above the table, and nothing has no sign. */
function sayShort(value: number, of: ChangeResult['of'], metric: Pick<MetricResult, 'unit'>): string {
  return sayChange(value, of, metric)
    .replace(' of the requests', '')
    .replace(/^[+−]0(?![.\d])/, '0');
}

function metricFigure(run: string, metric: MetricResult | undefined): RawFigure {
  if (metric === undefined) return {run, value: 'not measured', ...NOTHING};
  const {before, during} = shownValues(metric);
  const shown = (value: number | null) => (value === null ? '–' : quantity(value, metric.unit));
  const value = `${shown(before)} → ${shown(during)}`;
  const change = changeOf(metric);
  if (change === undefined) return {run, value, ...NOTHING, verdict: metric.verdict};
  const limits = numbers(change);
  const words = (amount: number) => (amount === Infinity ? 'no limit' : sayShort(amount, change.of, metric));
  return {
    run,
    value,
    verdict: metric.verdict,
    compared: sayShort(limits.estimate, change.of, metric),
    surely: `${words(limits.lower)} to ${words(limits.upper)}`,
    of: change.of,
    limits,
  };
}

function whatOf(metric: MetricResult): string {
  const shares = changeOf(metric)?.of === 'share';
  return `change against the baseline of the run${shares ? ', in percent of the requests' : ''}`;
}

function metricSections(results: readonly Result[]): readonly Section[] {
  const all = results.flatMap(({metrics}) => metrics);
  const first = new Map(all.map(metric => [metric.name, all.find(({name}) => name === metric.name) ?? metric]));
  return [...first.values()].map(metric => ({
    name: metric.name,
    kind: 'metric',
    what: whatOf(metric),
    worse: metric.worse,
    bracket: false,
    say: (value, of) => sayShort(value, of === 'seconds' ? 'unit' : of, metric),
    figures: results.map(({run, metrics}) =>
      metricFigure(
        run,
        metrics.find(({name, unit}) => name === metric.name && unit === metric.unit),
      ),
    ),
  }));
}

const sayShare = (value: number) => sayShort(value, 'share', {unit: 'ratio'});

function lostFigure({run, times}: Result, load: string): RawFigure {
  const own = times.loads.filter(one => one.load === load);
  const sum = (of: (one: (typeof own)[number]) => number) => own.reduce((all, one) => all + of(one), 0);
  const sent = sum(one => one.sent);
  if (sent === 0) return {run, value: '–', ...NOTHING};
  const share = (of: 'estimate' | 'lower' | 'upper') => sum(({lost}) => lost[of]) / sent;
  const limits = {estimate: share('estimate'), lower: share('lower'), upper: share('upper')};
  return {
    run,
    value: `${Math.max(0, Math.round(limits.estimate * sent))} of ${sent}`,
    verdict: null,
    compared: sayShare(limits.estimate),
    surely: `${sayShare(limits.lower)} to ${sayShare(limits.upper)}`,
    of: 'share',
    limits,
  };
}

function lostSections(results: readonly Result[]): readonly Section[] {
  const loads = new Set(results.flatMap(({times}) => times.loads.map(({load}) => load)));
  return [...loads].map(load => ({
    name: loads.size === 1 ? 'lost requests' : `lost requests of ${load}`,
    kind: 'lost requests',
    what: 'in percent of the requests that were sent until it was back',
    worse: 'higher',
    bracket: false,
    say: sayShare,
    figures: results.map(result => lostFigure(result, load)),
  }));
}

type Span = readonly [number, number];

function timeFigure(run: string, [lower, upper]: Span, none: string): RawFigure {
  const longer = upper === Infinity;
  const value = upper === 0 ? none : longer ? `longer than ${say(lower)}` : say(upper);
  const surely = longer || say(lower) === say(upper) ? value : `${say(lower)} to ${say(upper)}`;
  return {run, value, verdict: null, compared: value, surely, of: 'seconds', limits: {estimate: upper, lower, upper}};
}

/**
 * When the metric that left what is allowed first began to, and when that was proven: seconds after the injection.
 * Where only the tolerance saw it, it began at that moment at the latest.
 */
function noticeFigure({run, detected, times}: Result): RawFigure {
  if (detected === undefined) return {run, value: 'not seen', ...NOTHING};
  const onset = times.metrics.find(({metric, onset}) => metric === detected.metric && onset !== null)?.onset;
  const span: Span = onset == null ? [0, detected.seconds] : [Math.max(0, onset[0]), onset[1]];
  return timeFigure(run, span, 'at once');
}

function recoveryFigure({run, recovery, intervals}: Result): RawFigure {
  const {state, already, tookSeconds} = recovery;
  if (state === 'not-watched') return {run, value: 'not watched', ...NOTHING};
  if (state === 'unknown' || (tookSeconds === null && state === 'recovered' && already === undefined)) {
    return {run, value: 'not known', ...NOTHING};
  }
  if (state === 'not-recovered') {
    const watched = intervals.filter(({kind}) => kind === 'recovery').map(({from, to}) => to - from);
    return timeFigure(run, [Math.max(0, ...watched), Infinity], NONE_NEEDED);
  }
  return timeFigure(run, already === undefined && tookSeconds !== null ? tookSeconds : [0, 0], NONE_NEEDED);
}

function timeSections(results: readonly Result[]): readonly Section[] {
  const time = (name: string, what: string, of: (result: Result) => RawFigure): Section => ({
    name,
    kind: 'time',
    what,
    worse: 'higher',
    bracket: true,
    say: value => `${value < 0 ? '−' : value > 0 ? '+' : ''}${say(Math.abs(value))}`,
    figures: results.map(of),
  });
  return [
    time('time to notice', 'from the injection until a metric was proven to have left what is allowed', noticeFigure),
    time('time to recover', 'from the end of the fault until the steady state was back', recoveryFigure),
  ];
}

/** Everything that runs are compared by, in the order in which it is told. */
export function sectionsOf(results: readonly Result[]): readonly Section[] {
  return [...metricSections(results), ...lostSections(results), ...timeSections(results)];
}
