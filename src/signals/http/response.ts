import {maxHeaderSize} from 'node:http';
import {ResponseBody} from './body.js';
import type {WireAnswer} from './exchange.js';
import {BROKEN, MORE, ResponseHead} from './head.js';

/**
 * `more`: the answer goes on; `done`: it is complete; `broken`: it is no HTTP/1; `left`: the server speaks something
 * else from now on (101).
 */
export type ResponseProgress = 'more' | 'done' | 'broken' | 'left';

const NOTHING = Buffer.alloc(0);

/**
 * Reads one answer after the other from a connection, piece by piece, as strictly as Node's own parser (RFC 9112).
 * Answers on their way to the real one (1xx) are skipped. The bytes that are given may be used again afterwards, by
 * whoever is told of a complete answer not before it has looked at it.
 */
export class ResponseReader implements WireAnswer {
  /** Of the final answer, once its head is there. */
  status = 0;
  /** Whether another request may be sent on this connection. */
  keepAlive = false;
  body: ResponseBody | undefined;
  /** Something of the answer has come. */
  begun = false;
  private readonly head = new ResponseHead();
  /** The start of a head. */
  private pending: Buffer | undefined;
  private withoutBody = false;
  private keptBytes = 0;

  /** A request has been sent. `keptBytes` of the content of its answer are kept. */
  expect(method: string, keptBytes: number): void {
    this.status = 0;
    this.begun = false;
    this.body = undefined;
    this.pending = undefined;
    this.withoutBody = method === 'HEAD';
    this.keptBytes = keptBytes;
  }

  /** Takes what has come: the first bytes. */
  take(bytes: Buffer, length: number): ResponseProgress {
    this.begun = true;
    if (this.body !== undefined) return this.takeBody(this.body, bytes, 0, length);
    if (this.pending === undefined) return this.takeAnswer(bytes, length);
    const all = Buffer.concat([this.pending, bytes.subarray(0, length)]);
    return this.takeAnswer(all, all.length);
  }

  /** The server has closed its side: whether that was the end of the answer. */
  endsHere(): boolean {
    return this.body?.kind === 'until-close';
  }

  get size(): number {
    return this.body?.size ?? 0;
  }

  get content(): Buffer {
    return this.body?.content ?? NOTHING;
  }

  /** How long the server keeps an idle connection, as it says, s. */
  get keepAliveSeconds(): number | undefined {
    return this.head.keepAliveSeconds;
  }

  fields(name: string): readonly string[] {
    return this.head.fields(name);
  }

  private takeAnswer(bytes: Buffer, to: number): ResponseProgress {
    for (let at = 0; ;) {
      const end = this.head.take(bytes, at, to);
      if (end === BROKEN || (end === MORE ? to : end) - at > maxHeaderSize) return 'broken';
      if (end === MORE) {
        this.pending = Buffer.from(bytes.subarray(at, to));
        return 'more';
      }
      at = end;
      this.status = this.head.status;
      if (this.status === 101) return 'left';
      if (this.status < 200) continue;
      this.body = this.bodyBy(this.head);
      if (this.body === undefined) return 'broken';
      this.keepAlive = this.body.kind !== 'until-close' && staysOpen(this.head);
      const progress = this.takeBody(this.body, bytes, at, to);
      if (progress === 'more') this.head.keep();
      return progress;
    }
  }

  private takeBody(body: ResponseBody, bytes: Buffer, from: number, to: number): ResponseProgress {
    const end = body.take(bytes, from, to);
    if (body.broken) return 'broken';
    if (!body.done) return 'more';
    // Nobody has asked for what comes behind it.
    if (end < to) this.keepAlive = false;
    return 'done';
  }

  /** RFC 9112, section 6.3; undefined when the head contradicts itself. */
  private bodyBy({status, length, codings}: ResponseHead): ResponseBody | undefined {
    if (length !== undefined && (Number.isNaN(length) || codings !== undefined)) return undefined;
    if (this.withoutBody || status === 204 || status === 304) return new ResponseBody('counted', 0, 0);
    if (length !== undefined) return new ResponseBody('counted', length, this.keptBytes);
    const chunked = codings !== undefined && /(?:^|,)\s*chunked\s*$/i.test(codings);
    return new ResponseBody(chunked ? 'chunked' : 'until-close', 0, this.keptBytes);
  }
}

function staysOpen({old, close, keepAlive}: ResponseHead): boolean {
  return old ? keepAlive : !close;
}
