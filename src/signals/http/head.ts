import {CR, LF, lists, numberAfter, reads, SPACE, wholeNumber} from './bytes.js';

const COLON = 58;

/** What a byte may be part of: a name (RFC 9110, section 5.6.2), or a value and the words of a status line. */
const IN_NAME = 1;
const IN_TEXT = 2;
const USES = Uint8Array.from({length: 256}, (_, byte) => {
  const inName = byte < 128 && /[\w!#$%&'*+.^`|~-]/.test(String.fromCharCode(byte));
  const inText = byte === 9 || (byte >= SPACE && byte !== 127);
  return (inName ? IN_NAME : 0) | (inText ? IN_TEXT : 0);
});

const START = Buffer.from('HTTP/1.');
const SHORTEST_STATUS_LINE = 'HTTP/1.1 200\r\n'.length;

/** Instead of a place in the bytes: what is there is no head, or its end has not come. */
export const BROKEN = -1;
export const MORE = 0;

/** The head of an answer, read from its bytes: text is made only of what somebody asks for. */
export class ResponseHead {
  status = 0;
  /** It is of HTTP/1.0. */
  old = false;
  /** What `content-length` says; undefined when there is none, NaN when it is none, or there are several. */
  length: number | undefined;
  /** What `transfer-encoding` says; undefined when there is none. */
  codings: string | undefined;
  /** What `connection` lists. */
  close = false;
  keepAlive = false;
  /** How long the server keeps an idle connection, as it says, s. */
  keepAliveSeconds: number | undefined;
  private bytes: Buffer = START;
  private from = 0;
  private to = 0;

  /** Reads a head that begins here. Answers where it ends, or MORE or BROKEN. The bytes are only borrowed. */
  take(bytes: Buffer, from: number, to: number): number {
    this.length = undefined;
    this.codings = undefined;
    this.close = false;
    this.keepAlive = false;
    this.keepAliveSeconds = undefined;
    let at = this.takeStatusLine(bytes, from, to);
    this.bytes = bytes;
    this.from = at;
    while (at > 0 && (at === to || bytes[at] !== CR)) at = this.takeField(bytes, at, to);
    this.to = at;
    return at > 0 ? afterLine(bytes, at, to, 0) : at;
  }

  /** The bytes it was read from will be used again. */
  keep(): void {
    this.bytes = Buffer.from(this.bytes.subarray(this.from, this.to));
    this.to -= this.from;
    this.from = 0;
  }

  /** The values of the fields of this name (lower case). */
  fields(name: string): readonly string[] {
    const lines = this.bytes.toString('latin1', this.from, this.to).split('\r\n');
    return lines.flatMap(line => {
      const colon = line.indexOf(':');
      return line.slice(0, colon).toLowerCase() === name ? [line.slice(colon + 1).trim()] : [];
    });
  }

  private takeStatusLine(bytes: Buffer, from: number, to: number): number {
    for (let i = 0; i < START.length && from + i < to; i++) if (bytes[from + i] !== START[i]) return BROKEN;
    if (to - from < SHORTEST_STATUS_LINE) return MORE;
    const afterStatus = from + SHORTEST_STATUS_LINE - 2;
    const minor = wholeNumber(bytes, from + START.length, from + START.length + 1);
    this.old = minor === 0;
    this.status = wholeNumber(bytes, afterStatus - 3, afterStatus);
    if (!(minor <= 1 && this.status >= 100) || bytes[afterStatus - 4] !== SPACE) return BROKEN;
    return afterLine(bytes, afterStatus, to, bytes[afterStatus] === SPACE ? IN_TEXT : 0);
  }

  private takeField(bytes: Buffer, from: number, to: number): number {
    const colon = skip(bytes, from, to, IN_NAME);
    if (colon === to) return MORE;
    if (colon === from || bytes[colon] !== COLON) return BROKEN;
    const next = afterLine(bytes, colon + 1, to, IN_TEXT);
    if (next > 0) this.note(bytes, from, colon, next - 2);
    return next;
  }

  private note(bytes: Buffer, name: number, colon: number, end: number): void {
    const value = colon + 1;
    const length = colon - name;
    if (length === 10 && reads(bytes, name, 'connection')) {
      this.close ||= lists(bytes, value, end, 'close');
      this.keepAlive ||= lists(bytes, value, end, 'keep-alive');
    } else if (length === 10 && reads(bytes, name, 'keep-alive')) {
      this.keepAliveSeconds = numberAfter(bytes, value, end, 'timeout=');
    } else if (length === 14 && reads(bytes, name, 'content-length')) {
      this.length = this.length === undefined ? wholeNumber(bytes, value, end) : NaN;
    } else if (length === 17 && reads(bytes, name, 'transfer-encoding')) {
      const before = this.codings === undefined ? '' : `${this.codings},`;
      this.codings = before + bytes.toString('latin1', value, end);
    }
  }
}

/** Where the bytes end that may be part of such a thing. */
function skip(bytes: Buffer, from: number, to: number, use: number): number {
  let at = from;
  while (at < to && ((USES[bytes[at] ?? 0] ?? 0) & use) !== 0) at++;
  return at;
}

/** Where the next line begins, when the rest of this one is made only of what may be part of such a thing. */
function afterLine(bytes: Buffer, from: number, to: number, use: number): number {
  const end = skip(bytes, from, to, use);
  if (end < to && bytes[end] !== CR) return BROKEN;
  if (end + 1 >= to) return MORE;
  return bytes[end + 1] === LF ? end + 2 : BROKEN;
}
