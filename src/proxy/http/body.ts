import {lists, valueOf, type Head, type RequestHead, type ResponseHead} from './head.js';

/** Finds the end of a message's body in a stream of bytes (RFC 9112, section 6). */
export interface Body {
  /** Nothing more belongs to it. */
  readonly done: boolean;
  /** It is not what its head said: where it ends cannot be known. */
  readonly broken: boolean;
  /**
   * Takes what belongs to it from the start of the bytes, and answers how many. `data` gets the content without
   * framing.
   */
  take(bytes: Buffer, data?: (piece: Buffer) => void): number;
}

class CountedBody implements Body {
  readonly broken = false;

  constructor(private left: number) {}

  get done(): boolean {
    return this.left === 0;
  }

  take(bytes: Buffer, data?: (piece: Buffer) => void): number {
    const taken = Math.min(this.left, bytes.length);
    this.left -= taken;
    if (taken > 0) data?.(bytes.subarray(0, taken));
    return taken;
  }
}

class UntilClose implements Body {
  readonly done = false;
  readonly broken = false;

  take(bytes: Buffer, data?: (piece: Buffer) => void): number {
    data?.(bytes);
    return bytes.length;
  }
}

/** Longest line between chunks, with its extensions; a trailer field may be as long. */
const LONGEST_LINE = 16 * 1024;

class Chunked implements Body {
  done = false;
  broken = false;
  #state: 'size' | 'data' | 'after data' | 'trailer' = 'size';
  #left = 0;
  #line = '';

  take(bytes: Buffer, data?: (piece: Buffer) => void): number {
    let at = 0;
    while (at < bytes.length && !this.done && !this.broken) {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        data?.(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#state = 'after data';
        continue;
      }
      const end = bytes.indexOf(10, at);
      const to = end < 0 ? bytes.length : end + 1;
      this.#line += bytes.toString('latin1', at, to);
      at = to;
      if (end >= 0) this.#takeLine();
      else if (this.#line.length > LONGEST_LINE) this.broken = true;
    }
    return at;
  }

  #takeLine(): void {
    const line = this.#line.replace(/\r?\n$/, '');
    this.#line = '';
    if (this.#state === 'trailer') {
      this.done = line === '';
    } else if (this.#state === 'after data') {
      this.broken = line !== '';
      this.#state = 'size';
    } else {
      const [, size] = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line) ?? [];
      this.broken = size === undefined;
      this.#left = Number.parseInt(size ?? '0', 16);
      this.#state = this.#left === 0 ? 'trailer' : 'data';
    }
  }
}

/** The length in a Content-Length field; `wrong` when it is none, undefined when there is no field. */
function lengthIn(head: Head): number | 'wrong' | undefined {
  const value = valueOf(head, 'content-length');
  if (value === undefined) return undefined;
  const lengths = new Set(value.split(',').map(one => one.trim()));
  const [only = ''] = lengths;
  return lengths.size === 1 && /^\d{1,15}$/.test(only) ? Number(only) : 'wrong';
}

/** Undefined when its end cannot be told. */
export function requestBody(head: RequestHead): Body | undefined {
  if (valueOf(head, 'transfer-encoding') !== undefined) {
    return lists(head, 'transfer-encoding', 'chunked') ? new Chunked() : undefined;
  }
  const length = lengthIn(head);
  return length === 'wrong' ? undefined : new CountedBody(length ?? 0);
}

/** Whether a response has no body, whatever its fields say. */
export function isBodiless(method: string, status: number): boolean {
  return method === 'HEAD' || status < 200 || status === 204 || status === 304;
}

/** Undefined when its end cannot be told. */
export function responseBody(head: ResponseHead, method: string): Body | undefined {
  if (isBodiless(method, head.status)) return new CountedBody(0);
  if (valueOf(head, 'transfer-encoding') !== undefined) {
    return lists(head, 'transfer-encoding', 'chunked') ? new Chunked() : new UntilClose();
  }
  const length = lengthIn(head);
  if (length === 'wrong') return undefined;
  return length === undefined ? new UntilClose() : new CountedBody(length);
}
