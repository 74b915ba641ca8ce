import {CR, LF} from './bytes.js';

/** Longest line between chunks, with its extensions; a trailer field may be as long. */
const LONGEST_LINE = 16 * 1024;

type LineState = 'size' | 'after data' | 'trailer';

/** What the start of a line may look like whose end has not come. */
const SO_FAR: Readonly<Record<LineState, RegExp>> = {
  size: /^(?:[0-9a-fA-F]{1,12}(?:[ \t]*(?:;.*)?\r?)?)?$/,
  'after data': /^\r?$/,
  trailer: /^/,
};

/** The body of one answer: finds its end, counts it, and keeps the first bytes of its content. */
export class ResponseBody {
  /** Nothing more belongs to it. */
  done: boolean;
  /** Where it ends cannot be known. */
  broken = false;
  /** Bytes of content so far. */
  size = 0;
  private state: LineState | 'data' = 'size';
  private line = '';
  private readonly pieces: Buffer[] = [];
  private kept = 0;

  constructor(
    readonly kind: 'counted' | 'chunked' | 'until-close',
    /** Bytes that are to come: of the body, or of the present chunk. */
    private left: number,
    /** So many bytes of content are kept. */
    private readonly most: number,
  ) {
    this.done = kind === 'counted' && left === 0;
  }

  /** The content, as far as it was kept. */
  get content(): Buffer {
    return Buffer.concat(this.pieces);
  }

  /** Takes what belongs to it of these bytes, and answers where that ends. */
  take(bytes: Buffer, from: number, to: number): number {
    if (this.kind === 'chunked') return this.takeChunks(bytes, from, to);
    const end = this.kind === 'until-close' ? to : Math.min(from + this.left, to);
    this.add(bytes, from, end);
    this.left -= end - from;
    this.done = this.kind === 'counted' && this.left === 0;
    return end;
  }

  private add(bytes: Buffer, from: number, to: number): void {
    this.size += to - from;
    const kept = Math.min(to - from, this.most - this.kept);
    if (kept <= 0) return;
    // A copy: the connection reads the next bytes into the same memory.
    this.pieces.push(Buffer.from(bytes.subarray(from, from + kept)));
    this.kept += kept;
  }

  private takeChunks(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && !this.done && !this.broken) {
      const {state} = this;
      if (state !== 'data') {
        at = this.takeLine(bytes, at, to, state);
        continue;
      }
      const end = Math.min(to, at + this.left);
      this.add(bytes, at, end);
      this.left -= end - at;
      at = end;
      if (this.left === 0) this.state = 'after data';
    }
    return at;
  }

  private takeLine(bytes: Buffer, at: number, to: number, state: LineState): number {
    const found = bytes.indexOf(LF, at);
    const ends = found >= 0 && found < to;
    const end = ends ? found : to;
    this.line += bytes.toString('latin1', at, end);
    if (!ends) {
      this.broken = this.line.length > LONGEST_LINE || !SO_FAR[state].test(this.line);
      return end;
    }
    const {line} = this;
    this.line = '';
    if (line.charCodeAt(line.length - 1) === CR) this.endLine(line.slice(0, -1));
    else this.broken = true;
    return end + 1;
  }

  private endLine(line: string): void {
    if (this.state === 'trailer') {
      this.done = line === '';
    } else if (this.state === 'after data') {
      this.broken = line !== '';
      this.state = 'size';
    } else {
      const [, size] = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line) ?? [];
      this.broken = size === undefined;
      this.left = Number.parseInt(size ?? '0', 16);
      this.state = this.left === 0 ? 'trailer' : 'data';
    }
  }
}
