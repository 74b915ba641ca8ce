import {FEWEST_RATES} from '../least.js';
import type {LoadPoint} from './usl.js';

/** What one step of a search for the saturation point measured, at a rate that stayed the same. */
export interface SearchStep extends LoadPoint {
  /** The rate that was asked for, per second. */
  readonly rate: number;
  /** Requests per second that were due. */
  readonly offered: number;
  /** ms from when the requests were due; null where so many got no answer that there is none. */
  readonly p99: number | null;
  /** Share of the requests that failed. */
  readonly errors: number;
  /** The generator was too slow: what looks bad in this step may be its fault. */
  readonly limited: boolean;
  /** The same second by second: while a queue grows, each of them is another point of the law. */
  readonly points: readonly LoadPoint[];
}

export interface SearchPlan {
  /** The first rate and the highest allowed one, per second. */
  readonly from: number;
  readonly to: number;
  readonly maxSteps: number;
}

/**
 * Why a search ended: the saturation point is `found`; everything up to the highest allowed rate was answered
 * (`not-reached`); the generator could send no more (`limited`); even the lowest rates were too much (`never-fine`); or
 * its steps were used up (`out-of-steps`).
 */
export type SearchEnd = 'found' | 'not-reached' | 'limited' | 'never-fine' | 'out-of-steps';

export type Next = {readonly kind: 'measure'; readonly rate: number} | {readonly kind: 'done'; readonly end: SearchEnd};

/** Between which rates the system saturates; `above` is undefined where no rate was too much. */
export interface Knee {
  /** The highest rate that was answered in time. */
  readonly below: number | undefined;
  /** The lowest rate above it that was not. */
  readonly above: number | undefined;
}

/** How much one step is above the one before. */
const GROWTH = 1.5;
/** Less than this share of what was due is answered: the system cannot follow. */
const LEAST_ANSWERED = 0.98;
/** A 99th percentile above this many times that of low load, and by at least so many ms, is one of a queue. */
const MOST_SLOWDOWN = 3;
const LEAST_SLOWDOWN_MS = 5;
/** More failures than this, and no step goes higher. */
const MOST_ERRORS = 0.5;
/** How often the gap between the last rate that was fine and the first that was not is halved. */
const HALVINGS = 2;
/** How often a rate is tried that the generator cannot hold: this machine may have been busy for a moment. */
const MOST_TRIES = 3;
/** How often the rate is lowered when the first one was too much already. */
const MOST_DESCENTS = 6;

const byRate = (a: SearchStep, b: SearchStep) => a.rate - b.rate;

/**
 * The slowest 99th percentile that is no sign of a queue, ms: by the lowest rate at which the generator was on time.
 */
function slowestFine(steps: readonly SearchStep[]): number {
  const [lowest] = steps.filter(({limited, offered}) => !limited && offered > 0).sort(byRate);
  const p99 = lowest?.p99 ?? null;
  return p99 === null ? Infinity : Math.max(MOST_SLOWDOWN * p99, p99 + LEAST_SLOWDOWN_MS);
}

/**
 * Whether the system could not follow in this step: too few answers, or a queue, in comparison with the lowest rate.
 */
export function isSaturated(step: SearchStep, steps: readonly SearchStep[]): boolean {
  return step.throughput < LEAST_ANSWERED * step.offered || (step.p99 ?? Infinity) > slowestFine(steps);
}

/**
 * Steps that say something about the system. A late generator makes a system look slower than it is: one that looks
 * good all the same is good.
 */
export function usable(steps: readonly SearchStep[]): readonly SearchStep[] {
  return steps.filter(step => step.offered > 0 && !(step.limited && isSaturated(step, steps)));
}

/** The rates between which the system saturates, as far as it is known by now. */
export function kneeOf(steps: readonly SearchStep[]): Knee {
  const known = usable(steps);
  const fine = known.filter(step => !isSaturated(step, known)).map(({rate}) => rate);
  const below = fine.length === 0 ? undefined : Math.max(...fine);
  const above = known.map(({rate}) => rate).filter(rate => rate > (below ?? 0));
  return {below, above: above.length === 0 ? undefined : Math.min(...above)};
}

/** A rate that people can read: three significant digits. */
function round(rate: number): number {
  return Number(rate.toPrecision(3));
}

const middle = (low: number, high: number) => round(Math.sqrt(low * high));

/** Whether the climb is over: two rates were too much, or one was so badly that nobody should go higher. */
function isClimbed(known: readonly SearchStep[], {below = 0}: Knee): boolean {
  const beyond = known.filter(({rate}) => rate > below);
  return beyond.length >= 2 || beyond.some(({errors}) => errors >= MOST_ERRORS);
}

/** The next rate of the climb: above the last one that was fine, or above all where that is known to be too much. */
function higherRate(known: readonly SearchStep[], {below = 0, above = Infinity}: Knee): number {
  const next = round(below * GROWTH);
  return next < above * 0.95 ? next : round(Math.max(...known.map(({rate}) => rate)) * GROWTH);
}

/** The middle of the widest gap between neighbouring rates; undefined when there is none to halve. */
function widestGap(known: readonly SearchStep[]): number | undefined {
  const rates = [...new Set(known.map(({rate}) => rate))].sort((a, b) => a - b);
  const gaps = rates.slice(1).map((high, i) => ({low: rates[i] ?? high, high}));
  const [widest] = gaps.sort((a, b) => b.high / b.low - a.high / a.low);
  if (widest === undefined) return undefined;
  const rate = middle(widest.low, widest.high);
  return rate > widest.low && rate < widest.high ? rate : undefined;
}

/** More rates between those that are known, until a law can be fitted; never a higher one, and none twice. */
function filled(steps: readonly SearchStep[], end: SearchEnd): Next {
  const known = usable(steps);
  const rates = new Set(known.map(({rate}) => rate));
  const rate = rates.size === 1 ? round(Math.min(...rates) / GROWTH) : widestGap(known);
  const enough = rates.size >= FEWEST_RATES || rate === undefined || steps.some(step => step.rate === rate);
  return enough ? {kind: 'done', end} : {kind: 'measure', rate};
}

/** The lowest rate that the generator could not hold however often it was tried; `again`: one to be tried once more. */
function ceilingOf(steps: readonly SearchStep[]): {readonly again?: number; readonly ceiling: number} {
  const known = new Set(usable(steps));
  const failed = steps.filter(step => !known.has(step));
  const tries = (rate: number) => failed.filter(step => step.rate === rate).length;
  const ceiling = Math.min(Infinity, ...failed.map(({rate}) => rate).filter(rate => tries(rate) >= MOST_TRIES));
  const last = steps.at(-1);
  const again = last !== undefined && !known.has(last) && tries(last.rate) < MOST_TRIES;
  return {ceiling, ...(again ? {again: last.rate} : {})};
}

/** Down, until something is little enough. */
function lowered(known: readonly SearchStep[]): Next {
  if (known.length > MOST_DESCENTS) return {kind: 'done', end: 'never-fine'};
  return {kind: 'measure', rate: round(Math.min(...known.map(({rate}) => rate)) / GROWTH ** 2)};
}

/** Halves the gap between the last rate that was fine and the first that was not, `HALVINGS` times. */
function narrowed(known: readonly SearchStep[], {below, above}: Knee): number | undefined {
  if (below === undefined || above === undefined) return undefined;
  const rate = middle(below, above);
  const narrow = above / below <= GROWTH ** (1 / 2 ** HALVINGS) * 1.02;
  return narrow || known.some(step => step.rate === rate) ? undefined : rate;
}

/**
 * Where to measure next in a search for the saturation point: up by half until the system could not follow at two
 * rates, then twice into the middle of the gap, then between the known rates until a law can be fitted. It depends on
 * nothing but what was measured, and goes above `to` never.
 */
export function nextStep({from, to, maxSteps}: SearchPlan, steps: readonly SearchStep[]): Next {
  const known = usable(steps);
  const {again, ceiling} = ceilingOf(steps);
  if (steps.length === 0) return {kind: 'measure', rate: Math.min(round(from), to)};
  if (steps.length >= maxSteps) return {kind: 'done', end: 'out-of-steps'};
  if (again !== undefined) return {kind: 'measure', rate: again};
  if (known.length === 0) return {kind: 'done', end: 'limited'};
  const knee = kneeOf(known);
  if (knee.below === undefined) return lowered(known);
  const higher = Math.min(to, higherRate(known, knee));
  const untried = steps.every(({rate}) => rate !== higher);
  if (!isClimbed(known, knee) && untried && higher < ceiling) return {kind: 'measure', rate: higher};
  const between = narrowed(known, knee);
  if (between !== undefined && between < ceiling) return {kind: 'measure', rate: between};
  if (knee.above !== undefined) return filled(steps, 'found');
  return filled(steps, ceiling < Infinity ? 'limited' : 'not-reached');
}
