import {SECOND_US} from '../../quantities/duration.js';
import type {LoadSpec} from '../../experiment/experiment.js';
import {pause} from '../../run/stop-switch.js';
import type {LoadSecond} from '../../signals/contract.js';
import {startLoadThread} from '../../signals/load/thread.js';
import type {Clock} from '../../system/clock.js';

export interface LoadMeasuring {
  readonly clock: Clock;
  readonly reveal: (text: string) => string;
  /** Ends it early; what was measured until then counts. */
  readonly signal: AbortSignal;
  /** Each second as soon as all its requests have an outcome; `true` ends it early. */
  readonly onSecond: (second: LoadSecond) => boolean;
}

/**
 * Runs one load for a time and gives its whole seconds, those of requests that were still in flight at the end
 * included.
 */
export async function measureLoadAlone(
  spec: LoadSpec,
  forMs: number,
  {clock, reveal, signal, onSecond}: LoadMeasuring,
): Promise<readonly LoadSecond[]> {
  const seconds: LoadSecond[] = [];
  const enough = new AbortController();
  const failures: Error[] = [];
  const load = await startLoadThread({
    spec,
    reveal,
    clock,
    onFailure: error => {
      failures.push(error);
      enough.abort();
    },
    onSecond: second => {
      seconds.push(second);
      if (onSecond(second)) enough.abort();
    },
  });
  try {
    await pause(clock, forMs, AbortSignal.any([signal, enough.signal]));
  } finally {
    const endUs = clock.mono();
    await load.stop();
    // The last second was cut short.
    while ((seconds.at(-1)?.at ?? -Infinity) + SECOND_US > endUs) seconds.pop();
  }
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  return seconds;
}
