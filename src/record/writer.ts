import type {Counted, LoadSecond, Sample} from '../signals/contract.js';
import type {Missing} from '../signals/missing.js';
import type {Clock} from '../system/clock.js';
import {describeError} from '../system/error.js';
import type {Disk} from '../system/files.js';
import type {Event, EventBody} from './events.js';
import {ledgerLine} from './ledger.js';
import type {Observer} from './observer.js';
import {recordPaths} from './paths.js';
import {redactTexts} from './redaction.js';

/** A second of one series as it stands in samples.ndjson: columns, times in µs from `at`. */
export interface SampleChunk {
  readonly s: number;
  readonly at: number;
  readonly t: number[];
  readonly v: (number | null)[];
  readonly d: number[];
  /** By index, of values that are missing: why in words, and whose failure it is. */
  readonly why?: Record<number, string>;
  readonly missing?: Record<number, Missing>;
  /** By index, of values that were told afterwards: how long each stands for (µs), and what it was made of. */
  readonly lasts?: Record<number, number>;
  readonly counted?: Record<number, Counted>;
}

/** A chunk that is still being filled. */
type OpenChunk = Required<SampleChunk>;

export interface RecordOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  /** The run folder; undefined when it is gone and only the ledger is left to write to. */
  readonly folder: string | undefined;
  /** The ledger in the user's state directory: a second copy of all durable events. */
  readonly ledger: string;
  readonly by: Event['by'];
  readonly epoch: number;
  /** The next event's number. */
  readonly firstSeq: number;
  /** Replaces secret values by `***` in a text. Disk and observers get nothing else. */
  readonly redact: (text: string) => string;
}

/** Writes the record of a run, in order, and tells the observers. Only durable events are fsynced. */
export class RecordWriter {
  private seq: number;
  private readonly observers = new Set<Observer>();
  private readonly open = new Map<number, OpenChunk>();
  private tail: Promise<void> = Promise.resolve();
  private ledgerTail: Promise<void> = Promise.resolve();
  /** Files whose last line may be torn, because its write failed or its writer died. */
  private readonly ragged: Set<string>;
  /** The first write that failed, in words; the record is then incomplete and says so. */
  private failure: string | undefined;

  constructor(private readonly options: RecordOptions) {
    const {firstSeq, folder, ledger} = options;
    this.seq = firstSeq;
    this.ragged = new Set(
      firstSeq === 0 ? [] : [ledger, ...(folder === undefined ? [] : [recordPaths(folder).events])],
    );
  }

  /** Adds an observer; returns how to remove it. */
  subscribe(observer: Observer): () => void {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }

  /** Records an event without waiting for the disk. A failing disk is remembered (see `broken`), not thrown. */
  event(body: EventBody): Event {
    const event = this.number(body);
    const {folder} = this.options;
    if (folder !== undefined) this.enqueue(recordPaths(folder).events, lineOf(event));
    this.tell(observer => observer.event?.(event));
    return event;
  }

  /**
   * Records an event in the run folder and in the ledger; resolves once both are on disk. Rejects when the ledger
   * cannot be written: then nothing that depends on it may happen. A run folder that cannot be written is only
   * remembered.
   */
  async durable(body: EventBody): Promise<Event> {
    const event = this.number(body);
    const {folder, ledger} = this.options;
    if (folder !== undefined) this.enqueue(recordPaths(folder).events, lineOf(event), true);
    // One after the other: a line that is torn must not take its neighbour with it.
    const owed = this.ledgerTail.then(() => this.append(ledger, ledgerLine(event), true));
    this.ledgerTail = owed.catch(() => undefined);
    await Promise.all([owed, this.tail]);
    this.tell(observer => observer.event?.(event));
    return event;
  }

  sample(series: number, sample: Sample): void {
    const at = Math.floor(sample.t / 1e6) * 1e6;
    let chunk = this.open.get(series);
    if (chunk !== undefined && chunk.at !== at) {
      this.writeChunk(chunk);
      chunk = undefined;
    }
    if (chunk === undefined) {
      chunk = {s: series, at, t: [], v: [], d: [], why: {}, missing: {}, lasts: {}, counted: {}};
      this.open.set(series, chunk);
    }
    const told = redactTexts(sample, this.options.redact);
    const index = chunk.t.length;
    if (told.why !== undefined) chunk.why[index] = told.why;
    if (told.missing !== undefined) chunk.missing[index] = told.missing;
    if (told.lasts !== undefined) chunk.lasts[index] = told.lasts;
    if (told.counted !== undefined) chunk.counted[index] = told.counted;
    chunk.t.push(told.t - at);
    chunk.v.push(told.value);
    chunk.d.push(told.d);
    this.tell(observer => observer.sample?.(series, told));
  }

  second(second: LoadSecond): void {
    const {folder} = this.options;
    if (folder !== undefined) this.enqueue(recordPaths(folder).loads, lineOf(second));
    this.tell(observer => observer.second?.(second));
  }

  /** Why the record is incomplete; undefined while every write has worked. */
  get broken(): string | undefined {
    return this.failure;
  }

  /** Writes what is still held back and waits for the disk. */
  async flush(): Promise<void> {
    for (const chunk of this.open.values()) this.writeChunk(chunk);
    this.open.clear();
    await this.tail;
  }

  private writeChunk({why, missing, lasts, counted, ...columns}: OpenChunk): void {
    const {folder} = this.options;
    if (folder === undefined) return;
    const some = Object.entries({why, missing, lasts, counted}).filter(([, values]) => Object.keys(values).length > 0);
    this.enqueue(recordPaths(folder).samples, lineOf({...columns, ...Object.fromEntries(some)}));
  }

  private number(body: EventBody): Event {
    const {by, epoch, clock} = this.options;
    const told = redactTexts(body, this.options.redact);
    return {v: 1, seq: this.seq++, epoch, by, at: clock.now(), audience: 'all', ...told};
  }

  private enqueue(path: string, line: string, durable = false): void {
    this.tail = this.tail.then(() => this.append(path, line, durable)).catch((error: unknown) => this.remember(error));
  }

  /** Half a line may stand at the end of the file: whatever follows it starts on a line of its own. */
  private async append(path: string, line: string, durable: boolean): Promise<void> {
    const text = this.ragged.has(path) ? `\n${line}` : line;
    this.ragged.add(path);
    await this.options.disk.append(path, text, durable);
    this.ragged.delete(path);
  }

  private remember(error: unknown): void {
    this.failure ??= describeError(error);
  }

  private tell(call: (observer: Observer) => void): void {
    for (const observer of this.observers) {
      try {
        call(observer);
      } catch {
        // Whoever watches cannot hurt the run.
        this.observers.delete(observer);
      }
    }
  }
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
