import type {NoValue} from '../missing.js';

/** What was counted of a log since it is followed. */
export interface LogCounts {
  readonly lines: number;
  /** Events that are errors: a line with its stack trace is one. */
  readonly errors: number;
  /** Lines that came faster than they can be looked at: nobody knows what they say. */
  readonly unread: number;
  /** Bytes of which not even the lines were counted. */
  readonly passedBytes: number;
}

/** A log that is followed, as probes see it. */
export interface CountedLog {
  readonly counts: LogCounts;
  /** Why nothing can be read of it now. */
  readonly why: NoValue | undefined;
  /** Events that fit a regular expression, since it was first asked for. */
  matching(pattern: string): number;
}
