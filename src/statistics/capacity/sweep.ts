import {FEWEST_RATES} from '../least.js';
import type {Random} from '../../quantities/random.js';
import {meanCapacity, meanThroughput, saturationOf, type CapacityDraws, type SaturationPoints} from './capacity.js';
import type {FlowSecond} from './usl.js';

import {capacityOf, fitScalability} from './usl.js';

/** What a load that sweeps its rate showed in a window. */
export interface Sweep extends SaturationPoints {
  /** Different rates that were offered. */
  readonly levels: number;
}

/** Why a sweep has no capacity. */
export type SweepDoubt = 'nothing-measured' | 'few-levels' | 'not-saturated';

/**
 * Rates that differ by less than this are one level: arrivals at random moments and ramps never have quite the same
 * twice.
 */
const ALIKE = 0.1;
/** Of limits that nobody asks for here. */
const ALPHA = 0.01;
/** At a level of which less than this was answered, the system could not follow. */
const LEAST_ANSWERED = 0.9;

const alike = (rate: number, other: number) => Math.abs(rate - other) <= ALIKE * Math.max(rate, other);

/** Neighbouring seconds at about the same rate, together. */
function visitsOf(seconds: readonly FlowSecond[]): readonly (readonly FlowSecond[])[] {
  const visits: FlowSecond[][] = [];
  for (const second of seconds) {
    const visit = visits.at(-1);
    if (visit?.[0] !== undefined && alike(visit[0].offered, second.offered)) visit.push(second);
    else visits.push([second]);
  }
  return visits;
}

function levelsOf(seconds: readonly FlowSecond[]): number {
  const rates = seconds.map(({offered}) => offered).filter(rate => rate > 0);
  const levels: number[] = [];
  for (const rate of rates.sort((a, b) => a - b)) {
    const level = levels.at(-1);
    if (level === undefined || !alike(level, rate)) levels.push(rate);
  }
  return levels.length;
}

function couldFollow(visit: readonly FlowSecond[]): boolean {
  const sum = (of: 'offered' | 'throughput') => visit.reduce((total, second) => total + second[of], 0);
  return sum('throughput') >= LEAST_ANSWERED * sum('offered');
}

/** Sorts the seconds of a sweep into those in which the system could follow and those in which it could not. */
export function sweepOf(seconds: readonly FlowSecond[]): Sweep {
  const visits = visitsOf(seconds.filter(({offered, throughput}) => offered > 0 || throughput > 0));
  return {
    below: visits.filter(couldFollow).flat(),
    beyond: visits.filter(visit => !couldFollow(visit)).flat(),
    levels: levelsOf(seconds),
  };
}

/** Why this sweep says nothing about the capacity; undefined when it does. */
export function sweepDoubt({below, beyond, levels}: Sweep): SweepDoubt | undefined {
  if (below.length + beyond.length === 0) return 'nothing-measured';
  if (levels < FEWEST_RATES) return 'few-levels';
  return beyond.length === 0 ? 'not-saturated' : undefined;
}

/**
 * The capacity that a sweep shows: Xmax of the law fitted to its seconds, or, of a system that could not follow at any
 * level, their mean. Undefined for a sweep with a doubt.
 */
export function sweepCapacity(sweep: Sweep, random: Random): CapacityDraws | undefined {
  if (sweepDoubt(sweep) !== undefined) return undefined;
  return sweep.below.length === 0 ? meanCapacity(sweep.beyond, random) : saturationOf(sweep, ALPHA, random)?.throughput;
}

/**
 * The same without its limits; undefined too where no law fits, or one in which more requests always get more answers.
 */
export function sweepEstimate(sweep: Sweep): number | undefined {
  if (sweepDoubt(sweep) !== undefined) return undefined;
  const {below, beyond} = sweep;
  if (below.length === 0) return meanThroughput(beyond);
  const law = fitScalability([...below, ...beyond]);
  const capacity = law === undefined ? Infinity : capacityOf(law);
  return Number.isFinite(capacity) ? capacity : undefined;
}
