import {bucketOf} from '../../src/quantities/histogram.js';
import type {Random} from '../../src/quantities/random.js';
import type {LoadSecond} from '../../src/signals/contract.js';

const US = 1_000_000;

export interface QueuedLoad {
  /** Requests per second, second by second. */
  readonly rates: readonly number[];
  /** How many requests a second the one server answers. */
  readonly capacity: number;
  /** Serving times vary as those of a Poisson process; left out: they are all alike. */
  readonly random?: Random;
  /** Start of the first second, s. */
  readonly from?: number;
}

/** What a single server with a queue makes of an open-loop load, as the load records it, and what it really did. */
export function queuedLoad({rates, capacity, random, from = 0}: QueuedLoad) {
  const requests = rates.flatMap((rate, second) => Array.from({length: rate}, (_, n) => second + (n + 0.5) / rate));
  let free = 0;
  const service = () => (random === undefined ? 1 : -Math.log(1 - random())) / capacity;
  const ends = requests.map(at => (free = Math.max(at, free) + service()));
  const counts = rates.map(() => new Map<number, number>());
  requests.forEach((at, n) => {
    const bucket = bucketOf(((ends[n] ?? 0) - at) * US);
    const own = counts[Math.floor(at)];
    own?.set(bucket, (own.get(bucket) ?? 0) + 1);
  });
  const seconds = rates.map((rate, second): LoadSecond => {
    const ok = [...(counts[second] ?? [])].sort(([a], [b]) => a - b);
    const at = (from + second) * US;
    return {load: 'checkout', at, intended: rate, sent: rate, lagP99: 0, outcomes: {ok}};
  });
  return {seconds, requests, ends};
}

/** Steps of load, each for some seconds, again and again. */
export function sweep(levels: readonly number[], each: number, times: number): readonly number[] {
  return Array.from({length: times}, () => levels.flatMap(rate => Array.from({length: each}, () => rate))).flat();
}
