import type {MetricSpec} from '../experiment/experiment.js';
import {seededRandom} from '../quantities/random.js';
import {formatShare} from '../quantities/share.js';
import {errorsOf, latenciesOf, measureLoad, QUANTILES} from '../signals/load/measure.js';
import type {LoadSecond} from '../signals/contract.js';
import {
  loadOf,
  samplesIn,
  SECOND_US,
  seriesOf,
  wholeSecondsIn,
  type MeasuredData,
  type Span,
} from './judgement/data.js';
import {
  binned,
  compareCounts,
  compareQuantiles,
  drawQuantile,
  effectOf,
  type Bins,
  type Effect,
} from './judgement/index.js';
import {measureOf} from './judgement/load-window.js';
import {quantity} from './phrase.js';
import type {ChangeResult} from './result.js';

/** Each limit may be wrong in one of a hundred runs. */
const ALPHA = 0.01;
/** Fewer seconds in one of the windows than this are no ground for an interval. */
const MIN_SECONDS = 8;
/** The draws of the bootstrap: any seed will do, but always the same. */
const SEED = 1;

interface Figures extends Pick<ChangeResult, 'of' | 'cliffsDelta' | 'detectable'> {
  /** Infinite where so many requests got no answer that the quantile falls among them. */
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

interface Windows {
  readonly baseline: Span;
  readonly fault: Span;
}

/** JSON has no infinity. */
const finite = (value: number) => (Number.isFinite(value) ? value : null);

function fromEffect(effect: Effect | undefined): Figures | undefined {
  if (effect === undefined) return undefined;
  const {relative, absolute, detectable, cliffsDelta} = effect;
  const {estimate, lower, upper} = relative ?? absolute;
  const of = relative === null ? 'unit' : 'relative';
  return {of, estimate, lower, upper, cliffsDelta, detectable: relative === null ? null : detectable};
}

function ofBins(baseline: Bins, fault: Bins): Figures | undefined {
  return fromEffect(effectOf(baseline, fault, {alpha: ALPHA}));
}

function ofErrors(baseline: readonly LoadSecond[], fault: readonly LoadSecond[]): Figures | undefined {
  const effect = compareCounts(baseline.map(errorsOf), fault.map(errorsOf), ALPHA);
  if (effect === undefined) return undefined;
  const {estimate, lower} = effect.difference;
  return {of: 'share', estimate, lower, upper: effect.provenUpper, cliffsDelta: null, detectable: null};
}

function ofQuantile(baseline: readonly LoadSecond[], fault: readonly LoadSecond[], q: number): Figures | undefined {
  const random = seededRandom(SEED);
  const before = drawQuantile(baseline.map(latenciesOf), q, random);
  const after = drawQuantile(fault.map(latenciesOf), q, random);
  const relative = before && after && compareQuantiles(before, after, ALPHA)?.relative;
  if (relative === undefined) return undefined;
  return {of: 'relative', ...relative, cliffsDelta: null, detectable: null};
}

function ofLoad(metric: MetricSpec, {loads}: MeasuredData, windows: Windows): Figures | undefined {
  const [baseline, fault] = [windows.baseline, windows.fault].map(span => wholeSecondsIn(loadOf(metric), loads, span));
  const measure = measureOf(metric);
  if (baseline === undefined || fault === undefined || measure === undefined) return undefined;
  if (Math.min(baseline.length, fault.length) < MIN_SECONDS) return undefined;
  if (measure === 'errors.ratio' || measure === 'errors.rate') return ofErrors(baseline, fault);
  if (measure in QUANTILES && measure !== 'latency.max') {
    return ofQuantile(baseline, fault, QUANTILES[measure as keyof typeof QUANTILES]);
  }
  const perSecond = (seconds: readonly LoadSecond[]) => seconds.map(second => measureLoad([second], measure).value);
  return ofBins(perSecond(baseline), perSecond(fault));
}

function ofSamples(metric: MetricSpec, data: MeasuredData, {baseline, fault}: Windows): Figures | undefined {
  const [only, ...others] = seriesOf(metric, data);
  if (only === undefined || others.length > 0) return undefined;
  const binUs = Math.max(SECOND_US, metric.everyMs * 1000);
  const bins = (span: Span) => binned(samplesIn(only, span), span, binUs);
  const [before, after] = [bins(baseline), bins(fault)];
  return Math.min(before.length, after.length) < MIN_SECONDS ? undefined : ofBins(before, after);
}

function words({of, estimate, lower, upper, detectable}: Figures, metric: MetricSpec): string {
  const say = (value: number) => {
    if (!Number.isFinite(value)) return 'beyond every limit';
    const size = of === 'unit' ? quantity(Math.abs(value), metric.unit) : formatShare(Math.abs(value));
    return `${value < 0 ? '−' : '+'}${size}${of === 'share' ? ' of the requests' : ''}`;
  };
  const range = `${say(lower)} to ${say(upper)}`;
  if (lower > 0 || upper < 0) return `Against the baseline: ${say(estimate)} (surely ${range}).`;
  const seen = detectable === null ? '' : `; a change of ${formatShare(detectable)} would have been seen`;
  return `Against the baseline: no proven change (${range}${seen}).`;
}

/**
 * How a metric in one fault window differs from the baseline, with an interval: quantiles and errors over all requests, everything else over
 * seconds. Undefined where there is too little to say, or where several subjects have series of their own.
 */
export function changeOf(metric: MetricSpec, data: MeasuredData, windows: Windows): ChangeResult | undefined {
  const figures = metric.source === 'load' ? ofLoad(metric, data, windows) : ofSamples(metric, data, windows);
  if (figures === undefined) return undefined;
  const {estimate, lower, upper} = figures;
  const text = words(figures, metric);
  return {...figures, estimate: finite(estimate), lower: finite(lower), upper: finite(upper), text};
}
