import type {Random} from '../../quantities/random.js';
import type {Verdict} from './verdict.js';
import {detectChange, type Detection} from '../times/detector.js';
import {compare} from './compare.js';
import {directionsOf, isInside, type Comparison, type ComparedDirection} from './comparison.js';
import {doubtsOf, settlesAt} from './doubts.js';
import type {Doubt, JudgedMetric, MetricVerdict} from './metric.js';
import {benjaminiHochberg, holm} from './multiplicity.js';

export interface JudgementRules {
  /** Chance of a false alarm over all primary metrics together, and of a false "held" of each. 0.01. */
  readonly alpha: number;
  readonly random: Random;
}

/** The part of alpha that the detector may use up: means and detector together then stay at about alpha. */
const DETECTOR_SHARE = 0.5;
/** With fewer values the noise itself is not known, so a mean decides nothing. */
const MIN_VALUES = 8;
/**
 * Healthy systems have bursts of some seconds and levels that wander, and one that a short baseline does not happen to
 * show comes during the fault in one of three runs. So a change for a part of the window is proven only when it is
 * large and longer than such bursts, or when the baseline was long enough to show what is usual.
 */
const LONGER_THAN_BURSTS = 15;
const SHOWS_THE_USUAL = 300;
/** False discoveries allowed/** False discoveries allowed among the secondary metrics that are shown. */
const SHOWN_Q = 0.05;

/**
 * What is missing cannot be a deviation, and moving averages, an unsteady baseline or too little traffic can look like
 * one.
 */
const UNRELIABLE: ReadonlySet<Doubt> = new Set([
  'gaps',
  'unsteady-baseline',
  'smoothed',
  'little-traffic',
  'under-sent',
]);

/** A metric with everything that is known of it before the others are looked at. */
interface MetricEvidence {
  readonly metric: JudgedMetric;
  readonly comparison: Comparison | undefined;
  readonly detection: Detection | undefined;
  readonly chance: number;
}

/** Looks for a change in a part of the window; alpha is the chance of a false alarm that this metric may use up. */
function detect({worse}: JudgedMetric, {directions, series}: Comparison, alpha: number): Detection | undefined {
  if (series === undefined) return undefined;
  const found = directionsOf(worse).flatMap((direction, i, all) => {
    const margin = directions[i]?.margin ?? Infinity;
    const detection = detectChange(series.baseline, series.fault, {
      margin,
      sign: direction === 'higher' ? 1 : -1,
      alpha: alpha / all.length,
    });
    return detection !== undefined && detection.beyond > 0 ? [detection] : [];
  });
  return found.sort((a, b) => a.detected - b.detected)[0];
}

function look(metric: JudgedMetric, sharedBy: number, {alpha, random}: JudgementRules): MetricEvidence {
  const {worse, by, critical, absolute} = metric;
  const comparison = compare(metric.measured, {worse, by, critical, absolute, alpha, random});
  if (comparison === undefined) return {metric, comparison, detection: undefined, chance: 1};
  const both = comparison.directions.length;
  return {
    metric,
    comparison,
    detection: detect(metric, comparison, (DETECTOR_SHARE * alpha) / sharedBy),
    chance: Math.min(1, both * Math.min(...comparison.directions.map(({chance}) => chance))),
  };
}

const open = (directions: readonly ComparedDirection[]) => !directions.every(isInside);

/** Whether the interval leaves out what is allowed; not on the ground of a handful of values. */
function provenBeyond(comparison: Comparison | undefined): boolean {
  if (comparison === undefined || comparison.values < MIN_VALUES) return false;
  return comparison.directions.some(({lower, margin}) => lower > margin);
}

/** Whether a change for a part of the window was found that is none of what healthy systems do. */
function isUnlikeTheUsual({comparison, detection}: MetricEvidence): boolean {
  if (detection === undefined) return false;
  const usual = comparison?.series?.baseline ?? [];
  const isLarge = detection.alarm === 'three' && detection.lasted >= LONGER_THAN_BURSTS;
  return isLarge || usual.length >= SHOWS_THE_USUAL;
}

/** Whether what was measured of a deviation may be something else. */
function isDoubtful(doubts: readonly Doubt[], {late}: JudgedMetric): boolean {
  return late === 'during' || late === 'both' || doubts.some(doubt => UNRELIABLE.has(doubt));
}

/** Everything that stands between a metric and a verdict; empty: it held. */
function remaining(
  {metric, comparison, detection}: MetricEvidence,
  doubts: readonly Doubt[],
  proven: Proven,
): readonly Doubt[] {
  const {late} = metric;
  const all: Doubt[] = [...doubts];
  if (proven.lasting || proven.inPart) {
    if (late === 'during' || late === 'both') all.unshift('late-during');
  }
  // An interval wholly beyond what is allowed is not too wide: something else stands in the way.
  if (comparison !== undefined && !proven.lasting && open(comparison.directions)) all.push('wide-interval');
  if (!proven.lasting && !proven.inPart && detection !== undefined) all.push('brief-change');
  if (all.length === 0 && (late === 'before' || late === 'both')) all.push('late-before');
  return all;
}

/** What proves a deviation: the mean of the window, or the detector for a part of it. */
interface Proven {
  readonly lasting: boolean;
  readonly inPart: boolean;
}

function decide(looked: MetricEvidence, rejected: boolean, moved: boolean): MetricVerdict {
  const {metric, comparison, detection} = looked;
  const directions = comparison?.directions ?? [];
  const about = {name: metric.name, primary: metric.primary, comparison, detection, moved};
  const beyond = provenBeyond(comparison);
  const proven = {lasting: beyond && rejected, inPart: isUnlikeTheUsual(looked)};
  const {lasting} = proven;
  const doubts = doubtsOf(metric, comparison, beyond && !rejected);
  if ((lasting || proven.inPart) && !isDoubtful(doubts, metric)) {
    const failed = lasting && directions.some(({lower, critical}) => lower > critical);
    const transient = !directions.some(({estimate, margin}) => estimate > margin);
    const grade = failed ? 'failed' : 'degraded';
    return {...about, verdict: 'deviated', grade, transient, lasting, doubts: [], settles: null};
  }
  const left = remaining(looked, doubts, proven);
  const none = {grade: null, transient: false, lasting: false} as const;
  if (left.length === 0) return {...about, ...none, verdict: 'held', doubts: [], settles: null};
  return {...about, ...none, verdict: 'inconclusive', doubts: left, settles: settlesAt(comparison, left)};
}

/**
 * Judges what a fault did to several metrics. Each ends in one of three ways: `deviated`, proven worse than allowed
 * (Holm over the primary metrics at alpha, or the detector for a part of the window); `held`, proven to be inside what
 * is allowed, each metric at alpha (to hold, all must: no correction is needed); else `inconclusive`, with the reasons
 * and the window that would settle it. Secondary metrics are judged alike at alpha each, and decide nothing.
 */
export function judgeMetrics(metrics: readonly JudgedMetric[], rules: JudgementRules): readonly MetricVerdict[] {
  const sharedBy = Math.max(1, metrics.filter(({primary}) => primary).length);
  const looked = metrics.map(metric => look(metric, metric.primary ? sharedBy : 1, rules));
  const primary = looked.filter(({metric}) => metric.primary);
  const secondary = looked.filter(({metric}) => !metric.primary);
  const rejected = answersFor(primary, chances => holm(chances, rules.alpha));
  const moved = answersFor(secondary, chances => benjaminiHochberg(chances, SHOWN_Q));
  return looked.map(one => decide(one, rejected.get(one) ?? one.chance <= rules.alpha, moved.get(one) ?? false));
}

function answersFor(
  looked: readonly MetricEvidence[],
  answer: (chances: readonly number[]) => readonly boolean[],
): ReadonlyMap<MetricEvidence, boolean> {
  const answers = answer(looked.map(({chance}) => chance));
  return new Map(looked.map((one, i) => [one, answers[i] ?? false]));
}

/**
 * The verdict of an experiment: deviated when a primary metric is, held when all are, else inconclusive; null without
 * primary metrics.
 */
export function overallVerdict(verdicts: readonly MetricVerdict[]): Verdict | null {
  const primary = verdicts.filter(one => one.primary);
  if (primary.length === 0) return null;
  if (primary.some(({verdict}) => verdict === 'deviated')) return 'deviated';
  return primary.every(({verdict}) => verdict === 'held') ? 'held' : 'inconclusive';
}
