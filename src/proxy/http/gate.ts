import type {Random} from '../../quantities/random.js';
import type {HttpCounters} from '../protocol.js';
import type {Stage, StageContext} from '../toxics/toxic.js';
import type {Conversation, ProxiedExchange} from './exchange.js';
import type {RequestHead} from './head.js';
import {RequestSide} from './request-side.js';
import {ResponseSide} from './response-side.js';
import {endsBehind, rendered, type HttpRule, type HttpTreatment} from './treatment.js';

export interface GateOptions {
  readonly rule: HttpRule;
  readonly random: Random;
  /** Whether the next request that matches is one of the share. */
  draw(): boolean;
  /** A request was really treated. */
  hit(): void;
  readonly counters: {-readonly [K in keyof HttpCounters]: HttpCounters[K]};
  /** No byte has passed yet: the first one starts a request, or this is not HTTP. */
  readonly fresh: boolean;
}

/** A stage for each direction of one connection. */
export interface GateContext {
  readonly up: StageContext;
  readonly down: StageContext;
}

/**
 * HTTP/1 on one connection: finds where requests and responses start and end, and treats those that the rule is for.
 * All other bytes pass as they came. Whatever it does not understand (TLS, HTTP/2, other protocols, what is behind an
 * upgrade) passes untouched and uncounted from there on, and so does everything after an error of its own.
 */
export class HttpGate implements Conversation {
  readonly queue: ProxiedExchange[] = [];
  /** `strange`: in the middle of a connection, before the next start of a request. `blind`: passes everything. */
  state: 'strange' | 'http' | 'blind';
  /** Nothing passes any more. */
  dead = false;
  /** Nothing new is treated any more. */
  retired = false;
  /** The connection is to end behind the response that is under way. */
  closing = false;
  #up: RequestSide | undefined;
  #down: ResponseSide | undefined;
  #classified = false;
  #idle: (() => void)[] = [];
  #contexts: Partial<GateContext> = {};
  #cut: NodeJS.Timeout | undefined;

  constructor(private readonly options: GateOptions) {
    this.state = options.fresh ? 'http' : 'strange';
  }

  up(context: StageContext): Stage {
    this.#contexts = {...this.#contexts, up: context};
    return (this.#up = new RequestSide(this, context));
  }

  down(context: StageContext): Stage {
    this.#contexts = {...this.#contexts, down: context};
    return (this.#down = new ResponseSide(this, context));
  }

  /** The client reads too slowly: more answers would only pile up. */
  get congested(): boolean {
    return this.#contexts.down?.congested() === true;
  }

  /** What becomes of a request. The draw is taken here, so that it follows the sequence of requests. */
  open(request: RequestHead): ProxiedExchange {
    const {rule, counters, random} = this.options;
    let treatment: HttpTreatment | undefined;
    counters.requests += 1;
    if (!this.retired && rule.matches(request)) {
      counters.matched += 1;
      if (this.options.draw()) treatment = rule.treatment(random);
    }
    const asked = !(
      (treatment?.kind === 'answer' && !treatment.ask) ||
      (treatment?.kind === 'abort' && treatment.at === 'before')
    );
    const exchange = {request, treatment, asked, complete: false, begun: false};
    this.queue.push(exchange);
    return exchange;
  }

  hit(): void {
    this.options.hit();
  }

  /** Answers what the service is not asked, in turn, and ends the connection where that is due. */
  advance(): void {
    for (let front = this.queue[0]; front !== undefined && !front.asked && !this.dead; front = this.queue[0]) {
      const {treatment, request} = front;
      if (treatment?.kind === 'abort') {
        this.hit();
        this.abort(treatment.by);
        return;
      }
      if (!front.complete) return;
      this.queue.shift();
      if (treatment?.kind === 'answer') this.#answer(rendered(treatment.answer, request), endsBehind(request));
    }
    if (this.closing && this.queue.length === 0) this.end();
    this.#settle();
  }

  #answer(bytes: Buffer, last: boolean): void {
    this.hit();
    this.#contexts.down?.emit(bytes);
    if (last) this.end();
  }

  /** Ends the connection in order, behind what was handed on. */
  end(): void {
    if (this.dead) return;
    this.dead = true;
    this.#contexts.down?.close();
  }

  /** Ends the connection as a failure would. */
  abort(by: 'close' | 'reset'): void {
    if (this.dead) return;
    if (by === 'close') {
      this.end();
      return;
    }
    this.dead = true;
    // An RST overtakes what is still in a send buffer: what was handed on gets a moment to leave.
    this.#cut = setTimeout(() => this.#contexts.up?.reset(), RESET_AFTER_MS);
  }

  /**
   * Everything passes from here on. `kind` says what it is, once per connection; left out where the peers agreed on it.
   */
  goBlind(kind?: 'tls' | 'http2' | 'other'): void {
    if (this.state === 'blind') return;
    this.state = 'blind';
    if (kind !== undefined && !this.#classified) this.options.counters[kind] += 1;
    this.#classified = true;
    // Who waits for an answer that the service was not asked for would wait for ever.
    const stranded = this.queue.some(({asked}) => !asked);
    this.queue.length = 0;
    if (stranded) this.abort('reset');
    this.#up?.release();
    this.#down?.release();
    this.#settle();
  }

  /** The service did not take the offer to change the protocol. */
  resume(): void {
    this.#up?.resume();
  }

  /** The toxic is taken away: nothing new is treated, what is under way is brought to an end, then `done`. */
  retire(done: () => void): void {
    this.#idle.push(done);
    this.#cancel();
    this.#settle();
  }

  /** The connection is to end as soon as no response is under way. */
  finish(): void {
    this.closing = true;
    this.#cancel();
    if (this.state === 'http' && this.queue.length === 0) this.end();
  }

  discard(): void {
    clearTimeout(this.#cut);
    this.dead = true;
    this.queue.length = 0;
  }

  /** What was drawn but has not begun is not done any more. */
  #cancel(): void {
    if (this.retired) return;
    this.retired = true;
    for (const exchange of this.queue) if (exchange.asked && !exchange.begun) exchange.treatment = undefined;
    this.#up?.hurry();
  }

  /** Once nothing that was treated is under way, both stages can go. */
  #settle(): void {
    if (this.#idle.length === 0 || this.closing) return;
    if (this.state !== 'blind' && this.queue.some(exchange => !exchange.asked || exchange.begun)) return;
    const waiting = this.#idle;
    this.#idle = [];
    this.state = 'blind';
    this.#up?.release();
    this.#down?.release();
    for (const done of waiting) done();
  }
}

const RESET_AFTER_MS = 20;
