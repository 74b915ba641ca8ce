/** Of a longer line the beginning is kept: 64 KiB hold any line that was meant to be read. */
const LONGEST_LINE = 64 * 1024;
const LINE_FEED = 10;

/** Cuts what comes in pieces into lines, in bounded memory: of a line that does not end only its beginning is held. */
export class LineSplitter {
  private parts: Buffer[] = [];
  private held = 0;
  /** A line is open: something, or nothing but its end, is still to come. */
  private begun = false;

  constructor(private readonly onLine: (line: Buffer) => void) {}

  push(bytes: Buffer): void {
    let from = 0;
    for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, from)) {
      this.hold(bytes.subarray(from, at));
      this.end();
      from = at + 1;
    }
    if (from < bytes.length) this.hold(bytes.subarray(from));
  }

  /** A line that nobody ends any more counts as one. */
  finish(): void {
    if (this.begun) this.end();
  }

  private hold(piece: Buffer): void {
    this.begun = true;
    const kept = piece.subarray(0, LONGEST_LINE - this.held);
    if (kept.length === 0) return;
    // A copy: a piece of a large buffer would keep all of it.
    this.parts.push(Buffer.from(kept));
    this.held += kept.length;
  }

  private end(): void {
    const [only] = this.parts;
    this.onLine(this.parts.length === 1 && only !== undefined ? only : Buffer.concat(this.parts));
    this.parts = [];
    this.held = 0;
    this.begun = false;
  }
}
