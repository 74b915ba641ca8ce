import type {NoValue} from '../missing.js';

/** Where pieces of a log go, as they come. */
export interface LogSink {
  /** A piece of what one of its outputs wrote. Pieces of one output belong together, in their order. */
  write(output: string, bytes: Buffer): void;
  /** So many bytes were passed over, because they came faster than they can be read. */
  passed(bytes: number): void;
  /** Why nothing can be read now; undefined: it can be again. */
  trouble(why: NoValue | undefined): void;
}

/** A log that is being followed: from its end on, until it is closed. */
export interface LogSource {
  close(): Promise<void>;
}
