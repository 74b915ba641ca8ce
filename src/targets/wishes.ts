import type {AuthorCommand} from '../quantities/command.js';

export type {AuthorCommand} from '../quantities/command.js';

/** What a fault may ask of a driver beside the target: the terms that several drafts share. */

/** How an event fault is healed; see `heal` in the experiment file. */
export type Heal = 'platform' | 'undo' | 'default';

/** A request of the author. Texts may hold `${secret:…}` references: they are resolved when it is sent. */
export interface AuthorRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Status codes of a good answer, from first to last. */
  readonly status: readonly (readonly [from: number, to: number])[];
  /** A regular expression that is found in the body of a good answer. */
  readonly bodyMatches?: string | undefined;
  readonly timeoutMs: number;
}

export type AuthorAction = AuthorCommand | AuthorRequest;

export type FlowDirection = 'both' | 'upstream' | 'downstream';

/**
 * Some of the processes inside a target: by a regular expression on the command line, or by the name of the program.
 */
export interface ProcessChoice {
  readonly match?: string | undefined;
  readonly name?: string | undefined;
  /** The oldest so many; undefined means all. */
  readonly count?: number | undefined;
  /** The target's main process may be one of them. */
  readonly includeMain: boolean;
}

/** A share of the connections of a target. Without a seed the draw follows from the target and the parameters. */
export interface ConnectionShare {
  readonly share: number;
  readonly seed?: number | undefined;
  readonly ttlMs: number;
}

/** What flows in a direction through a share of the connections. */
export interface Flow extends ConnectionShare {
  readonly direction: FlowDirection;
}

/** How much of a memory or a disk: so many bytes, or up to this share of the whole. Exactly one is given. */
export interface Amount {
  readonly bytes: number | undefined;
  readonly share: number | undefined;
}
