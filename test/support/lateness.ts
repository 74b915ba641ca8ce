import {monitorEventLoopDelay} from 'node:perf_hooks';

/** In what a test measures so many processes and timers one after the other wait for their turn. */
const TURNS = 6;

/**
 * How much longer than on a quiet machine something may take, ms: a busy machine is late with everything, and how late
 * is measured by the timers of the test itself, since it began. To be called once, where the tests are described.
 */
export function watchLateness(): () => number {
  const delays = monitorEventLoopDelay({resolution: 2});
  beforeEach(() => {
    delays.reset();
    delays.enable();
  });
  afterEach(() => void delays.disable());
  return () => (TURNS * delays.max) / 1e6;
}

/**
 * The least of several measurements; as soon as one is below `enough`, that one. What is slow by itself is slow each
 * time, a busy machine only sometimes.
 */
export async function quickest(measure: () => Promise<number>, enough: number): Promise<number> {
  let least = Infinity;
  for (let tries = 0; tries < 50 && least >= enough; tries++) least = Math.min(least, await measure());
  return least;
}
