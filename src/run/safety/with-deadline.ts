import type {Clock} from '../../system/clock.js';

/**
 * The work's answer, or `late()` once it has taken too long. The work itself goes on: a mutation in flight is never
 * aborted.
 */
export async function withDeadline<T>(
  clock: Pick<Clock, 'sleep'>,
  ms: number,
  work: Promise<T>,
  late: () => T,
): Promise<T> {
  const answered = new AbortController();
  try {
    return await Promise.race([work, clock.sleep(ms, answered.signal).then(late)]);
  } finally {
    answered.abort();
  }
}
