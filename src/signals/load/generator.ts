import type {LoadSpec} from '../../experiment/experiment.js';
import type {Clock} from '../../system/clock.js';
import {FiredrillError} from '../../system/error.js';
import type {LoadSecond} from '../contract.js';
import {openLoadClient, type Exchange, type LoadClient} from './client.js';
import type {Outcome} from './outcome.js';
import {dueBy, intendedAt} from './pacer.js';
import {LoadRecorder} from './recorder.js';

export interface LoadOptions {
  readonly spec: LoadSpec;
  /** Replaces `${secret:…}` by its value. */
  readonly reveal: (text: string) => string;
  readonly clock: Clock;
  /** Seconds in order, each once all its requests have an outcome: at most the time-out after it is over. */
  readonly onSecond: (second: LoadSecond) => void;
}

export interface RunningLoad {
  /** Requests that ended well so far. */
  accepted(): number;
  /** Sends no more, waits for the requests in flight (at most their time-out) and closes all connections. */
  stop(): Promise<void>;
}

/** The longest sleep: seconds are emitted and deadlines kept also when requests are rare. */
const LONGEST_SLEEP_MS = 250;

/**
 * The most requests that are sent in one turn of the event loop. After a time without CPU many are due at once: answers
 * must be read between them, or this machine's own lateness would fill `maxInFlight`.
 */
const LARGEST_BURST = 50;

/**
 * What is due for longer than this is counted as unsent: a generator that was frozen must not hit the system with everything
 * it has slept through.
 */
const MOST_LATE_US = 1e6;

/**
 * Starts an open-loop load: requests are sent when they are due, whatever became of the ones before, and latency counts from
 * when they were due. @throws FiredrillError when the request cannot be sent as it is written; an unreachable target is an outcome.
 */
export async function startLoad(options: LoadOptions): Promise<RunningLoad> {
  const {http} = options.spec;
  if (http === undefined) throw new FiredrillError('PROBE_UNUSABLE', 'Expected a request.');
  const client = await openLoadClient(http, options.spec, options.reveal);
  return new Generator(options, client);
}

interface Waiting {
  readonly intended: number;
  /** When it counts as timed out, mono µs. */
  readonly deadline: number;
  exchange?: Exchange;
}

class Generator implements RunningLoad {
  private readonly start: number;
  private readonly recorder: LoadRecorder;
  private readonly stopping = new AbortController();
  private readonly drained = new AbortController();
  private readonly loop: Promise<void>;
  /** Requests without an outcome, by number: in the order of their deadlines. */
  private readonly waiting = new Map<number, Waiting>();
  /** Requests the client still holds, those that have timed out included. */
  private held = 0;
  private issued = 0;

  constructor(
    private readonly options: LoadOptions,
    private readonly client: LoadClient,
  ) {
    const {spec, clock, onSecond} = options;
    this.start = clock.mono();
    this.recorder = new LoadRecorder(spec.name, this.start, onSecond);
    this.loop = this.run();
  }

  accepted(): number {
    return this.recorder.accepted;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await this.drain();
    await this.client.close();
    this.recorder.close();
  }

  private async run(): Promise<void> {
    const {clock, spec} = this.options;
    const {signal} = this.stopping;
    while (!signal.aborted) {
      const now = clock.mono();
      const due = Math.min(dueBy(now - this.start, spec.rate), this.issued + LARGEST_BURST);
      while (this.issued < due) this.issue(this.issued++);
      const nextDue = this.start + intendedAt(this.issued, spec.rate);
      this.expire(now);
      this.recorder.flush(Math.min(now, nextDue));
      const next = Math.min(nextDue, this.nextDeadline());
      const ms = Math.min((next - clock.mono()) / 1000, LONGEST_SLEEP_MS);
      await clock.sleep(Math.max(0, ms), signal).catch(() => undefined);
    }
  }

  private async drain(): Promise<void> {
    const {clock} = this.options;
    while (this.waiting.size > 0) {
      const ms = Math.max(0, (this.nextDeadline() - clock.mono()) / 1000);
      await clock.sleep(ms, this.drained.signal).catch(() => undefined);
      this.expire(clock.mono());
    }
  }

  private issue(n: number): void {
    const {clock, spec} = this.options;
    const intended = this.start + intendedAt(n, spec.rate);
    this.recorder.intend(intended);
    const now = clock.mono();
    if (this.held >= spec.maxInFlight || now - intended > MOST_LATE_US) {
      this.recorder.ended(intended, 'unsent', now);
      return;
    }
    this.held++;
    this.recorder.sent(intended, now);
    const request: Waiting = {intended, deadline: now + spec.timeoutMs * 1000};
    this.waiting.set(n, request);
    request.exchange = this.client.send(outcome => this.ended(n, outcome));
  }

  private ended(n: number, outcome: Outcome): void {
    this.held--;
    const request = this.waiting.get(n);
    // Its outcome is on record already: a time-out.
    if (request === undefined) return;
    if (outcome === 'unsent') this.recorder.takeBack(request.intended);
    this.settle(n, request, outcome);
  }

  private expire(now: number): void {
    for (const [n, request] of this.waiting) {
      if (request.deadline > now) return;
      this.settle(n, request, 'timeout');
      request.exchange?.abort();
    }
  }

  private settle(n: number, request: Waiting, outcome: Outcome): void {
    this.waiting.delete(n);
    this.recorder.ended(request.intended, outcome, this.options.clock.mono());
    if (this.stopping.signal.aborted && this.waiting.size === 0) this.drained.abort();
  }

  private nextDeadline(): number {
    const [first] = this.waiting.values();
    return first?.deadline ?? Infinity;
  }
}
