import type {JsonObject} from '../quantities/json.js';

/**
 * What the driver and an interposer say to each other. The driver writes `start.json` into a folder of the interposer's
 * own and starts the process with it; the process prints one line when it is ready, and then listens on `control`: one
 * request (a line of JSON) and one answer per connection. Times are relative, in ms.
 */
export interface StartFile {
  readonly tag: string;
  readonly run: string;
  /** Name of the mode, see modes.ts. */
  readonly mode: string;
  readonly options: JsonObject;
  /** First process of the target, and its start in clock ticks: when it is gone, so is the interposer. */
  readonly target: {readonly pid: number; readonly startTicks: string};
  /** Group id of the process, by which its own packets are told apart. */
  readonly gid: number;
  /** It removes the rules and ends after this long, unless renewed. */
  readonly leaseMs: number;
}

export type InterposerRequest =
  | {readonly do: 'status'}
  /** Adds the redirect rules. */
  | {readonly do: 'redirect'}
  | {readonly do: 'renew'; readonly leaseMs: number}
  /** Removes the rules, lets what is under way end, and ends; answered right before the end. */
  | {readonly do: 'drain'; readonly withinMs: number};

export interface Status {
  readonly ok: true;
  /** Rules that carry the tag, read from the kernel now. */
  readonly rules: number;
  /** How many there have to be. */
  readonly wanted: number;
  readonly leaseLeftMs: number;
  readonly counters: JsonObject & {readonly exercised: number};
}

export type InterposerReply = Status | {readonly ok: true} | {readonly ok: false; readonly why: string};

/** Names inside the interposer's folder. */
export const PLACES = {start: 'start.json', control: 'control', beat: 'beat'} as const;

/** Longest path of a unix socket (108 bytes with the closing zero on Linux). */
export const LONGEST_SOCKET_PATH = 107;
