import {SECOND_US} from '../../quantities/duration.js';

/** Arrivals are counted by so many µs. */
const BIN_US = 10_000;

/** Something for every second of which something is known, until it is taken out. */
export class BySecond<T> {
  private readonly all = new Map<number, T>();
  /** That of the second that was asked for last: mostly the next one is the same. */
  private last: readonly [second: number, value: T | undefined] = [-1, undefined];

  constructor(private readonly fresh: () => T) {}

  get newest(): number {
    return Math.max(-1, ...this.all.keys());
  }

  /** `us` since the start. */
  at(us: number): T {
    const second = Math.floor(us / SECOND_US);
    const [lastSecond, last] = this.last;
    if (second === lastSecond && last !== undefined) return last;
    const value = this.all.get(second) ?? this.fresh();
    this.all.set(second, value);
    this.last = [second, value];
    return value;
  }

  known(second: number): T | undefined {
    return this.all.get(second);
  }

  take(second: number): T | undefined {
    const value = this.all.get(second);
    this.all.delete(second);
    if (second === this.last[0]) this.last = [-1, undefined];
    return value;
  }
}

/** How many of something fell into each bin of every second: the dispersion of arrivals. */
export class BinCounts {
  private readonly seconds = new BySecond(() => new Uint32Array(SECOND_US / BIN_US));

  /** `us` since the start. */
  add(us: number): void {
    const bins = this.seconds.at(us);
    const at = Math.floor((us % SECOND_US) / BIN_US);
    bins[at] = (bins[at] ?? 0) + 1;
  }

  /** Variance over mean; undefined when nothing fell into that second. */
  take(second: number): number | undefined {
    const bins = this.seconds.take(second);
    if (bins === undefined) return undefined;
    const mean = bins.reduce((sum, count) => sum + count, 0) / bins.length;
    return bins.reduce((sum, count) => sum + (count - mean) ** 2, 0) / bins.length / mean;
  }
}
