/** Where a log is followed. */
export type LogPlace =
  /** What the containers or the process of a target write. */
  {readonly target: string} | {readonly file: string};

/** A log that is followed for as long as the run measures. */
export interface LogSpec {
  readonly name: string;
  readonly place: LogPlace;
  /** A regular expression: what fits is an error. Without it errors are told by their level. */
  readonly errors?: string;
}

/** Where a log is followed, for people: `containers of inventory`, `/var/log/shop.log`. */
export function placeWords(place: LogPlace): string {
  return 'target' in place ? `what \`${place.target}\` writes` : place.file;
}

/** Lines of a form that none had before anything was injected. */
export interface NewPattern {
  /** `<*>` where its lines differ. */
  readonly template: string;
  /** The first of its lines, printable and without secrets. */
  readonly example: string;
  readonly isError: boolean;
  readonly count: number;
  /** When the first and the last of them came, mono µs. */
  readonly firstUs: number;
  readonly lastUs: number;
}

/** What a log has shown by the end of a run. */
export interface LogEvidence {
  readonly lines: number;
  readonly errors: number;
  /** Lines that came faster than they could be looked at. */
  readonly unread: number;
  /** Bytes that were passed over as a whole. */
  readonly passedBytes: number;
  /** Forms that are told apart, and those that had to be forgotten: what is new may be one of them. */
  readonly patterns: number;
  readonly forgotten: number;
  /** How much later lines come than they say that they were written, at least, ms; left out where that is little. */
  readonly skewMs?: number;
  readonly freshPatterns: number;
  /** The most telling of them. */
  readonly fresh: readonly NewPattern[];
  /** Why it could not be read, each reason once. */
  readonly trouble: readonly string[];
}

/** What of logs is on record. */
export type LogRecord =
  /** A line of a form that the log had not shown before anything was injected; of each form the first. */
  | ({readonly type: 'log.pattern'; readonly log: string} & Omit<NewPattern, 'count' | 'lastUs'>)
  /** What a log has shown by the end of the run. */
  | ({readonly type: 'log.read'; readonly log: string} & LogEvidence);
