import {quantileOf, mergeHistograms} from '../../quantities/histogram.js';
import {formatShare} from '../../quantities/share.js';
import type {LoadSecond} from '../../signals/contract.js';
import {timedIn} from '../../signals/load/measure.js';
import {quantity} from '../phrase.js';

/** What the generator of a load did over some seconds of it, apart from what the target did. */
export interface GeneratorFigures {
  readonly intended: number;
  readonly sent: number;
  /** Requests per second that were really sent. */
  readonly achievedPerSecond: number;
  /** Quantiles of (actual send − intended send), µs; null when nothing was sent. */
  readonly lagP50Us: number | null;
  readonly lagP99Us: number | null;
  /**
   * Variance over mean of the number of sends per 10 ms, weighted by sends, and of the moments they were due; null when
   * it is not on record.
   */
  readonly dispersion: {readonly sent: number; readonly planned: number} | null;
}

/** Why the generator, not the target, decides what these seconds show. */
export interface GeneratorLimit {
  /** `late`: requests left too late; `unsent`: too few left at all. */
  readonly kind: 'late' | 'unsent';
  /** One sentence, with `generator-limited` and the figures in it. */
  readonly why: string;
}

/** Below this share of the intended requests the generator, not the target, decides what is seen. */
export const MIN_SENT = 0.95;
/** Lateness that does not matter, whatever the latencies are, µs. */
const FINE_LAG_US = 5000;
/** Lateness that does not matter, as a share of the 99th percentile of the latencies it is a part of. */
const FINE_LAG_SHARE = 0.1;

/** Records of older versions have one quantile a second: the middle one stands for all. */
function oldLag(seconds: readonly LoadSecond[]): number | null {
  const lags = seconds.filter(({sent}) => sent > 0).map(({lagP99}) => lagP99);
  return lags.sort((a, b) => a - b)[Math.floor(lags.length / 2)] ?? null;
}

function dispersionOf(seconds: readonly LoadSecond[]): GeneratorFigures['dispersion'] {
  const known = seconds.flatMap(({dispersion, sent}) =>
    dispersion === undefined ? [] : [{...dispersion, weight: sent}],
  );
  const all = known.reduce((sum, {weight}) => sum + weight, 0);
  if (all === 0) return null;
  const mean = (of: 'sent' | 'planned') => known.reduce((sum, one) => sum + one[of] * one.weight, 0) / all;
  return {sent: mean('sent'), planned: mean('planned')};
}

/** Of the whole load: lateness does not depend on which of its requests a metric counts. */
export function generatorFigures(seconds: readonly LoadSecond[]): GeneratorFigures {
  const sent = seconds.reduce((sum, second) => sum + second.sent, 0);
  const lags = mergeHistograms(seconds.flatMap(({lags}) => (lags === undefined ? [] : [lags])));
  return {
    intended: seconds.reduce((sum, second) => sum + second.intended, 0),
    sent,
    achievedPerSecond: seconds.length === 0 ? 0 : sent / seconds.length,
    lagP50Us: quantileOf(lags, 0.5),
    lagP99Us: quantileOf(lags, 0.99) ?? oldLag(seconds),
    dispersion: dispersionOf(seconds),
  };
}

/** The largest 99th percentile of lateness with which latencies like these still tell about the target, µs. */
function fineLagUs(seconds: readonly LoadSecond[]): number {
  const p99 = quantileOf(mergeHistograms(seconds.flatMap(timedIn)), 0.99) ?? 0;
  return Math.max(FINE_LAG_US, FINE_LAG_SHARE * p99);
}

/** Why the requests left too late for these latencies to be the target's; undefined when they did not. */
export function lateness(seconds: readonly LoadSecond[]): string | undefined {
  const {lagP99Us} = generatorFigures(seconds);
  const fineUs = fineLagUs(seconds);
  if (lagP99Us === null || lagP99Us <= fineUs) return undefined;
  const [lag = '', fine = ''] = [lagP99Us, fineUs].map(us => quantity(us / 1000, 'ms'));
  return `generator-limited: 1% of the requests left ${lag} late or later, up to ${fine} would be fine`;
}

/** How many requests could not be sent, when that are too many; undefined when it is not. */
export function shortfall(seconds: readonly LoadSecond[]): string | undefined {
  const {intended, sent} = generatorFigures(seconds);
  if (sent >= intended * MIN_SENT) return undefined;
  return `generator-limited: the generator sent ${sent} of ${intended} intended requests (${formatShare(sent / intended)})`;
}

/**
 * Whether what these seconds of a load show is limited by the generator instead of the target: it sent under 95 % of
 * what was intended, or the 99th percentile of its lateness is above 5 ms and above a tenth of the 99th percentile of
 * the measured latencies (which count from the intended moments, so they hold the lateness). Undefined when it is not.
 *
 * What it voids: with `unsent` nothing can be proven to hold. With `late`, latencies look worse than they are: a
 * latency that is too high, or has risen, is not proven to be the target's; one that is fine all the same is.
 */
export function generatorLimited(seconds: readonly LoadSecond[]): GeneratorLimit | undefined {
  const short = shortfall(seconds);
  if (short !== undefined) return {kind: 'unsent', why: short};
  const late = lateness(seconds);
  return late === undefined ? undefined : {kind: 'late', why: late};
}
