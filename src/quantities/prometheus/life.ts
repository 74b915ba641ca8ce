import type {RawSample} from './counter.js';
import type {RawSeries} from './series.js';

/** What is known of the scrapes. All in ms. */
export interface ScrapeTiming {
  /** Now, by the clock of the server. */
  readonly nowMs: number;
  readonly intervalMs: number;
  /** Two samples that are further apart say nothing about the time between them. */
  readonly gapMs: number;
  /** How long after its time stamp a sample may show up. */
  readonly graceMs: number;
}

/** How much longer than the distance of two scrapes the distance of two samples may be: one lost scrape is no gap. */
const GAP = 2.5;
const LONGEST_SCRAPE_MS = 10_000;
const SLACK_MS = 1000;

/**
 * The timing that follows from the distance of two scrapes. A scrape lasts no longer than the distance, and 10 s where
 * nobody said more.
 */
export function timingOf(intervalMs: number, nowMs: number): ScrapeTiming {
  return {nowMs, intervalMs, gapMs: GAP * intervalMs, graceMs: Math.min(intervalMs, LONGEST_SCRAPE_MS) + SLACK_MS};
}

/** One series and what became of it after its last sample. */
export interface Life extends RawSeries {
  /**
   * `present`: its next sample is not due yet. `unseen`: what it is read from cannot be scraped, or nobody knows: it
   * may go on unseen. `ended`: it was scraped without this series, or is no longer scraped at all.
   */
  readonly state: 'present' | 'unseen' | 'ended';
  /** Of `unseen`: `up` says that it cannot be scraped. */
  readonly down?: true;
}

/** What Prometheus itself forgets a series after, where it is not told of its end. */
const FORGOTTEN_AFTER_MS = 300_000;

/**
 * A counter that was not there when its target was scraped last before its first sample has counted from zero since:
 * clients create a counter when it first counts, and without this its first events would be lost. The same after a
 * restart. Without `up` nothing is added.
 */
function withBirths(samples: readonly RawSample[], up: readonly RawSample[], timing: ScrapeTiming): RawSample[] {
  const half = timing.intervalMs / 2;
  return samples.flatMap((sample, i) => {
    const before = samples[i - 1];
    const goesOn = before !== undefined && (sample.atMs - before.atMs <= timing.gapMs || sample.value >= before.value);
    if (goesOn) return [sample];
    // Samples of one scrape may differ a little in time.
    const [fromMs, toMs] = [(before?.atMs ?? -Infinity) + half, sample.atMs - half];
    const without = up.filter(({atMs, value}) => value === 1 && atMs > fromMs && atMs < toMs);
    const born = sample.atMs - (without.at(-1)?.atMs ?? -Infinity) <= timing.gapMs;
    return [...(born ? without.map(({atMs}) => ({atMs, value: 0})) : []), sample];
  });
}

function stateOf(lastMs: number, up: readonly RawSample[], timing: ScrapeTiming): Pick<Life, 'state' | 'down'> {
  const {nowMs, intervalMs, gapMs, graceMs} = timing;
  // What belongs to a newer scrape may not have been there yet when the series were read.
  const settled = (atMs: number) => atMs > lastMs + intervalMs / 2 && atMs <= nowMs - graceMs;
  const newest = up.findLast(({atMs}) => settled(atMs));
  if (newest?.value === 1) return {state: 'ended'};
  const silentMs = nowMs - lastMs;
  if (silentMs <= gapMs + graceMs) return {state: 'present'};
  if (newest !== undefined) return {state: 'unseen', down: true};
  // `up` ends with the series: the target is no longer configured.
  return {state: up.length > 0 || silentMs > FORGOTTEN_AFTER_MS ? 'ended' : 'unseen'};
}

/** Follows one series. `up`: the samples of its target's `up` in the same time; empty where there is none. */
export function lifeOf(
  series: RawSeries,
  up: readonly RawSample[],
  kind: 'counter' | 'gauge',
  timing: ScrapeTiming,
): Life {
  const {samples} = series;
  const lastMs = samples.at(-1)?.atMs ?? -Infinity;
  return {
    ...series,
    samples: kind === 'counter' ? withBirths(samples, up, timing) : samples,
    ...stateOf(lastMs, up, timing),
  };
}

/**
 * Whether `up` has to be asked: the series begins or restarts in the time that was read, or is silent while others
 * (`newestMs`) are not.
 */
export function needsUp(
  {samples}: RawSeries,
  {sinceMs, newestMs, known}: {readonly sinceMs: number; readonly newestMs: number; readonly known: boolean},
  {nowMs, intervalMs, gapMs, graceMs}: ScrapeTiming,
): boolean {
  const first = samples[0]?.atMs ?? -Infinity;
  const last = samples.at(-1)?.atMs ?? -Infinity;
  const begins = !known && first > sinceMs + intervalMs;
  const breaks = samples.some(({atMs}, i) => atMs - (samples[i - 1]?.atMs ?? atMs) > gapMs);
  return begins || breaks || newestMs - last > 1.5 * intervalMs || nowMs - last > intervalMs + graceMs;
}

/** Everything before this is known for good, ms: nothing that comes later can change it. */
export function knownUntil(lives: readonly Life[], {nowMs, graceMs}: ScrapeTiming): number {
  const waiting = lives.filter(({state}) => state === 'present').map(({samples}) => samples.at(-1)?.atMs ?? -Infinity);
  return Math.min(nowMs - (waiting.length === 0 ? graceMs : 0), ...waiting);
}
