import {seededRandom} from '../../quantities/random.js';
import type {ConfidenceLimits} from '../effects/shift.js';
import {saturationOf} from './capacity.js';
import {isSaturated, kneeOf, usable, type Knee, type SearchEnd, type SearchStep} from './search.js';

/** Each limit may be wrong in one of forty searches. */
const ALPHA = 0.025;
/**
 * Shares of the knee between which a system is loaded enough to show a fault, and not so much that its latency is a
 * ramp (5.3).
 */
const ADVISED = [0.5, 0.7] as const;

/** Whether the system could follow; `unknown` where the generator could not. */
export type StepState = 'followed' | 'too-much' | 'unknown';

export interface SearchResult {
  readonly end: SearchEnd;
  readonly knee: Knee;
  /** The highest throughput that was measured, per second. */
  readonly measured: number;
  /**
   * Highest throughput by the fitted law, per second; undefined when the system was not saturated or no law can be
   * fitted.
   */
  readonly capacity: ({readonly estimate: number} & ConfidenceLimits) | undefined;
  /** Requests in flight at the highest throughput; Infinity where more always help a little. */
  readonly concurrency: ({readonly estimate: number} & ConfidenceLimits) | undefined;
  /** Rates to run experiments at. */
  readonly advised: readonly [from: number, to: number] | undefined;
  /** By rate. */
  readonly steps: readonly (SearchStep & {readonly state: StepState})[];
}

function stateOf(step: SearchStep, steps: readonly SearchStep[]): StepState {
  if (!usable(steps).includes(step)) return 'unknown';
  return isSaturated(step, steps) ? 'too-much' : 'followed';
}

/** What a search has found. A system whose saturation was not seen has no capacity: the law would only be prolonged. */
export function searchResult(steps: readonly SearchStep[], end: SearchEnd, seed: number): SearchResult {
  const known = usable(steps);
  const knee = kneeOf(steps);
  const seen = knee.below !== undefined && knee.above !== undefined;
  const pointsOf = (some: readonly SearchStep[]) => some.flatMap(({points}) => points);
  const below = pointsOf(known.filter(step => step.rate <= (knee.below ?? 0)));
  const beyond = pointsOf(known.filter(step => step.rate > (knee.below ?? 0)));
  const saturation = seen ? saturationOf({below, beyond}, ALPHA, seededRandom(seed)) : undefined;
  const advised = (share: number) => Number(((knee.below ?? 0) * share).toPrecision(2));
  return {
    end,
    knee,
    measured: Math.max(0, ...known.map(({throughput}) => throughput)),
    capacity: saturation?.throughput,
    concurrency: saturation?.concurrency,
    advised: knee.below === undefined ? undefined : [advised(ADVISED[0]), advised(ADVISED[1])],
    steps: [...steps].sort((a, b) => a.rate - b.rate).map(step => ({...step, state: stateOf(step, steps)})),
  };
}
