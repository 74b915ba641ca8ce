import type {LoadSecond, Sample} from '../../signals/contract.js';
import type {Clock} from '../../system/clock.js';
import {describeError} from '../../system/error.js';
import type {Disk} from '../ports.js';
import type {Event, EventBody} from './events.js';
import type {Observer} from './observer.js';
import {recordPaths} from './paths.js';

/** A second of one series as it stands in samples.ndjson: columns, times in µs from `at`. */
export interface SampleChunk {
  readonly s: number;
  readonly at: number;
  readonly t: number[];
  readonly v: (number | null)[];
  readonly d: number[];
  readonly why?: Record<number, string>;
}

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
  /** Replaces secret values by `***`. */
  readonly redact: (text: string) => string;
}

/** Writes the record of a run, in order, and tells the observers. Only durable events are fsynced. */
export class RecordWriter {
  private seq: number;
  private readonly observers = new Set<Observer>();
  private readonly open = new Map<number, SampleChunk & {why: Record<number, string>}>();
  private tail: Promise<void> = Promise.resolve();
  /** The first write that failed, in words; the record is then incomplete and says so. */
  private failure: string | undefined;

  constructor(private readonly options: RecordOptions) {
    this.seq = options.firstSeq;
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
    if (folder !== undefined) this.enqueue(recordPaths(folder).events, this.line(event));
    this.tell(observer => observer.event?.(event));
    return event;
  }

  /**
   * Records an event in the run folder and in the ledger; resolves once both are on disk. Rejects when the ledger cannot be
   * written: then nothing that depends on it may happen. A run folder that cannot be written is only remembered.
   */
  async durable(body: EventBody): Promise<Event> {
    const event = this.number(body);
    const line = this.line(event);
    const {folder, disk, ledger} = this.options;
    const previous = this.tail;
    const local =
      folder === undefined
        ? Promise.resolve()
        : previous
            .then(() => disk.append(recordPaths(folder).events, line, true))
            .catch((error: unknown) => this.remember(error));
    this.tail = local;
    await Promise.all([disk.append(ledger, line, true), local]);
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
      chunk = {s: series, at, t: [], v: [], d: [], why: {}};
      this.open.set(series, chunk);
    }
    if (sample.why !== undefined) chunk.why[chunk.t.length] = sample.why;
    chunk.t.push(sample.t - at);
    chunk.v.push(sample.value);
    chunk.d.push(sample.d);
    this.tell(observer => observer.sample?.(series, sample));
  }

  second(second: LoadSecond): void {
    const {folder} = this.options;
    if (folder !== undefined) this.enqueue(recordPaths(folder).loads, this.line(second));
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

  private writeChunk(chunk: SampleChunk & {why: Record<number, string>}): void {
    const {folder} = this.options;
    if (folder === undefined) return;
    const {why, ...columns} = chunk;
    this.enqueue(recordPaths(folder).samples, this.line(Object.keys(why).length === 0 ? columns : {...columns, why}));
  }

  private number(body: EventBody): Event {
    const {by, epoch, clock} = this.options;
    return {v: 1, seq: this.seq++, epoch, by, at: clock.now(), audience: 'all', ...body};
  }

  private line(value: unknown): string {
    return `${this.options.redact(JSON.stringify(value))}\n`;
  }

  private enqueue(path: string, line: string): void {
    this.tail = this.tail
      .then(() => this.options.disk.append(path, line, false))
      .catch((error: unknown) => this.remember(error));
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
