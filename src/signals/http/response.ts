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
const CLOSE = /(?:^|,)\s*close\s*(?:,|$)/i;
const KEEP_ALIVE = /(?:^|,)\s*keep-alive\s*(?:,|$)/i;

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
  /** How long the server keeps an idle connection, as it says, s. */
  keepAliveSeconds: number | undefined;
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

  take(bytes: Buffer): ResponseProgress {
    this.begun = true;
    if (this.body !== undefined) return this.takeBody(bytes, 0);
    const all = this.pending === undefined ? bytes : Buffer.concat([this.pending, bytes]);
    let at = 0;
    while (this.body === undefined) {
      const end = this.head.take(all, at);
      const length = (end === MORE ? all.length : end) - at;
      if (end === BROKEN || length > maxHeaderSize) return 'broken';
      if (end === MORE) {
        this.pending = Buffer.from(all.subarray(at));
        return 'more';
      }
      if (!this.takeHead()) return 'broken';
      if (this.status === 101) return 'left';
      at = end;
    }
    const progress = this.takeBody(all, at);
    if (progress === 'more') this.head.keep();
    return progress;
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

  fields(name: string): readonly string[] {
    return this.head.fields(name);
  }

  private takeBody(bytes: Buffer, from: number): ResponseProgress {
    const {body} = this;
    if (body === undefined) return 'more';
    const end = body.take(bytes, from);
    if (body.broken) return 'broken';
    if (!body.done) return 'more';
    // Nobody has asked for what comes behind it.
    if (end < bytes.length) this.keepAlive = false;
    return 'done';
  }

  /** False when it contradicts itself. */
  private takeHead(): boolean {
    const {status, minor, connection, keepAlive} = this.head;
    this.status = status;
    if (status < 200) return true;
    this.body = this.bodyOf(this.head);
    if (this.body === undefined) return false;
    const stays = minor === 1 ? !CLOSE.test(connection) : KEEP_ALIVE.test(connection);
    this.keepAlive = stays && this.body.kind !== 'until-close';
    const seconds = /timeout=(\d+)/i.exec(keepAlive)?.[1];
    this.keepAliveSeconds = seconds === undefined ? undefined : Number(seconds);
    return true;
  }

  /** RFC 9112, section 6.3; undefined when the head contradicts itself. */
  private bodyOf({status, lengths, codings}: ResponseHead): ResponseBody | undefined {
    const [length] = lengths;
    if (lengths.length > 1 || (length !== undefined && !/^\d{1,15}$/.test(length))) return undefined;
    if (length !== undefined && codings.length > 0) return undefined;
    if (this.withoutBody || status === 204 || status === 304) return new ResponseBody('counted', 0, 0);
    if (codings.length > 0) {
      const chunked = /(?:^|,)\s*chunked\s*$/i.test(codings.join());
      return new ResponseBody(chunked ? 'chunked' : 'until-close', 0, this.keptBytes);
    }
    return length === undefined
      ? new ResponseBody('until-close', 0, this.keptBytes)
      : new ResponseBody('counted', Number(length), this.keptBytes);
  }
}
