import {compilePattern, type Pattern} from '../../quantities/pattern.js';
import type {NoValue} from '../missing.js';
import {cleanLine} from './clean.js';
import type {CountedLog, LogCounts} from './contract.js';
import {readEntry, type LogEntry} from './entry.js';
import {Folding, type LogEvent} from './folding.js';
import {LineSplitter} from './lines.js';
import type {LogSink} from './source.js';

/** Lines that wait to be looked at, and what they may hold together. More are counted, and not looked at. */
const [MOST_WAITING, MOST_BYTES] = [20_000, 8 * 1024 * 1024];

/** An event with what it says. */
export interface ReadEvent extends LogEvent, LogEntry {
  /** As it was written, cleaned. */
  readonly text: string;
}

interface Waiting {
  readonly output: string;
  readonly bytes: Buffer;
  readonly atUs: number;
}

interface Watched {
  readonly pattern: Pattern;
  count: number;
}

/** Counts the lines of a log at once, and looks at them when there is time: whoever brings them is never held up. */
export class FollowedLog implements LogSink, CountedLog {
  private readonly splitters = new Map<string, LineSplitter>();
  private readonly foldings = new Map<string, Folding>();
  private readonly watched = new Map<string, Watched>();
  private waiting: Waiting[] = [];
  private next = 0;
  private waitingBytes = 0;
  private lines = 0;
  private errors = 0;
  private unread = 0;
  private passedBytes = 0;
  private failing: NoValue | undefined;

  constructor(
    private readonly options: {
      readonly mono: () => number;
      readonly redact: (text: string) => string;
      readonly errors: Pattern | undefined;
      readonly onEvent: (event: ReadEvent) => void;
    },
  ) {}

  write(output: string, bytes: Buffer): void {
    let splitter = this.splitters.get(output);
    if (splitter === undefined) {
      splitter = new LineSplitter(line => this.keep(output, line));
      this.splitters.set(output, splitter);
    }
    splitter.push(bytes);
  }

  passed(bytes: number): void {
    this.passedBytes += bytes;
  }

  trouble(why: NoValue | undefined): void {
    this.failing = why;
  }

  /** Why nothing can be read of it now. */
  get why(): NoValue | undefined {
    return this.failing;
  }

  get counts(): LogCounts {
    const {lines, errors, unread, passedBytes} = this;
    return {lines, errors, unread, passedBytes};
  }

  /** Lines that wait to be looked at. */
  get backlog(): number {
    return this.waiting.length - this.next;
  }

  matching(source: string): number {
    const known = this.watched.get(source);
    if (known === undefined) this.watched.set(source, {pattern: compilePattern(source, {lines: true}), count: 0});
    return known?.count ?? 0;
  }

  /** Looks at what waits, as long as it may. */
  work(mayGoOn: () => boolean): void {
    while (this.next < this.waiting.length && mayGoOn()) {
      const one = this.waiting[this.next++];
      if (one !== undefined) this.look(one);
    }
    // What was looked at is let go, in large steps.
    if (this.next === this.waiting.length || this.next > MOST_WAITING / 2) {
      this.waiting = this.waiting.slice(this.next);
      this.next = 0;
    }
    const nowUs = this.options.mono();
    if (this.backlog === 0) for (const folding of this.foldings.values()) this.tell(folding.idle(nowUs));
  }

  /** Looks at what is left, the lines that nobody ended too; what there is no time for counts as not looked at. */
  finish(mayGoOn: () => boolean): void {
    for (const splitter of this.splitters.values()) splitter.finish();
    this.work(mayGoOn);
    this.unread += this.backlog;
    this.waiting = [];
    this.next = 0;
    for (const folding of this.foldings.values()) this.tell(folding.finish());
  }

  private keep(output: string, bytes: Buffer): void {
    this.lines++;
    if (this.backlog >= MOST_WAITING || this.waitingBytes + bytes.length > MOST_BYTES) {
      this.unread++;
      return;
    }
    this.waitingBytes += bytes.length;
    this.waiting.push({output, bytes, atUs: this.options.mono()});
  }

  private look({output, bytes, atUs}: Waiting): void {
    this.waitingBytes -= bytes.length;
    const folding = this.foldings.get(output) ?? new Folding();
    this.foldings.set(output, folding);
    this.tell(folding.add(cleanLine(bytes, this.options.redact), atUs));
  }

  private tell(event: LogEvent | undefined): void {
    if (event === undefined) return;
    const entry = readEntry(event);
    const text = event.detail === undefined ? event.head : `${event.head} … ${event.detail}`;
    const isError = this.options.errors?.test(text) ?? entry.isError;
    if (isError) this.errors++;
    for (const watched of this.watched.values()) if (watched.pattern.test(text)) watched.count++;
    this.options.onEvent({...event, ...entry, isError, text});
  }
}
