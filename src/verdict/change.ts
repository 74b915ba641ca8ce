import type {MetricSpec} from '../experiment/experiment.js';
import {seededRandom} from '../quantities/random.js';
import {formatShare} from '../quantities/share.js';
import type {MeasuredData} from './judgement/data.js';
import type {Measured} from './judgement/decisions/metric.js';
import {compareCounts, compareQuantiles, drawQuantile, effectOf, type Effect} from './judgement/index.js';
import {measuredOf, type Windows} from './judgement/measured.js';
import {quantity} from './phrase.js';
import type {ChangeResult} from './result.js';

/** Each limit may be wrong in one of a hundred runs. */
const ALPHA = 0.01;
/** Fewer bins in one of the windows than this are no ground for an interval. */
const MIN_BINS = 8;
/** The draws of the bootstrap: any seed will do, but always the same. */
const SEED = 1;

interface Figures extends Pick<ChangeResult, 'of' | 'cliffsDelta' | 'detectable'> {
  /** Infinite where so many requests got no answer that the quantile falls among them. */
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
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

function ofErrors({baseline, fault}: Extract<Measured, {kind: 'counts'}>): Figures | undefined {
  const effect = compareCounts(baseline, fault, ALPHA);
  if (effect === undefined) return undefined;
  const {estimate, lower} = effect.difference;
  return {of: 'share', estimate, lower, upper: effect.provenUpper, cliffsDelta: null, detectable: null};
}

function ofQuantile({baseline, fault, quantile}: Extract<Measured, {kind: 'latency'}>): Figures | undefined {
  const random = seededRandom(SEED);
  const before = drawQuantile(baseline, quantile, random);
  const after = drawQuantile(fault, quantile, random);
  const relative = before && after && compareQuantiles(before, after, ALPHA)?.relative;
  if (relative === undefined) return undefined;
  return {of: 'relative', ...relative, cliffsDelta: null, detectable: null};
}

function figuresOf(measured: Measured): Figures | undefined {
  if (Math.min(measured.baseline.length, measured.fault.length) < MIN_BINS) return undefined;
  switch (measured.kind) {
    case 'bins':
      return fromEffect(effectOf(measured.baseline, measured.fault, {alpha: ALPHA}));
    case 'counts':
      return ofErrors(measured);
    case 'latency':
      return ofQuantile(measured);
  }
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
  const [only, ...others] = measuredOf(metric, data, windows);
  if (only === undefined || others.length > 0) return undefined;
  const figures = figuresOf(only.of);
  if (figures === undefined) return undefined;
  const {estimate, lower, upper} = figures;
  const text = words(figures, metric);
  return {...figures, estimate: finite(estimate), lower: finite(lower), upper: finite(upper), text};
}
