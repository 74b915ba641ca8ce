import {SECOND_US} from '../../quantities/duration.js';
import {bucketOf, quantileOf, type SparseHistogram} from '../../quantities/histogram.js';
import type {LoadSecond, RequestCounts} from '../contract.js';
import {BinCounts, BySecond} from './by-second.js';
import {mayHaveArrived, type RequestOutcome} from './outcome.js';
import {SharedTotals} from './totals.js';

/** A request that the pace asks for. */
export interface Due {
  /** When it is to be sent, mono µs. */
  readonly intended: number;
  /** What metrics call it, where it has a name of its own. */
  readonly request?: string | undefined;
}

class SecondCounts {
  intended = 0;
  sent = 0;
  readonly outcomes = new Map<RequestOutcome, Map<number, number>>();

  ended(outcome: RequestOutcome, us: number): void {
    let counts = this.outcomes.get(outcome);
    if (counts === undefined) this.outcomes.set(outcome, (counts = new Map<number, number>()));
    add(counts, us);
  }

  summary(): RequestCounts {
    const outcomes = Object.fromEntries([...this.outcomes].map(([outcome, counts]) => [outcome, sparse(counts)]));
    return {intended: this.intended, sent: this.sent, outcomes};
  }
}

class OpenSecond {
  readonly all = new SecondCounts();
  /** Beside those of all requests, as both count. */
  readonly named = new Map<string, readonly [all: SecondCounts, ofName: SecondCounts]>();
  private readonly unnamed = [this.all] as const;
  readonly lags = new Map<number, number>();
  /** Requests whose outcome is not known yet. */
  waiting = 0;

  of({request}: Due): readonly SecondCounts[] {
    if (request === undefined) return this.unnamed;
    let counts = this.named.get(request);
    if (counts === undefined) this.named.set(request, (counts = [this.all, new SecondCounts()]));
    return counts;
  }
}

function add(counts: Map<number, number>, us: number): void {
  const bucket = bucketOf(us);
  counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
}

function sparse(counts: ReadonlyMap<number, number>): SparseHistogram {
  return [...counts].sort(([a], [b]) => a - b);
}

/**
 * Gathers requests into seconds by their intended time and emits each second, in order, once it is over and every
 * request in it has an outcome. Every request that was intended ends up in exactly one outcome of its own second.
 */
export class LoadRecorder {
  private readonly open = new BySecond(() => new OpenSecond());
  private readonly planned = new BinCounts();
  private readonly left = new BinCounts();
  /** Number of the next second to emit. */
  private next = 0;

  /** `start`: mono µs of the first request. */
  constructor(
    private readonly load: string,
    private readonly start: number,
    private readonly emit: (second: LoadSecond) => void,
    /** Of all requests so far. */
    readonly totals = new SharedTotals(),
  ) {}

  /** A request is due. Exactly one `ended` must follow. */
  intend(due: Due): void {
    const second = this.second(due.intended);
    for (const counts of second.of(due)) counts.intended++;
    second.waiting++;
    this.totals.add('intended');
    this.planned.add(due.intended - this.start);
  }

  /** It was really handed to the network at `now`. */
  sent(due: Due, now: number): void {
    const second = this.second(due.intended);
    for (const counts of second.of(due)) counts.sent++;
    this.totals.add('sent');
    add(second.lags, now - due.intended);
    this.left.add(now - this.start);
  }

  /** It has its outcome at `now`. An `unsent` one never left this machine, even if `sent` was called for it before. */
  ended(due: Due, outcome: RequestOutcome, now: number): void {
    const second = this.second(due.intended);
    for (const counts of second.of(due)) counts.ended(outcome, outcome === 'unsent' ? 0 : now - due.intended);
    second.waiting--;
    if (outcome === 'ok') this.totals.add('accepted');
    else if (outcome !== 'unsent') {
      this.totals.add('failed');
      if (mayHaveArrived(outcome)) this.totals.add('unanswered');
    }
  }

  /** A request that was handed over never left this machine after all. */
  takeBack(due: Due): void {
    for (const counts of this.second(due.intended).of(due)) counts.sent--;
    this.totals.add('sent', -1);
  }

  /** Emits the seconds that are complete. `until`: mono µs up to which every due request has been intended. */
  flush(until: number): void {
    for (;;) {
      const end = this.start + (this.next + 1) * SECOND_US;
      const second = this.open.known(this.next);
      if (until < end || (second !== undefined && second.waiting > 0)) return;
      this.emitNext(this.dispersion());
    }
  }

  /**
   * Emits all that is left, the last second too, although it was cut short. To be called when no request is waiting.
   */
  close(): void {
    const last = this.open.newest;
    while (this.next < last) this.emitNext(this.dispersion());
    if (this.next === last) this.emitNext({});
  }

  private dispersion(): Pick<LoadSecond, 'dispersion'> {
    const [sent, planned] = [this.left.take(this.next), this.planned.take(this.next)];
    return sent === undefined || planned === undefined
      ? {}
      : {dispersion: {sent: digits(sent), planned: digits(planned)}};
  }

  private emitNext(dispersion: Pick<LoadSecond, 'dispersion'>): void {
    const second = this.open.take(this.next) ?? new OpenSecond();
    const lags = sparse(second.lags);
    const named = [...second.named].map(([request, [, counts]]) => [request, counts.summary()] as const);
    this.emit({
      load: this.load,
      at: this.start + this.next * SECOND_US,
      ...second.all.summary(),
      lagP99: quantileOf(lags, 0.99) ?? 0,
      lags,
      ...dispersion,
      ...(named.length === 0 ? {} : {requests: Object.fromEntries(named)}),
    });
    this.next++;
  }

  private second(intended: number): OpenSecond {
    return this.open.at(intended - this.start);
  }
}

const digits = (value: number) => Number(value.toFixed(3));
