import type {Stage, StageContext} from '../toxics/toxic.js';
import {responseBody, type Body} from './body.js';
import {
  canChangeWithin,
  changedHead,
  changedWithin,
  changesHead,
  changesWithin,
  LARGEST_BODY,
  type ResponseChange,
} from './change.js';
import type {Conversation, ProxiedExchange} from './exchange.js';
import {endOfHead, lists, LONGEST_HEAD, mayBeResponse, parseResponse, rewritten, type ResponseHead} from './head.js';
import {endsBehind, rendered} from './treatment.js';

const NONE = Buffer.alloc(0);

/** A response that is held back as a whole, to be changed within. */
interface Collected {
  readonly head: ResponseHead;
  readonly change: ResponseChange;
  readonly raw: Buffer[];
  readonly content: Buffer[];
  size: number;
}

/** What is done with the body of the response that is under way. */
type Passage = 'pass' | 'swallow' | 'cut' | Collected;

/** From the service to the client. */
export class ResponseSide implements Stage {
  readonly full = false;
  #held: Buffer = NONE;
  #body: Body | undefined;
  #passage: Passage = 'pass';

  constructor(
    private readonly gate: Conversation,
    private readonly context: StageContext,
  ) {}

  write(chunk: Buffer): void {
    if (this.gate.dead) return;
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#run();
  }

  end(): void {
    if (this.gate.dead) return;
    // A body without a length ends with the connection.
    if (this.#body !== undefined) this.#finishBody();
    this.#passAll();
    if (this.#goesOn()) this.context.emitEnd();
  }

  #goesOn(): boolean {
    return !this.gate.dead;
  }

  release(): void {
    const passage = this.#passage;
    if (typeof passage === 'object') this.#giveUp(passage);
    // The rest of a response that was replaced must not follow what replaced it.
    if (passage === 'swallow' && this.#body !== undefined) this.gate.abort('reset');
    this.#run();
  }

  drain(done: () => void): void {
    this.gate.retire(done);
  }

  discard(): void {
    this.#held = NONE;
    this.#passage = 'pass';
    this.gate.discard();
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
  }

  #step(): boolean {
    if (this.gate.dead || this.#held.length === 0) return false;
    if (this.gate.state === 'blind') return this.#passAll();
    return this.#body === undefined ? this.#takeHead() : this.#takeBody(this.#body);
  }

  #passAll(): false {
    const held = this.#held;
    this.#held = NONE;
    if (held.length > 0 && !this.gate.dead) this.context.emit(held);
    return false;
  }

  #take(length: number): Buffer {
    const piece = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return piece;
  }

  /** Not what was expected: it passes from here on. */
  #stray(): true {
    this.gate.goBlind(beginsHttp2(this.#held) ? 'http2' : 'other');
    return true;
  }

  #takeHead(): boolean {
    const exchange = this.gate.queue[0];
    if (exchange?.asked !== true) return this.gate.state === 'strange' ? this.#passAll() : this.#stray();
    if (!mayBeResponse(this.#held)) return this.#stray();
    const end = endOfHead(this.#held);
    if (end < 0) return this.#held.length > LONGEST_HEAD && this.#stray();
    const head = parseResponse(this.#held.subarray(0, end));
    if (head === undefined) return this.#stray();
    if (head.status < 200 && head.status !== 101) {
      this.context.emit(this.#take(end));
      return true;
    }
    if (head.status === 101 || (exchange.request.method === 'CONNECT' && head.status < 300)) {
      this.context.emit(this.#take(end));
      // The peers agreed on another protocol: nothing of it is for us.
      this.gate.goBlind();
      return true;
    }
    const body = responseBody(head, exchange.request.method);
    if (body === undefined) return this.#stray();
    this.#take(end);
    this.#begin(exchange, head, body);
    return true;
  }

  #begin(exchange: ProxiedExchange, head: ResponseHead, body: Body): void {
    const {treatment, request} = exchange;
    this.#body = body;
    exchange.begun = treatment !== undefined && treatment.kind !== 'delay';
    if (treatment?.kind === 'answer') {
      this.gate.hit();
      this.context.emit(rendered(treatment.answer, request));
      this.#passage = 'swallow';
      if (endsBehind(request)) this.gate.closing = true;
    } else if (treatment?.kind === 'abort') {
      this.#passage = this.#cutHead(head, body, treatment.by);
    } else if (treatment?.kind === 'change') {
      this.#passage = this.#change(head, body, treatment.change);
    } else {
      this.context.emit(this.gate.closing ? closingHead(head) : head.raw);
      this.#passage = 'pass';
    }
    if (body.done) this.#finishBody();
  }

  /** A response without a body is cut within its head, any other behind the first bytes of its body. */
  #cutHead(head: ResponseHead, body: Body, by: 'close' | 'reset'): Passage {
    if (!body.done) {
      this.context.emit(head.raw);
      return 'cut';
    }
    this.context.emit(head.raw.subarray(0, Math.ceil(head.raw.length / 2)));
    this.gate.hit();
    this.gate.abort(by);
    return 'swallow';
  }

  #change(head: ResponseHead, body: Body, change: ResponseChange): Passage {
    if (body.done || (change.body === undefined && !changesWithin(change))) return this.#changeHead(head, change);
    if (change.body !== undefined) {
      const content = Buffer.from(change.body);
      this.gate.hit();
      this.context.emit(Buffer.concat([changedHead(head, change, content.length, true), content]));
      return 'swallow';
    }
    if (!canChangeWithin(head)) return this.#changeHead(head, change);
    return {head, change, raw: [], content: [], size: 0};
  }

  /** Only fields of the head, if there are any to change; the body passes. */
  #changeHead(head: ResponseHead, change: ResponseChange): 'pass' {
    const changes = changesHead(change);
    if (changes) this.gate.hit();
    this.context.emit(changes ? changedHead(head, change) : head.raw);
    return 'pass';
  }

  #takeBody(body: Body): boolean {
    const passage = this.#passage;
    const collected = typeof passage === 'object' ? passage : undefined;
    const piece = this.#take(body.take(this.#held, collected && (data => collected.content.push(data))));
    if (collected !== undefined) this.#collect(collected, piece);
    else if (passage === 'pass') this.context.emit(piece);
    else if (passage === 'cut') this.#cut(piece);
    if (this.gate.dead) return false;
    if (body.done) this.#finishBody();
    else if (body.broken) return this.#stray();
    return true;
  }

  #cut(piece: Buffer): void {
    const treatment = this.gate.queue[0]?.treatment;
    this.context.emit(piece.subarray(0, Math.floor(piece.length / 2)));
    this.gate.hit();
    this.gate.abort(treatment?.kind === 'abort' ? treatment.by : 'close');
  }

  #collect(collected: Collected, piece: Buffer): void {
    collected.raw.push(piece);
    collected.size += piece.length;
    if (collected.size > LARGEST_BODY) this.#giveUp(collected);
  }

  /** What was held back passes as it came, and the rest of it too. */
  #giveUp({head, change, raw}: Collected): void {
    this.#passage = this.#changeHead(head, change);
    for (const piece of raw) this.context.emit(piece);
  }

  #finishBody(): void {
    const passage = this.#passage;
    this.#body = undefined;
    this.#passage = 'pass';
    if (typeof passage === 'object') {
      const {head, change, content} = passage;
      const changed = changedWithin(head, Buffer.concat(content), change);
      if (changed === undefined) {
        this.#giveUp(passage);
      } else {
        this.gate.hit();
        this.context.emit(Buffer.concat([changedHead(head, change, changed.length), changed]));
      }
    }
    const exchange = this.gate.queue.shift();
    this.gate.advance();
    if (exchange !== undefined && this.gate.queue.length === 0) this.gate.resume();
  }
}

/** The client learns that the connection ends behind this response, and does not send another request into it. */
function closingHead(head: ResponseHead): Buffer {
  return lists(head, 'connection', 'close')
    ? head.raw
    : rewritten(head, ['connection', 'keep-alive'], [['connection', 'close']]);
}

/**
 * A server of HTTP/2 need not wait for its client: its first frame, SETTINGS for the connection, may come first (RFC
 * 9113, 3.4).
 */
function beginsHttp2(bytes: Buffer): boolean {
  return bytes.length >= 9 && bytes[3] === 4 && bytes[4] === 0 && bytes.readUInt32BE(5) === 0;
}
