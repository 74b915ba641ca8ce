import type {MetricSpec, ToleranceSpec} from '../../experiment/experiment.js';
import {FEWEST_SAMPLES} from '../../experiment/least.js';
import {countedAs} from '../../experiment/traits.js';
import {MAX_MISSING} from '../../statistics/least.js';
import {quantity} from '../phrase.js';
import {formatShare} from '../../quantities/share.js';
import type {Series} from '../../record/evidence.js';
import type {OutsideValues, Verdict, WindowDecision, WindowJudgement} from '../result.js';
import {judgeCountedWindow} from './counted-window.js';
import {samplesIn, seriesOf, type MeasuredData, type Span} from './data.js';
import {numberOf} from '../../statistics/series/bins.js';
import {outsideValues} from './outside.js';
import {judgeLoadWindow} from './load-window.js';
import {describeBounds, isWithin} from './tolerance.js';

const RANK: Readonly<Record<Verdict, number>> = {deviated: 0, inconclusive: 1, held: 2};

function median(values: readonly number[]): number | null {
  // Numbers in an array of their own sort several times faster: a window may hold an hour at 10 Hz.
  const sorted = Float64Array.from(values).sort();
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.ceil(sorted.length / 2) - 1];
  return high === undefined || low === undefined ? null : (high + low) / 2;
}

/** The longest row of samples outside the tolerance; those without a value do not end it. */
function longestRow(bounds: ToleranceSpec, values: readonly (number | null)[]): number {
  let row = 0;
  let longest = 0;
  for (const value of values) {
    if (value === null) continue;
    row = isWithin(value, bounds) ? 0 : row + 1;
    longest = Math.max(longest, row);
  }
  return longest;
}

function decide(
  metric: MetricSpec,
  values: readonly (number | null)[],
  firstReason: string | undefined,
): WindowDecision & Pick<WindowJudgement, 'outside'> {
  const {tolerance, unit} = metric;
  const numbers = values.filter(value => value !== null);
  const reason = firstReason === undefined ? '' : ` (${firstReason})`;
  if (tolerance === undefined) {
    return {withinTolerance: null, verdict: null, why: `${numbers.length} samples`};
  }
  const outside = outsideValues(numbers, tolerance);
  const decision = decideSamples(tolerance, {values, numbers, outside, reason, unit});
  return outside === undefined ? decision : {...decision, outside};
}

interface SampledWindow {
  readonly values: readonly (number | null)[];
  /** Those of the values that are numbers. */
  readonly numbers: readonly number[];
  readonly outside: OutsideValues | undefined;
  /** Why the first one without a value has none, in brackets; empty where that is not known. */
  readonly reason: string;
  readonly unit: MetricSpec['unit'];
}

function decideSamples(
  tolerance: ToleranceSpec,
  {values, numbers, outside, reason, unit}: SampledWindow,
): WindowDecision {
  const missing = values.length - numbers.length;
  const allowed = `allowed ${describeBounds(tolerance, unit)}`;
  const tooManyMissing = missing > values.length * MAX_MISSING;
  const all = outside !== undefined && outside.count === numbers.length && !tooManyMissing;
  if (outside !== undefined && (all || longestRow(tolerance, values) >= 2)) {
    const why = `${outside.count} of ${outside.of} samples outside, the worst ${quantity(outside.worst, unit)}, ${allowed}`;
    return {withinTolerance: false, verdict: 'deviated', why};
  }
  if (tooManyMissing) {
    const why = `${formatShare(missing / values.length)} of the samples have no value${reason}`;
    return {withinTolerance: null, verdict: 'inconclusive', why};
  }
  if (numbers.length < FEWEST_SAMPLES) {
    const why = `${numbers.length} samples are too few to judge by (at least ${FEWEST_SAMPLES})`;
    return {withinTolerance: null, verdict: 'inconclusive', why};
  }
  if (outside !== undefined) {
    const single = outside.count === 1 ? 'a single sample' : `${outside.count} single samples`;
    const why = `near miss: ${single} outside, the worst ${quantity(outside.worst, unit)}, ${allowed}`;
    return {withinTolerance: true, verdict: 'held', why};
  }
  return {withinTolerance: true, verdict: 'held', why: `${numbers.length} samples, all inside: ${allowed}`};
}

function judgeSubject(metric: MetricSpec, series: Series, window: Span): WindowJudgement {
  const samples = samplesIn(series, window);
  const subject = series.subject === undefined ? {} : {subject: series.subject};
  const counted = countedAs(metric);
  if (counted !== undefined) return {...judgeCountedWindow(metric, samples, counted), ...subject};
  const values = samples.map(numberOf);
  const numbers = values.filter(value => value !== null);
  const firstReason = samples.find(sample => numberOf(sample) === null)?.why;
  return {
    value: median(numbers),
    min: numbers.length === 0 ? null : numbers.reduce((a, b) => Math.min(a, b)),
    max: numbers.length === 0 ? null : numbers.reduce((a, b) => Math.max(a, b)),
    samples: numbers.length,
    missing: values.length - numbers.length,
    ...decide(metric, values, firstReason),
    ...subject,
  };
}

function worseOf(metric: MetricSpec, a: WindowJudgement, b: WindowJudgement): WindowJudgement {
  const rankA = a.verdict === null ? 3 : RANK[a.verdict];
  const rankB = b.verdict === null ? 3 : RANK[b.verdict];
  if (rankA !== rankB) return rankA < rankB ? a : b;
  const sign = metric.worse === 'lower' ? -1 : 1;
  return sign * (b.value ?? -Infinity * sign) > sign * (a.value ?? -Infinity * sign) ? b : a;
}

function judgeSamples(metric: MetricSpec, data: MeasuredData, window: Span): WindowJudgement {
  const judged = seriesOf(metric, data).map(series => judgeSubject(metric, series, window));
  const worst = judged.reduce<WindowJudgement | undefined>(
    (worst, next) => (worst === undefined ? next : worseOf(metric, worst, next)),
    undefined,
  );
  if (worst !== undefined) {
    const {subject, why} = worst;
    return judged.length > 1 && subject !== undefined ? {...worst, why: `${subject}: ${why}`} : worst;
  }
  const nothing = {value: null, min: null, max: null, samples: 0, missing: 0, withinTolerance: null};
  return {...nothing, verdict: metric.tolerance === undefined ? null : 'inconclusive', why: 'nothing was measured'};
}

/**
 * Judges one metric over one window against its tolerance: the one place where a verdict about numbers is made. Load
 * metrics are judged over all requests of the window's whole seconds; sampled ones per subject, the worst subject
 * decides: two samples in a row outside (or the only ones) deviate, a single one is a near miss, and too little data is
 * inconclusive; those that are made of counts by all that was counted in the window. Missing data is never inside a
 * tolerance.
 */
export function judgeWindow(metric: MetricSpec, data: MeasuredData, window: Span): WindowJudgement {
  return metric.source === 'load' ? judgeLoadWindow(metric, data, window) : judgeSamples(metric, data, window);
}

/**
 * A fault window as it is judged: it starts only after the metric's `settlesWithin`. Empty when nothing is left of it.
 */
export function settledWindow(metric: MetricSpec, {fromUs, toUs}: Span): Span {
  const settlesUs = (metric.tolerance?.settlesWithinMs ?? 0) * 1000;
  return {fromUs: Math.min(toUs, fromUs + settlesUs), toUs};
}
