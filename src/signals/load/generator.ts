import type {LoadSpec} from './spec.js';
import {seededRandom} from '../../quantities/random.js';
import {openAlarm, type Alarm} from '../../system/alarm.js';
import type {Clock} from '../../system/clock.js';
import type {LoadSecond, LoadTotals} from '../contract.js';
import {HttpClient} from '../http/client.js';
import type {Exchange} from '../http/exchange.js';
import type {CsvTable} from './csv.js';
import {DueQueue} from './due-queue.js';
import type {RequestOutcome} from './outcome.js';
import {arrivalsOf} from './pacer.js';
import {LoadRecorder} from './recorder.js';
import {openScript, type ScenarioPosition, type Script} from './script.js';
import type {SharedTotals} from './totals.js';
import type {LoadWrites} from './writes.js';
import {Users} from './user.js';

export interface LoadOptions {
  readonly spec: LoadSpec;
  /** Replaces `${secret:…}` by its value. */
  readonly reveal: (text: string) => string;
  readonly clock: Clock;
  /** Seconds in order, each once all its requests have an outcome: at most the time-out after it is over. */
  readonly onSecond: (second: LoadSecond) => void;
  /** The rows of its CSV, where it has one. */
  readonly table?: CsvTable | undefined;
  /** Where it counts all requests. */
  readonly totals?: SharedTotals;
  /** Where it keeps the ids of its writes. */
  readonly writes?: LoadWrites;
}

export interface RunningLoad {
  /** What became of all requests so far. */
  totals(): LoadTotals;
  /**
   * Sends no more (once asked, for good), waits for the requests in flight (at most their time-out) and closes all
   * connections.
   */
  stop(): Promise<void>;
}

/** The longest sleep: seconds are emitted and deadlines kept also when requests are rare. */
const LONGEST_SLEEP_US = 250_000;

/**
 * The shortest sleep: to be woken costs more than a request. Up to about 2000 requests per second none is later for it,
 * beyond that some go together and are late by less than this.
 */
const SHORTEST_SLEEP_US = 300;

/**
 * The shortest sleep after a turn that an answer has brought about: where answers come that fast, the next one does it
 * again, and the alarm is there in case none comes.
 */
const SHORTEST_SLEEP_AMONG_ANSWERS_US = 1000;

/**
 * The most requests that are sent in one turn of the event loop. After a time without CPU many are due at once: answers
 * must be read between them, or this machine's own lateness would fill `maxInFlight`.
 */
const LARGEST_BURST = 50;

/**
 * What is due for longer than this is counted as unsent: a generator that was frozen must not hit the system with
 * everything it has slept through.
 */
const MOST_LATE_US = 1e6;

/**
 * Starts an open-loop load: requests are sent when they are due, whatever became of the ones before, and latency counts
 * from when they were due.
 * @throws FiredrillError when a request cannot be sent as it is written; an unreachable target is an outcome.
 */
export async function startLoad(options: LoadOptions): Promise<RunningLoad> {
  const {spec, clock, reveal, table} = options;
  const client = new HttpClient(spec);
  const seed = seedOf(spec);
  // Streams of their own: when users come does not depend on what they do, nor that on what they send.
  const stream = (number: number) => seededRandom(seed + number);
  const drawRow = spec.csv?.order === 'random' ? stream(3) : undefined;
  const users = new Users(table?.rows ?? [], drawRow);
  const values = {draw: stream(2), columns: table?.columns ?? []};
  const script = await openScript(spec, {client, reveal, values, users, random: stream(1), timeoutMs: spec.timeoutMs});
  let ring: () => void = () => undefined;
  const alarm = await openAlarm(clock, () => ring());
  const generator = new Generator(options, {client, script, alarm, arrivals: arrivalsOf(spec, stream(0))});
  ring = () => generator.turn();
  generator.turn();
  return generator;
}

/** Loads of one file must not draw the same. */
function seedOf({seed = 1, name}: LoadSpec): number {
  let hash = seed;
  for (const character of name) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash;
}

interface Waiting {
  readonly place: ScenarioPosition;
  /** Mono µs. */
  readonly sentAt: number;
  /** When it counts as timed out, mono µs. */
  readonly deadline: number;
  exchange?: Exchange;
}

interface GeneratorParts {
  readonly client: HttpClient;
  readonly script: Script;
  readonly alarm: Alarm;
  /** When users come, µs since the start. */
  readonly arrivals: () => number;
}

class Generator implements RunningLoad {
  private readonly start: number;
  private readonly recorder: LoadRecorder;
  private stopping = false;
  private stopped: Promise<void> | undefined;
  private drained: () => void = () => undefined;
  /** When the next user comes and the one after, mono µs. */
  private arrival: number;
  private following: number;
  /** Requests of users who have come already. */
  private readonly later = new DueQueue<ScenarioPosition>();
  /** Requests without an outcome: in the order of their deadlines. */
  private readonly waiting = new Set<Waiting>();
  /** Requests the client still holds, those that have timed out included. */
  private held = 0;
  /** For when the alarm is set, mono µs. */
  private alarmAt = Infinity;
  /** The end of the shortest sleep since the last turn, mono µs. */
  private rested = 0;

  constructor(
    private readonly options: LoadOptions,
    private readonly parts: GeneratorParts,
  ) {
    const {spec, clock, onSecond, totals} = options;
    this.start = clock.mono();
    this.recorder = new LoadRecorder(spec.name, this.start, onSecond, totals);
    this.arrival = this.start + parts.arrivals();
    this.following = this.start + parts.arrivals();
  }

  totals(): LoadTotals {
    return this.recorder.totals.read();
  }

  stop(): Promise<void> {
    return (this.stopped ??= this.end());
  }

  private async end(): Promise<void> {
    this.stopping = true;
    await new Promise<void>(resolve => {
      this.drained = resolve;
      this.turn();
    });
    await this.parts.alarm.close();
    await Promise.all([this.parts.client.close(), this.parts.script.close()]);
    this.recorder.close();
  }

  /** Sends what is due, gives up what is overdue, emits what is complete, and sets the alarm for what comes next. */
  turn(): void {
    const now = this.options.clock.mono();
    if (!this.stopping) this.sendDue(now);
    this.expire(now);
    this.recorder.flush(this.stopping ? -Infinity : Math.min(now, this.nextDue()));
    if (this.stopping && this.waiting.size === 0) this.drained();
    const next = Math.min(this.stopping ? Infinity : this.nextDue(), this.nextDeadline(), now + LONGEST_SLEEP_US);
    this.rested = now + (this.alarmAt < this.rested ? SHORTEST_SLEEP_AMONG_ANSWERS_US : SHORTEST_SLEEP_US);
    this.alarmAt = Infinity;
    this.wakeBy(next, now);
  }

  private nextDue(): number {
    return Math.min(this.arrival, this.later.next);
  }

  private sendDue(now: number): void {
    for (let sent = 0; sent < LARGEST_BURST && this.nextDue() <= now; sent++) {
      const place = this.later.next <= this.arrival ? this.later.pop() : this.welcome();
      if (place !== undefined) this.come(place, now);
    }
  }

  /** The next user comes. */
  private welcome(): ScenarioPosition | undefined {
    const place = this.parts.script.begin(this.arrival);
    this.arrival = this.following;
    this.following = this.start + this.parts.arrivals();
    return place;
  }

  /** Sends a request that is due, or keeps it for later. */
  private come(place: ScenarioPosition, now: number): void {
    if (place.intended > now) this.later.push(place);
    else this.issue(place);
  }

  private issue(place: ScenarioPosition): void {
    const {clock, spec} = this.options;
    this.recorder.intend(place);
    const now = this.held < spec.maxInFlight ? clock.mono() : Infinity;
    if (now - place.intended > MOST_LATE_US) {
      this.recorder.ended(place, 'unsent', now);
      return;
    }
    this.held++;
    this.recorder.sent(place, now);
    const request: Waiting = {place, sentAt: now, deadline: now + spec.timeoutMs * 1000};
    this.waiting.add(request);
    request.exchange = place.sender.send(outcome => this.ended(request, outcome), place.user);
  }

  private ended(request: Waiting, outcome: RequestOutcome): void {
    this.held--;
    // Its outcome may be on record already: a time-out.
    if (!this.waiting.has(request)) return;
    if (outcome === 'unsent') this.recorder.takeBack(request.place);
    this.settle(request, outcome);
  }

  private expire(now: number): void {
    for (const request of this.waiting) {
      if (request.deadline > now) return;
      this.settle(request, 'timeout');
      request.exchange?.abort();
    }
  }

  private settle(request: Waiting, outcome: RequestOutcome): void {
    const now = this.options.clock.mono();
    this.waiting.delete(request);
    this.recorder.ended(request.place, outcome, now);
    this.options.writes?.ended(request, outcome);
    if (this.stopping) {
      if (this.waiting.size === 0) this.drained();
      return;
    }
    const next = outcome === 'ok' ? this.parts.script.after(request.place, now) : undefined;
    if (next !== undefined) this.later.push(next);
    this.wakeBy(this.nextDue(), now);
  }

  /** Sets the alarm, unless it is set for earlier. What is due already waits only for the answers that are here. */
  private wakeBy(us: number, now: number): void {
    const at = us <= now ? us : Math.max(us, this.rested);
    if (at >= this.alarmAt) return;
    this.alarmAt = at;
    this.parts.alarm.set(at, at < this.arrival ? this.arrival : this.following);
  }

  private nextDeadline(): number {
    const [first] = this.waiting;
    return first?.deadline ?? Infinity;
  }
}
