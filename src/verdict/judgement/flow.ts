import {bucketMiddle} from '../../quantities/histogram.js';
import type {LoadSecond} from '../../signals/contract.js';
import {SECOND_US} from '../../quantities/duration.js';
import type {FlowSecond} from '../../statistics/capacity/usl.js';

/** Requests that were never on their way, or were torn down by the generator. */
const NOT_ASKED = new Set(['unsent', 'aborted']);

/** ∫ min(L, t) dt from 0 to y: what is needed to spread a request over the seconds it was in flight. */
function held(y: number, latency: number): number {
  if (y <= 0) return 0;
  return y <= latency ? (y * y) / 2 : latency * (y - latency / 2);
}

/**
 * Mean time (s) that a request is in flight up to `x` seconds after the start of the second in which it was due. When
 * exactly it was due is not on record: any moment of that second is as likely as another.
 */
function heldUntil(x: number, latency: number): number {
  return held(x, latency) - held(x - 1, latency);
}

/**
 * How many requests were answered well in each second, and how many were in flight on average, from seconds that count
 * requests by when they were due. Over several seconds both are right within a few percent, also while a queue grows.
 * The seconds of one load, in order.
 */
export function flowOf(seconds: readonly LoadSecond[]): readonly FlowSecond[] {
  const first = seconds[0]?.at ?? 0;
  const numberOf = (second: LoadSecond) => Math.round((second.at - first) / SECOND_US);
  const size = Math.max(-1, ...seconds.map(numberOf)) + 1;
  const answered = new Float64Array(size);
  const inFlight = new Float64Array(size);
  const add = (to: Float64Array, number: number, amount: number) => {
    if (number < size) to[number] = (to[number] ?? 0) + amount;
  };
  for (const second of seconds) {
    const number = numberOf(second);
    for (const [outcome, histogram] of Object.entries(second.outcomes)) {
      if (NOT_ASKED.has(outcome)) continue;
      for (const [bucket, count] of histogram) {
        const latency = bucketMiddle(bucket) / SECOND_US;
        const whole = Math.floor(latency);
        if (outcome === 'ok') {
          add(answered, number + whole, count * (1 - (latency - whole)));
          add(answered, number + whole + 1, count * (latency - whole));
        }
        for (let k = 0; k <= whole + 1 && number + k < size; k++) {
          add(inFlight, number + k, count * (heldUntil(k + 1, latency) - heldUntil(k, latency)));
        }
      }
    }
  }
  return seconds.map(second => {
    const number = numberOf(second);
    const throughput = answered[number] ?? 0;
    return {at: second.at, offered: second.intended, throughput, concurrency: inFlight[number] ?? 0};
  });
}
