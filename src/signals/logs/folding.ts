/** One event of a log: a line, or a line with the stack trace that belongs to it. */
export interface LogEvent {
  /** Its first line. */
  readonly head: string;
  /** The line of its stack trace that says what happened, where it is not the first. */
  readonly detail?: string;
  readonly lines: number;
  /** When its first line came, mono µs. */
  readonly atUs: number;
}

/** More lines than this are no stack trace. */
const MOST_LINES = 500;
/** A stack trace is written in one go: whoever writes nothing for so long has ended it. */
const IDLE_US = 300_000;

const FAILURE = /error|exception|critical|fatal|fail/i;
const PYTHON = 'Traceback (most recent call last)';
const FOLLOWS =
  /^(?:\s|Caused by: |Suppressed: |During handling of the above|The above exception was|goroutine \d+ \[|created by )/;
/** Go writes the functions of a trace without any space before them. */
const GO_FRAME = /^[\w./*$()-]{1,200}\(.{0,200}\)$/;
const CAUSE = /^Caused by: (.*)$/;

/** Puts the lines of a stack trace to the line that they belong to. */
export class Folding {
  private open: {head: string; detail?: string; lines: number; readonly atUs: number; lastUs: number} | undefined;
  /** Which kind of trace is open, where its lines alone do not tell that they belong to it. */
  private trace: 'python' | 'go' | undefined;

  /** Takes a line; answers the event that ended with it, if any did. */
  add(text: string, atUs: number): LogEvent | undefined {
    if (this.open !== undefined && this.open.lines < MOST_LINES && this.belongs(text)) {
      this.open.lines++;
      this.open.lastUs = atUs;
      const cause = CAUSE.exec(text)?.[1];
      if (cause !== undefined) this.open.detail = cause;
      return undefined;
    }
    const ended = this.finish();
    if (text.trim() === '') return ended;
    this.open = {head: text, lines: 1, atUs, lastUs: atUs};
    this.trace = text.startsWith(PYTHON) ? 'python' : text.startsWith('panic: ') ? 'go' : undefined;
    return ended;
  }

  /** The event that is complete because nothing has been added to it. */
  idle(nowUs: number): LogEvent | undefined {
    return this.open !== undefined && nowUs - this.open.lastUs > IDLE_US ? this.finish() : undefined;
  }

  /** The event that is open, as it is. */
  finish(): LogEvent | undefined {
    const {open} = this;
    this.open = undefined;
    this.trace = undefined;
    if (open === undefined) return undefined;
    const {lastUs: _, ...event} = open;
    return event;
  }

  private belongs(text: string): boolean {
    if (text.startsWith(PYTHON)) {
      // Behind a line that logs an exception stands its trace; behind any other it is an event of its own.
      if (this.trace !== undefined || !FAILURE.test(this.open?.head ?? '')) return false;
      this.trace = 'python';
      return true;
    }
    if (FOLLOWS.test(text)) return true;
    if (this.trace === 'go') return text === '' || GO_FRAME.test(text);
    if (this.trace !== 'python' || this.open === undefined || text === '') return false;
    // The line that says what went wrong stands at the end of the trace, and not indented.
    this.open.detail = text;
    this.trace = undefined;
    return true;
  }
}
