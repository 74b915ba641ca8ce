import {bucketOf, quantileOf, type SparseHistogram} from '../../quantities/histogram.js';
import type {LoadSecond} from '../contract.js';
import type {Outcome} from './outcome.js';

const SECOND_US = 1e6;

interface OpenSecond {
  intended: number;
  sent: number;
  /** Requests whose outcome is not known yet. */
  waiting: number;
  readonly lags: Map<number, number>;
  readonly outcomes: Map<Outcome, Map<number, number>>;
}

const empty = (): OpenSecond => ({intended: 0, sent: 0, waiting: 0, lags: new Map(), outcomes: new Map()});

function add(counts: Map<number, number>, us: number): void {
  const bucket = bucketOf(us);
  counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
}

function sparse(counts: ReadonlyMap<number, number>): SparseHistogram {
  return [...counts].sort(([a], [b]) => a - b);
}

/**
 * Gathers requests into seconds by their intended time and emits each second, in order, once it is over and every request in
 * it has an outcome. Every request that was intended ends up in exactly one outcome of its own second.
 */
export class LoadRecorder {
  private readonly open = new Map<number, OpenSecond>();
  /** Number of the next second to emit. */
  private next = 0;
  private ok = 0;

  /** `start`: mono µs of the first request. */
  constructor(
    private readonly load: string,
    private readonly start: number,
    private readonly emit: (second: LoadSecond) => void,
  ) {}

  /** Requests with the outcome `ok` so far. */
  get accepted(): number {
    return this.ok;
  }

  /** A request is due at `intended` (mono µs). Exactly one `ended` must follow. */
  intend(intended: number): void {
    const second = this.second(intended);
    second.intended++;
    second.waiting++;
  }

  /** It was really handed to the network at `now`. */
  sent(intended: number, now: number): void {
    const second = this.second(intended);
    second.sent++;
    add(second.lags, now - intended);
  }

  /** It has its outcome at `now`. An `unsent` one never left this machine, even if `sent` was called for it before. */
  ended(intended: number, outcome: Outcome, now: number): void {
    const second = this.second(intended);
    const counts = second.outcomes.get(outcome) ?? new Map<number, number>();
    second.outcomes.set(outcome, counts);
    add(counts, outcome === 'unsent' ? 0 : now - intended);
    second.waiting--;
    if (outcome === 'ok') this.ok++;
  }

  /** A request that was handed over never left this machine after all. */
  takeBack(intended: number): void {
    this.second(intended).sent--;
  }

  /** Emits the seconds that are complete. `until`: mono µs up to which every due request has been intended. */
  flush(until: number): void {
    for (;;) {
      const end = this.start + (this.next + 1) * SECOND_US;
      const second = this.open.get(this.next);
      if (until < end || (second !== undefined && second.waiting > 0)) return;
      this.emitNext(second);
    }
  }

  /** Emits all that is left, the last second too, although it was cut short. To be called when no request is waiting. */
  close(): void {
    const last = Math.max(-1, ...this.open.keys());
    while (this.next <= last) this.emitNext(this.open.get(this.next));
  }

  private emitNext(second: OpenSecond | undefined): void {
    const {intended, sent, lags, outcomes} = second ?? empty();
    this.open.delete(this.next);
    this.emit({
      load: this.load,
      at: this.start + this.next * SECOND_US,
      intended,
      sent,
      lagP99: quantileOf(sparse(lags), 0.99) ?? 0,
      outcomes: Object.fromEntries([...outcomes].map(([outcome, counts]) => [outcome, sparse(counts)])),
    });
    this.next++;
  }

  private second(intended: number): OpenSecond {
    const number = Math.floor((intended - this.start) / SECOND_US);
    const known = this.open.get(number);
    if (known !== undefined) return known;
    const fresh = empty();
    this.open.set(number, fresh);
    return fresh;
  }
}
