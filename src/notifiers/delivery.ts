import {setTimeout as sleep} from 'node:timers/promises';
import {ask, type Answer} from '../system/ask.js';
import {describeError} from '../system/error.js';
import type {Message, Notice, Place} from './contract.js';

export interface DeliveryLimits {
  /** For the whole answer of one attempt, ms. */
  readonly answerMs: number;
  readonly attempts: number;
  /** Before the second attempt, ms; twice as long before each further one. */
  readonly pauseMs: number;
  /** The longest that a place may ask us to wait (`Retry-After`), ms. */
  readonly longestPauseMs: number;
  /** Notices that wait for one place; what comes beyond them is not told there. */
  readonly waiting: number;
}

const LIMITS: DeliveryLimits = {answerMs: 5_000, attempts: 3, pauseMs: 1_000, longestPauseMs: 10_000, waiting: 200};
const MOST_BYTES = 65_536;

/** What did not get through, by its reason. */
type Failures = Map<string, number>;

/**
 * Tells places of notices, each in order and whatever becomes of the others. Nobody waits for it while the run goes on,
 * and no failure reaches the run. A place may be told twice where its answer was lost.
 */
export class Deliveries {
  private readonly lanes: readonly Lane[];
  private readonly end = new AbortController();

  /** `redact` takes secrets out of the reasons that are told. */
  constructor(
    places: readonly Place[],
    private readonly redact: (text: string) => string,
    limits: Partial<DeliveryLimits> = {},
  ) {
    this.lanes = places.map(place => new Lane(place, {...LIMITS, ...limits}, this.end.signal));
  }

  tell(notice: Notice): void {
    for (const lane of this.lanes) lane.tell(notice);
  }

  /** Waits for what is under way, at most so long (ms). Answers in one sentence a place what did not get through. */
  async close(withinMs: number): Promise<readonly string[]> {
    const timer = setTimeout(() => {
      this.end.abort(new Error('the run was over'));
    }, withinMs);
    await Promise.all(this.lanes.map(lane => lane.idle()));
    clearTimeout(timer);
    return this.lanes.flatMap(lane => lane.report() ?? []).map(this.redact);
  }
}

/** The way to one place. */
class Lane {
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;
  private told = 0;
  private readonly failures: Failures = new Map();

  constructor(
    private readonly place: Place,
    private readonly limits: DeliveryLimits,
    private readonly end: AbortSignal,
  ) {}

  tell(notice: Notice): void {
    if (this.waiting >= this.limits.waiting) {
      this.failed('too many were waiting');
      return;
    }
    this.waiting++;
    this.last = this.last.then(async () => {
      await this.deliver(notice).catch((error: unknown) => {
        this.failed(describeError(error));
      });
      this.waiting--;
    });
  }

  idle(): Promise<void> {
    return this.last;
  }

  report(): string | undefined {
    if (this.failures.size === 0) return undefined;
    const failed = [...this.failures.values()].reduce((sum, count) => sum + count, 0);
    return `${this.place.name} was not told of ${failed} of ${this.told + failed} notices: ${[...this.failures.keys()].join('; ')}`;
  }

  private failed(why: string): void {
    this.failures.set(why, (this.failures.get(why) ?? 0) + 1);
  }

  private async deliver(notice: Notice): Promise<void> {
    const {notifier} = this.place;
    // Not before its turn: it may refer to the answer to an earlier one.
    const message = notifier.message(notice);
    if (message === undefined) return;
    const {body} = await this.send(message);
    this.told++;
    notifier.answered?.(notice, body);
  }

  /** @throws Error why it was not accepted, after all attempts */
  private async send({method, url, headers, body}: Message): Promise<Answer> {
    const {answerMs, attempts, pauseMs, longestPauseMs} = this.limits;
    for (let attempt = 1; ; attempt++) {
      this.end.throwIfAborted();
      const question = {method, url: new URL(url), headers, body, budgetMs: answerMs, mostBytes: MOST_BYTES};
      const answer = await ask({...question, signal: this.end}).catch((error: unknown) => {
        this.end.throwIfAborted();
        return describeError(error);
      });
      if (typeof answer !== 'string' && answer.status >= 200 && answer.status < 300) return answer;
      const why = typeof answer === 'string' ? answer : `it answered with status ${answer.status}`;
      if (attempt >= attempts || !mayChange(answer)) throw new Error(why);
      const asked = typeof answer === 'string' ? 0 : 1000 * Number(answer.headers['retry-after'] ?? 0);
      const pause = Math.max(
        pauseMs * 2 ** (attempt - 1),
        Number.isFinite(asked) ? Math.min(asked, longestPauseMs) : 0,
      );
      await sleep(pause, undefined, {signal: this.end}).catch(() => undefined);
    }
  }
}

/** Whether the same request may be accepted a little later. */
function mayChange(answer: Answer | string): boolean {
  return typeof answer === 'string' || answer.status >= 500 || answer.status === 429 || answer.status === 408;
}
