import type {JsonObject} from '../../quantities/json.js';

/**
 * Where the id of a write stands: in a header (lower case) of an answer, at a path of a text in JSON, or else in all of
 * the text. `matches` takes a part of what was found: its first group, or the whole match.
 */
export interface IdSpec {
  readonly header?: string;
  readonly json?: string;
  readonly matches?: string;
}

/** The id is a part of the request: this text, in which placeholders stand for values of the user who sends it. */
export interface SentIdSpec {
  readonly sent: string;
}

/** Most ids that are kept of one request of a load, and most that a list may have. */
export const MOST_IDS = 2_000_000;

/** A longer text is no id. */
export const LONGEST_ID = 256;

/** What can list the entries of a store. */
export const LIST_KINDS = ['command', 'redis', 'sql'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

/** Where the ids of what is stored are listed. */
export interface StoredSpec {
  readonly source: ListKind;
  readonly parameters: JsonObject;
  /** When a list without an answer counts as missing. */
  readonly timeoutMs: number;
  /** Where the id stands in each entry; undefined: all of it. */
  readonly id?: IdSpec;
  /** How long after one list the next is read, where something seems lost. */
  readonly againMs: number;
}

/** A write that is told by name. */
export interface ExampleWrite {
  /** Its id. */
  readonly written: string;
  /** When it was sent, mono µs. */
  readonly sentUs: number;
  readonly phase: string;
}

/** Some of the writes, by when they were sent. */
export interface FoundWrites {
  readonly count: number;
  /** How many were sent in which phase. */
  readonly phases: Readonly<Record<string, number>>;
  /** When the first and the last of them were sent, mono µs; absent where there are none. */
  readonly sent?: {readonly fromUs: number; readonly toUs: number};
  /** The first of them. */
  readonly examples: readonly ExampleWrite[];
}

/** What a load has written, beside one list of what is stored. Writes are counted by their ids, each id once. */
export interface ComparedWrites {
  readonly acknowledged: number;
  /** Without a good answer, with an id that is known. */
  readonly failed: number;
  /** Without a good answer and of an unknown id: each may be one of `others`. */
  readonly nameless: number;
  /** Ids that there was no room for. */
  readonly dropped: number;
  /** Stood in the list before the load began: of these nothing can be told. */
  readonly already: number;
  /** Acknowledged more often than they are stored: lost, or the same write each time. */
  readonly repeated: number;
  /** Entries of the list, and those of them without an id. */
  readonly listed: number;
  readonly withoutId: number;
  /** Entries with an id that is none of the load's and was not there before. */
  readonly others: number;
  /** The first of these. */
  readonly otherExamples: readonly string[];
  readonly lost: FoundWrites;
  readonly doubled: FoundWrites;
  readonly unacknowledged: FoundWrites;
}
