import type {LoadSpec} from '../../experiment/experiment.js';
import {pause} from '../../run/stop-switch.js';
import type {LoadSecond} from '../../signals/contract.js';
import {errorsOf} from '../../signals/load/measure.js';
import {
  nextStep,
  searchResult,
  type SearchEnd,
  type SearchPlan,
  type SearchResult,
  type SearchStep,
} from '../../statistics/index.js';
import {searchStep} from '../../verdict/loads/summary.js';
import {measureLoadAlone, type LoadMeasuring} from './measure.js';

/** What a system is given to come to rest between two steps. */
const REST_MS = 500;
/** The first second of a step still shows the step before; a step of fewer seconds cannot spare one. */
const SPARE_FROM = 3;
/** A step in which at least this share of the requests fails, for this many seconds, ends at once. */
const MOST_ERRORS = 0.5;
const FAILING_SECONDS = 2;
/** The draws of the bootstrap: any seed will do, but always the same. */
const SEED = 1;

export interface Search extends Pick<LoadMeasuring, 'clock' | 'reveal' | 'signal'> {
  readonly spec: LoadSpec;
  readonly plan: SearchPlan;
  readonly stepMs: number;
  /** Mono µs after which no further step starts. */
  readonly untilUs: number;
  readonly onStep: (step: SearchStep, number: number) => void;
}

/** The load at one rate that stays the same. */
function atRate(spec: LoadSpec, rate: number): LoadSpec {
  const {stages: _stages, repeat: _repeat, ...rest} = spec;
  return {...rest, rate};
}

/** Says when most requests have failed for long enough. */
function failingWatch(): (second: LoadSecond) => boolean {
  let failing = 0;
  return second => {
    const {events, trials} = errorsOf(second);
    failing = trials > 0 && events >= MOST_ERRORS * trials ? failing + 1 : 0;
    return failing >= FAILING_SECONDS;
  };
}

async function measureStep(search: Search, rate: number): Promise<SearchStep | undefined> {
  const spec = atRate(search.spec, rate);
  const seconds = await measureLoadAlone(spec, search.stepMs, {...search, onSecond: failingWatch()});
  if (seconds.length === 0) return undefined;
  const spared = seconds.length >= SPARE_FROM ? 1 : 0;
  return searchStep(seconds.slice(spared), spec, seconds.slice(0, spared));
}

/**
 * Searches the rate at which a system saturates: every step is a load of its own, and starts when the one before has
 * got its last answer. Ends with what is known when it is stopped or its time is over (`out-of-steps`).
 */
export async function findSaturation(search: Search): Promise<SearchResult> {
  const {clock, plan, signal, untilUs} = search;
  const steps: SearchStep[] = [];
  let end: SearchEnd = 'out-of-steps';
  while (!signal.aborted && clock.mono() < untilUs) {
    const next = nextStep(plan, steps);
    if (next.kind === 'done') {
      end = next.end;
      break;
    }
    const step = await measureStep(search, next.rate);
    if (step === undefined) break;
    steps.push(step);
    search.onStep(step, steps.length);
    await pause(clock, REST_MS, signal);
  }
  return searchResult(steps, end, SEED);
}
