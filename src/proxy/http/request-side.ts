import type {Stage, StageContext} from '../toxics/toxic.js';
import {requestBody, type Body} from './body.js';
import type {Conversation, ProxiedExchange} from './exchange.js';
import {endOfHead, lists, LONGEST_HEAD, parseRequest, seemsRequest, type RequestHead} from './head.js';

const NONE = Buffer.alloc(0);

/** From the client to the service. */
export class RequestSide implements Stage {
  #held: Buffer = NONE;
  #body: Body | undefined;
  #exchange: ProxiedExchange | undefined;
  /** A delay runs, or a change of the protocol is in question: nothing more is read. */
  #waiting: 'delay' | 'upgrade' | undefined;
  /** What is to be done when the delay is over. */
  #hold: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(
    private readonly gate: Conversation,
    private readonly context: StageContext,
  ) {}

  get full(): boolean {
    return this.#held.length >= this.context.budget() || this.gate.congested;
  }

  write(chunk: Buffer): void {
    if (this.gate.dead) return;
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#run();
  }

  end(): void {
    this.#ended = true;
    this.#run();
  }

  release(): void {
    this.#waiting = undefined;
    clearTimeout(this.#timer);
    const hold = this.#hold;
    this.#hold = undefined;
    if (!this.gate.dead) hold?.();
    this.#run();
  }

  drain(done: () => void): void {
    this.gate.retire(done);
  }

  discard(): void {
    clearTimeout(this.#timer);
    this.#held = NONE;
    this.#ended = false;
    this.gate.discard();
  }

  /** The peers stay with HTTP/1. */
  resume(): void {
    if (this.#waiting === 'upgrade') this.release();
  }

  /** A delay that runs is over at once. */
  hurry(): void {
    if (this.#waiting === 'delay') this.release();
  }

  #run(): void {
    try {
      let goesOn = true;
      while (goesOn) goesOn = this.#step();
    } catch {
      // Fails open: whatever went wrong here, the bytes pass.
      this.gate.goBlind('other');
      this.#passAll();
    }
    this.#pass();
  }

  /** Takes one piece; false when there is nothing to do for now. */
  #step(): boolean {
    if (this.gate.dead || this.#waiting !== undefined || this.#held.length === 0) return false;
    if (this.gate.state === 'blind') return this.#passAll();
    return this.#body === undefined ? this.#takeHead() : this.#takeBody(this.#body);
  }

  #passAll(): false {
    const held = this.#held;
    this.#held = NONE;
    if (held.length > 0) this.context.emit(held);
    return false;
  }

  /** Hands the end on, behind everything else. */
  #pass(): void {
    if (!this.#ended || this.#waiting !== undefined || this.gate.dead) return;
    this.#ended = false;
    this.#passAll();
    this.context.emitEnd();
  }

  #take(length: number): Buffer {
    const piece = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return piece;
  }

  #takeHead(): boolean {
    if (this.gate.state === 'strange') {
      if (seemsRequest(this.#held) !== 'yes') return this.#passAll();
      this.gate.state = 'http';
    }
    // Some clients send an empty line behind a body.
    const empty = /^(?:\r?\n)+/.exec(this.#held.toString('latin1', 0, 8))?.[0].length ?? 0;
    if (empty > 0) {
      this.context.emit(this.#take(empty));
      return true;
    }
    if (seemsRequest(this.#held) === 'no') return this.#stray(kindOf(this.#held));
    const end = endOfHead(this.#held);
    if (end < 0) return this.#held.length > LONGEST_HEAD && this.#stray('other');
    const head = parseRequest(this.#held.subarray(0, end));
    const body = head === undefined ? undefined : requestBody(head);
    if (head === undefined || body === undefined) return this.#stray('other');
    this.#begin(this.gate.open(head), body, this.#take(end));
    return true;
  }

  /** Not HTTP/1: it passes from here on. */
  #stray(kind: 'tls' | 'http2' | 'other'): true {
    this.gate.goBlind(kind);
    return true;
  }

  #begin(exchange: ProxiedExchange, body: Body, raw: Buffer): void {
    this.#exchange = exchange;
    this.#body = body;
    const {treatment} = exchange;
    const goOn = () => {
      if (exchange.asked) this.context.emit(raw);
      else this.gate.advance();
      if (body.done && !this.gate.dead) this.#complete();
    };
    if (treatment?.kind !== 'delay') {
      goOn();
      return;
    }
    this.gate.hit();
    this.#waiting = 'delay';
    this.#hold = goOn;
    this.#timer = setTimeout(() => this.release(), treatment.ms);
  }

  #takeBody(body: Body): boolean {
    const asked = this.#exchange?.asked === true;
    const piece = this.#take(body.take(this.#held));
    if (asked) this.context.emit(piece);
    if (body.done) this.#complete();
    else if (body.broken) return this.#lost(asked);
    return true;
  }

  /** The end of the body cannot be told. What the service never saw the start of cannot be passed on either. */
  #lost(asked: boolean): true {
    if (asked) this.gate.goBlind('other');
    else this.gate.abort('reset');
    return true;
  }

  #complete(): void {
    const exchange = this.#exchange;
    this.#body = undefined;
    this.#exchange = undefined;
    if (exchange === undefined) return;
    exchange.complete = true;
    if (exchange.asked && changesProtocol(exchange.request)) this.#waiting = 'upgrade';
    this.gate.advance();
  }
}

/** The client would go on in another protocol. */
function changesProtocol(head: RequestHead): boolean {
  return head.method === 'CONNECT' || lists(head, 'connection', 'upgrade');
}

/** What it may be instead of HTTP/1. */
function kindOf(bytes: Buffer): 'tls' | 'http2' | 'other' {
  if (bytes[0] === 0x16 && (bytes.length < 2 || bytes[1] === 0x03)) return 'tls';
  return bytes.toString('latin1', 0, 14) === 'PRI * HTTP/2.0' ? 'http2' : 'other';
}
