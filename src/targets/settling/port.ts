import type {Clock, Left} from '../../system/clock.js';
import type {Debt, Fence, Proof} from '../contract.js';

/** How a debt stands according to the target itself. */
export type Standing =
  /** `shows`: what the target shows instead, for people. */
  | {readonly state: 'owed'; readonly shows: string}
  | {readonly state: 'nothing'; readonly detail?: string}
  | {readonly state: 'gone'; readonly detail: string}
  | {readonly state: 'superseded'; readonly detail: string}
  | {readonly state: 'unreadable'; readonly why: string};

/** What became of an undo that was sent. */
export type Sent =
  /** `said`: what was done, for people. */
  | {readonly state: 'done'; readonly said?: string}
  /** The target has said no: nothing is under way that could still show. */
  | {readonly state: 'refused'; readonly why: string}
  /** It was tried and did not end well, and may show all the same. */
  | {readonly state: 'failed'; readonly why: string}
  /** There was no answer: it may still come. */
  | {readonly state: 'lost'; readonly why: string};

/** How long a driver waits for its undos to show, and how often it sends them. */
export interface Patience {
  readonly attempts: number;
  readonly betweenAttemptsMs: number;
  /** An undo that was carried out shows only a moment later; at most what is left of the budget. */
  readonly showsWithinMs: number;
  readonly lookEveryMs: number;
}

/** What settling needs from a driver. */
export interface SettlingPort {
  /** `docker@1`: debts of another driver or version are not touched. */
  readonly driver: string;
  /** undefined: nobody answers that could say so, and whatever the debt names is meant. */
  readonly endpoint: string | undefined;
  readonly fence: Fence;
  readonly clock: Clock;
  readonly patience: Patience;
  /** Objects whose debts are settled side by side. */
  readonly inFlight: number;
  /** Why this driver cannot undo it, beside what everybody asks. */
  refuses?(debt: Debt): string | undefined;
  /** The run that holds the target by a mark while this debt has none there; undefined otherwise. */
  heldByOther(debt: Debt, left: Left): Promise<string | undefined>;
  /** Looks at the target. Rejects only where nobody can be asked at all: then nothing is sent either. */
  look(debt: Debt, left: Left): Promise<Standing>;
  /** The target refuses the undo, unharmed, where there is nothing to undo: it is sent without a look beforehand. */
  refusesWhenDone?(debt: Debt): boolean;
  carryOut(debt: Debt, left: Left): Promise<Sent>;
  /**
   * What is not as before although it is undone: told with the settlement. It is undone whether this can be had or not.
   */
  remark?(debt: Debt, left: Left): Promise<string | undefined>;
  /**
   * Removes the marks of these debts, as far as they are still there; answers why one stays (`its mark …`), by debt.
   * Never rejects.
   */
  unmark(debts: readonly Debt[], left: Left): Promise<ReadonlyMap<string, string>>;
  /** The shell command with which a person removes a mark that stayed; the default is that of the undo. */
  manualUnmark?(debt: Debt): string;
  /** Many debts with as few requests as one. */
  readonly together?: SettlingTogether;
}

/** For drivers whose world can be asked about, and told to undo, many things at once. */
export interface SettlingTogether {
  fits(debt: Debt): boolean;
  states(debts: readonly Debt[], left: Left): Promise<readonly Proof['state'][]>;
  /** One answer each, in order; undefined for what was not sent. */
  carryOut(debts: readonly Debt[], left: Left): Promise<readonly (Sent | undefined)[]>;
}

/** One attempt, which may take the whole budget to show. */
export const ONE_ATTEMPT: Patience = {
  attempts: 1,
  betweenAttemptsMs: 0,
  showsWithinMs: Number.POSITIVE_INFINITY,
  lookEveryMs: 50,
};
