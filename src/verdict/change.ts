import type {MetricSpec} from '../experiment/experiment.js';
import {seededRandom} from '../quantities/random.js';
import {shortNumber} from '../quantities/number.js';
import {formatShare} from '../quantities/share.js';
import type {MeasuredData} from './judgement/data.js';
import {compare} from '../statistics/decisions/compare.js';
import type {BlockEffect, Comparison, GroupEffect} from '../statistics/decisions/comparison.js';
import type {Effect} from '../statistics/effects/effect.js';
import {fromScale, type Scale} from '../statistics/effects/scale.js';
import {limitsOf} from '../statistics/effects/shift.js';
import {measuredOf, type ComparedWindows} from './judgement/measured.js';
import {quantity} from './phrase.js';
import type {ChangeResult} from './result.js';

/** Each limit may be wrong in one of a hundred runs. */
export const ALPHA = 0.01;
/** Fewer bins in one of the windows than this are no ground for an interval. */
const MIN_BINS = 8;
/** The draws of the bootstrap: any seed will do, but always the same. */
export const SEED = 1;

/** A comparison in the figures that people ask for. */
export interface Figures extends Pick<ChangeResult, 'of' | 'cliffsDelta' | 'detectable'> {
  /**
   * Infinite where so many requests got no answer that the quantile falls among them; limits also where nothing is
   * known.
   */
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  readonly hodgesLehmann: number | null;
  /** Infinite where the method does not count independent values. */
  readonly effective: number;
  /** The typical value without and with the fault, in the metric's unit; for shares: of the requests. */
  readonly from: number;
  readonly to: number;
}

type Limited = Pick<Figures, 'estimate' | 'lower' | 'upper'>;

const BY_REQUEST = {cliffsDelta: null, detectable: null, hodgesLehmann: null, effective: Infinity} as const;

const limited = ({estimate, lower, upper}: Limited): Limited => ({estimate, lower, upper});

/** A difference on a scale: one of logarithms is a change relative to the baseline. */
function onScale({scale, share}: {scale: Scale; share: boolean}, difference: Limited): Limited & Pick<Figures, 'of'> {
  if (share || scale === 'level') return {of: share ? 'share' : 'unit', ...limited(difference)};
  const {estimate, lower, upper} = difference;
  return {of: 'relative', estimate: Math.expm1(estimate), lower: Math.expm1(lower), upper: Math.expm1(upper)};
}

function ofBins({relative, absolute, shift, scale, ...effect}: Effect, effective: number, inUnit: boolean): Figures {
  const told = inUnit ? null : relative;
  return {
    of: told === null ? 'unit' : 'relative',
    ...limited(told ?? absolute),
    cliffsDelta: effect.cliffsDelta,
    detectable: told === null ? null : effect.detectable,
    hodgesLehmann: effect.hodgesLehmann,
    effective,
    from: fromScale(shift.baseline.mean, scale),
    to: fromScale(shift.fault.mean, scale),
  };
}

function ofGroups(effect: GroupEffect, share: boolean, effective: number): Figures {
  const {scale, shift, cliffsDelta, from, to} = effect;
  const change = onScale({scale, share}, {estimate: shift.estimate, ...limitsOf(shift, ALPHA)});
  const detectable = change.of === 'relative' ? Math.expm1(effect.detectable) : null;
  return {...BY_REQUEST, ...change, cliffsDelta, detectable, effective, from, to};
}

function ofBlocks({scale, from, to, ...difference}: BlockEffect, share: boolean): Figures {
  return {...BY_REQUEST, ...onScale({scale, share}, difference), from, to};
}

/** A change relative to a baseline, or as a difference from it. */
function ofRatio(
  {relative, baseline, fault}: {readonly relative: Limited; readonly baseline: number; readonly fault: number},
  inUnit: boolean,
): Figures {
  const of = inUnit ? 'unit' : 'relative';
  const told = (share: number) => (inUnit ? share * baseline : share);
  const {estimate, lower, upper} = relative;
  const change = {of, estimate: told(estimate), lower: told(lower), upper: told(upper)} as const;
  return {...BY_REQUEST, ...change, from: baseline, to: fault};
}

/** The figures of a comparison; `inUnit`: changes as differences in the metric's unit. */
export function figuresOf({effect, effective}: Comparison, inUnit = false): Figures {
  switch (effect.kind) {
    case 'bins':
      return ofBins(effect.of, effective, inUnit);
    case 'counts': {
      const {difference, baseline, fault} = effect.of;
      const change = {of: 'share', ...limited(difference)} as const;
      return {...BY_REQUEST, ...change, from: baseline.events / baseline.trials, to: fault.events / fault.trials};
    }
    case 'latency':
    case 'capacity':
      return ofRatio(effect.of, inUnit);
    case 'groups':
      return ofGroups(effect.of, effect.share, effective);
    case 'blocks':
      return ofBlocks(effect.of, effect.share);
  }
}

/** From this change on percentages are hard to read: it is ten times as much. */
const MANIFOLD = 9;

/** A change with its sign, in its own terms: `+12%`, `53 times`, `−0.4% of the requests`, `+3MiB`. */
export function sayChange(value: number, of: ChangeResult['of'], {unit}: Pick<MetricSpec, 'unit'>): string {
  if (value === -Infinity) return 'no lower limit';
  if (!Number.isFinite(value)) return 'beyond every limit';
  if (of === 'relative' && value >= MANIFOLD) return `${shortNumber(Number((1 + value).toPrecision(2)))} times`;
  const size = of === 'unit' ? quantity(Math.abs(value), unit) : formatShare(Math.abs(value));
  return `${value < 0 ? '−' : '+'}${size}${of === 'share' ? ' of the requests' : ''}`;
}

function words(figures: Figures, {against, metric}: {against: string; metric: Pick<MetricSpec, 'unit'>}): string {
  const {of, estimate, lower, upper, detectable} = figures;
  const say = (value: number) => sayChange(value, of, metric);
  const range = `${say(lower)} to ${say(upper)}`;
  if (lower > 0 || upper < 0) return `${against}: ${say(estimate)} (surely ${range}).`;
  const seen = detectable === null ? '' : `; a change of ${formatShare(detectable)} would have been seen`;
  return `${against}: no proven change (${range}${seen}).`;
}

/** JSON has no infinity. */
export const finite = (value: number) => (Number.isFinite(value) ? value : null);

/** The change as the report tells it: its figures, and a sentence that begins with what it is against. */
export function changeResult(figures: Figures, metric: Pick<MetricSpec, 'unit'>, against: string): ChangeResult {
  const {of, estimate, lower, upper, cliffsDelta, detectable, hodgesLehmann, effective} = figures;
  return {
    of,
    estimate: finite(estimate),
    lower: finite(lower),
    upper: finite(upper),
    cliffsDelta,
    detectable,
    hodgesLehmann,
    effective: finite(effective),
    text: words(figures, {against, metric}),
  };
}

/** Whether the windows are long enough for an interval to say anything. */
function isEnough(measured: ReturnType<typeof measuredOf>[number]['of']): boolean {
  if (!('baseline' in measured)) return false;
  return Math.min(measured.baseline.length, measured.fault.length) >= MIN_BINS;
}

/**
 * How a metric in one fault window differs from the baseline, with an interval: quantiles and errors over all requests,
 * everything else over seconds. Undefined where there is too little to say, or where several subjects have series of
 * their own.
 */
export function changeOf(metric: MetricSpec, data: MeasuredData, windows: ComparedWindows): ChangeResult | undefined {
  const [only, ...others] = measuredOf(metric, data, windows);
  if (only === undefined || others.length > 0 || !isEnough(only.of)) return undefined;
  // Nothing is allowed or forbidden here: only the effect is asked for.
  const rules = {worse: 'higher', by: 0, critical: 0, alpha: ALPHA, random: seededRandom(SEED)} as const;
  const comparison = compare(only.of, rules);
  return comparison && changeResult(figuresOf(comparison), metric, 'Against the baseline');
}
