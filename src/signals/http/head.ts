const CR = 13;
const LF = 10;
const SPACE = 32;
const COLON = 58;
const ZERO = 48;

/** What a byte may be part of: a name (RFC 9110, section 5.6.2), or a value and the words of a status line. */
const IN_NAME = 1;
const IN_TEXT = 2;
const USES = Uint8Array.from({length: 256}, (_, byte) => {
  const name = /[\w!#$%&'*+.^`|~-]/.test(String.fromCharCode(byte)) && byte < 128 ? IN_NAME : 0;
  return name | (byte === 9 || (byte >= SPACE && byte !== 127) ? IN_TEXT : 0);
});

const START = Buffer.from('HTTP/1.');
const SHORTEST_STATUS_LINE = 'HTTP/1.1 200\r\n'.length;

/** Instead of a place in the bytes: what is there is no head, or its end has not come. */
export const BROKEN = -1;
export const MORE = 0;

/** The head of an answer, read from its bytes as they are: text is made only of what is asked for. */
export class ResponseHead {
  status = 0;
  /** Of HTTP/1.0 or HTTP/1.1. */
  minor = 0;
  /** What decides how the answer is read, as it came: the values of these fields. */
  readonly lengths: string[] = [];
  readonly codings: string[] = [];
  connection = '';
  keepAlive = '';
  private bytes: Buffer = START;
  private from = 0;
  private to = 0;

  /** Reads a head that begins here. Answers where it ends, or MORE or BROKEN. The bytes are only borrowed. */
  take(bytes: Buffer, from: number): number {
    this.lengths.length = 0;
    this.codings.length = 0;
    this.connection = '';
    this.keepAlive = '';
    let at = this.takeStatusLine(bytes, from);
    this.bytes = bytes;
    this.from = at;
    while (at > 0 && bytes[at] !== CR) at = this.takeField(bytes, at);
    this.to = at;
    return at > 0 ? afterLine(bytes, at, 0) : at;
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
      return colon === name.length && line.slice(0, colon).toLowerCase() === name ? [line.slice(colon + 1).trim()] : [];
    });
  }

  private takeStatusLine(bytes: Buffer, from: number): number {
    const left = bytes.length - from;
    for (let i = 0; i < START.length && i < left; i++) if (bytes[from + i] !== START[i]) return BROKEN;
    if (left < SHORTEST_STATUS_LINE) return MORE;
    const words = from + SHORTEST_STATUS_LINE - 2;
    this.minor = digitAt(bytes, from + 7);
    this.status = 100 * digitAt(bytes, from + 9) + 10 * digitAt(bytes, from + 10) + digitAt(bytes, from + 11);
    if (!(this.minor <= 1 && this.status >= 0) || bytes[from + 8] !== SPACE) return BROKEN;
    return afterLine(bytes, words, bytes[words] === SPACE ? IN_TEXT : 0);
  }

  private takeField(bytes: Buffer, from: number): number {
    const colon = skip(bytes, from, IN_NAME);
    if (colon === bytes.length) return MORE;
    if (colon === from || bytes[colon] !== COLON) return BROKEN;
    const next = afterLine(bytes, colon + 1, IN_TEXT);
    const length = colon - from;
    // Most names are told by their length.
    if (next > 0 && (length === 10 || length === 14 || length === 17)) {
      this.note(bytes.toString('latin1', from, colon), bytes.toString('latin1', colon + 1, next - 2).trim());
    }
    return next;
  }

  private note(name: string, value: string): void {
    switch (name.toLowerCase()) {
      case 'content-length':
        this.lengths.push(value);
        break;
      case 'transfer-encoding':
        this.codings.push(value);
        break;
      case 'connection':
        this.connection += this.connection === '' ? value : `,${value}`;
        break;
      case 'keep-alive':
        this.keepAlive = value;
        break;
    }
  }
}

/** Where the bytes that may be part of such a thing end. */
function skip(bytes: Buffer, from: number, use: number): number {
  let at = from;
  while (at < bytes.length && ((USES[bytes[at] ?? 0] ?? 0) & use) !== 0) at++;
  return at;
}

/** Where the next line begins, after a rest of this one that is made only of what may be part of such a thing. */
function afterLine(bytes: Buffer, from: number, use: number): number {
  const end = skip(bytes, from, use);
  if (end < bytes.length && bytes[end] !== CR) return BROKEN;
  if (end + 1 >= bytes.length) return MORE;
  return bytes[end + 1] === LF ? end + 2 : BROKEN;
}

function digitAt(bytes: Buffer, at: number): number {
  const digit = (bytes[at] ?? 0) - ZERO;
  return digit >= 0 && digit <= 9 ? digit : NaN;
}
