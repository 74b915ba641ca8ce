import {maxHeaderSize} from 'node:http';
import {ResponseBody} from './body.js';
import type {WireAnswer} from './exchange.js';

/** A field line as RFC 9112 has it: a token, a colon, a value without control characters, no folding. */
const FIELD = /^([\w!#$%&'*+.^`|~-]+):([\t\x20-\x7e\x80-\xff]*)$/;
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const START = Buffer.from('HTTP/1.');
const BLANK_LINE = '\r\n\r\n';

/**
 * `more`: the answer goes on; `done`: it is complete; `broken`: it is no HTTP/1; `left`: the server speaks something
 * else from now on (101).
 */
export type ResponseProgress = 'more' | 'done' | 'broken' | 'left';

/** What of a head decides how the answer is read. */
interface Framing {
  lengths: string[];
  codings: string[];
  connection: string;
  keepAlive: string;
}

/**
 * Reads one answer after the other from a connection, piece by piece, as strictly as Node's own parser (RFC 9112).
 * Answers on their way to the real one (1xx) are skipped. The bytes that are given may be used again afterwards.
 */
export class ResponseReader implements WireAnswer {
  /** Of the final answer, once its head is there. */
  status = 0;
  /** Whether another request may be sent on this connection. */
  keepAlive = false;
  /** How long the server keeps an idle connection, as it says, s. */
  keepAliveSeconds: number | undefined;
  /** The field lines of the final answer, as they came. */
  head = '';
  body: ResponseBody | undefined;
  /** Something of the answer has come. */
  begun = false;
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
    let rest = bytes;
    while (this.body === undefined) {
      if (this.pending !== undefined) rest = Buffer.concat([this.pending, rest]);
      this.pending = undefined;
      const end = rest.indexOf(BLANK_LINE);
      if (end < 0) return this.keep(rest);
      if (end > maxHeaderSize || !this.takeHead(rest.toString('latin1', 0, end))) return 'broken';
      if (this.status === 101) return 'left';
      rest = rest.subarray(end + BLANK_LINE.length);
    }
    return this.takeBody(rest);
  }

  /** The server has closed its side: whether that was the end of the answer. */
  endsHere(): boolean {
    return this.body?.kind === 'until-close';
  }

  get size(): number {
    return this.body?.size ?? 0;
  }

  get content(): Buffer {
    return this.body?.content ?? Buffer.alloc(0);
  }

  fields(name: string): readonly string[] {
    return this.head.split('\r\n').flatMap(line => {
      const [, key, value] = FIELD.exec(line) ?? [];
      return key?.toLowerCase() === name && value !== undefined ? [value.trim()] : [];
    });
  }

  private keep(rest: Buffer): ResponseProgress {
    const length = Math.min(rest.length, START.length);
    if (rest.length > maxHeaderSize || rest.compare(START, 0, length, 0, length) !== 0) return 'broken';
    const [statusLine, ...fields] = rest.toString('latin1').split('\r\n').slice(0, -1);
    if (statusLine !== undefined && !STATUS_LINE.test(statusLine)) return 'broken';
    if (!fields.every(line => FIELD.test(line))) return 'broken';
    this.pending = Buffer.from(rest);
    return 'more';
  }

  private takeBody(rest: Buffer): ResponseProgress {
    const {body} = this;
    if (body === undefined) return 'more';
    const taken = body.take(rest);
    if (body.broken) return 'broken';
    if (!body.done) return 'more';
    // Nobody has asked for what comes behind it.
    if (taken < rest.length) this.keepAlive = false;
    return 'done';
  }

  /** False when it is none. */
  private takeHead(head: string): boolean {
    const lineEnd = head.indexOf('\r\n');
    const [, minor, status] = STATUS_LINE.exec(lineEnd < 0 ? head : head.slice(0, lineEnd)) ?? [];
    if (status === undefined) return false;
    this.status = Number(status);
    this.head = lineEnd < 0 ? '' : head.slice(lineEnd + 2);
    const framing = framingOf(this.head);
    if (framing === undefined) return false;
    if (this.status >= 200 || this.status === 101) this.body = this.bodyBy(framing);
    if (this.body === undefined) return this.status < 200;
    const asked = listed(framing.connection);
    this.keepAlive =
      this.body.kind !== 'until-close' && (minor === '1' ? !asked.includes('close') : asked.includes('keep-alive'));
    const seconds = /timeout=(\d+)/i.exec(framing.keepAlive)?.[1];
    this.keepAliveSeconds = seconds === undefined ? undefined : Number(seconds);
    return true;
  }

  /** RFC 9112, section 6.3; undefined when the head contradicts itself. */
  private bodyBy({lengths, codings}: Framing): ResponseBody | undefined {
    const [length] = lengths;
    if (lengths.length > 1 || (length !== undefined && !/^\d{1,15}$/.test(length))) return undefined;
    if (length !== undefined && codings.length > 0) return undefined;
    const {status} = this;
    if (this.withoutBody || status < 200 || status === 204 || status === 304) return new ResponseBody('counted', 0, 0);
    if (codings.length > 0) {
      const chunked = listed(codings.join()).at(-1) === 'chunked';
      return new ResponseBody(chunked ? 'chunked' : 'until-close', 0, this.keptBytes);
    }
    return length === undefined
      ? new ResponseBody('until-close', 0, this.keptBytes)
      : new ResponseBody('counted', Number(length), this.keptBytes);
  }
}

function listed(value: string): readonly string[] {
  return value === '' ? [] : value.split(',').map(member => member.trim().toLowerCase());
}

/** Undefined when a line is no field. */
function framingOf(head: string): Framing | undefined {
  const framing: Framing = {lengths: [], codings: [], connection: '', keepAlive: ''};
  for (const line of head === '' ? [] : head.split('\r\n')) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    note(framing, name, value.trim());
  }
  return framing;
}

function note(framing: Framing, name: string, value: string): void {
  // Most names are told by their length.
  if (name.length !== 10 && name.length !== 14 && name.length !== 17) return;
  switch (name.toLowerCase()) {
    case 'content-length':
      framing.lengths.push(value);
      break;
    case 'transfer-encoding':
      framing.codings.push(value);
      break;
    case 'connection':
      framing.connection += framing.connection === '' ? value : `,${value}`;
      break;
    case 'keep-alive':
      framing.keepAlive = value;
      break;
  }
}
