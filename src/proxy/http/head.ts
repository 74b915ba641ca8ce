/** Start line and header fields of an HTTP/1 message. Bytes are read as latin1, so that every one of them is kept. */

export interface Field {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
  /** As it came, with its line end; folded lines too. */
  readonly line: string;
}

export interface Head {
  /** All of it with the blank line. */
  readonly raw: Buffer;
  readonly startLine: string;
  readonly fields: readonly Field[];
}

export interface RequestHead extends Head {
  readonly method: string;
  readonly target: string;
  /** Minor version: HTTP/1.0 or HTTP/1.1. */
  readonly minor: number;
}

export interface ResponseHead extends Head {
  readonly status: number;
  readonly minor: number;
}

/** A head is never longer; real servers take 8 to 64 KiB. */
export const LONGEST_HEAD = 256 * 1024;

/** Where the head ends, behind its blank line; -1 while that has not come. */
export function endOfHead(bytes: Buffer): number {
  const strict = bytes.indexOf('\r\n\r\n');
  const bare = bytes.indexOf('\n\n');
  if (bare >= 0 && (strict < 0 || bare < strict)) return bare + 2;
  return strict < 0 ? -1 : strict + 4;
}

const REQUEST = /^([A-Z][A-Z0-9_-]*) (\S+) HTTP\/1\.([01])\r?\n$/;
const RESPONSE = /^HTTP\/1\.([01]) (\d{3})(?: [^\n]*)?\r?\n$/;
/** A request line that has come as far as this may still become one. */
const REQUEST_SO_FAR =
  /^[A-Z][A-Z0-9_-]{0,31}(?: (?:\S*(?: (?:H(?:T(?:T(?:P(?:\/(?:1(?:\.(?:[01]\r?)?)?)?)?)?)?)?)?)?)?)?$/;

/** Whether the bytes are, or may become, the start of a request; `no` once they cannot. */
export function seemsRequest(bytes: Buffer): 'yes' | 'maybe' | 'no' {
  const end = bytes.indexOf('\n');
  if (end >= 0) return REQUEST.test(bytes.toString('latin1', 0, end + 1)) ? 'yes' : 'no';
  return bytes.length < LONGEST_HEAD && REQUEST_SO_FAR.test(bytes.toString('latin1')) ? 'maybe' : 'no';
}

const STATUS_LINE = Buffer.from('HTTP/1.');

/** The same for a response. */
export function mayBeResponse(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, STATUS_LINE.length);
  return bytes.compare(STATUS_LINE, 0, length, 0, length) === 0;
}

/** Undefined when it is not a head of HTTP/1. */
function parseHead(raw: Buffer): Head | undefined {
  const [startLine, ...lines] = raw.toString('latin1').match(/[^\n]*\n/g) ?? [];
  if (startLine === undefined) return undefined;
  const fields: Field[] = [];
  for (const line of lines.slice(0, -1)) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      fields[fields.length - 1] = {...last, value: `${last.value} ${line.trim()}`, line: last.line + line};
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) return undefined;
    fields.push({name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim(), line});
  }
  return {raw, startLine, fields};
}

export function parseRequest(raw: Buffer): RequestHead | undefined {
  const head = parseHead(raw);
  const [, method, target, minor] = REQUEST.exec(head?.startLine ?? '') ?? [];
  if (head === undefined || method === undefined || target === undefined) return undefined;
  return {...head, method, target, minor: Number(minor)};
}

export function parseResponse(raw: Buffer): ResponseHead | undefined {
  const head = parseHead(raw);
  const [, minor, status] = RESPONSE.exec(head?.startLine ?? '') ?? [];
  if (head === undefined || status === undefined) return undefined;
  return {...head, status: Number(status), minor: Number(minor)};
}

/** All values of a field, as one list. */
export function valueOf({fields}: Head, name: string): string | undefined {
  const values = fields.filter(field => field.name === name).map(({value}) => value);
  return values.length === 0 ? undefined : values.join(', ');
}

/** Whether a list such as `Connection: keep-alive, Upgrade` has this member. */
export function lists(head: Head, name: string, member: string): boolean {
  const members = (valueOf(head, name) ?? '').toLowerCase().split(',');
  return members.some(one => one.trim() === member);
}

/** The head with fields taken out and others put in at the end; the rest stays byte for byte. */
export function rewritten(
  head: Head,
  without: readonly string[],
  added: readonly (readonly [string, string])[],
): Buffer {
  const kept = head.fields.filter(({name}) => !without.includes(name)).map(({line}) => line);
  const more = added.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from([head.startLine, ...kept, ...more, '\r\n'].join(''), 'latin1');
}
