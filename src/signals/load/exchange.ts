import type {AnswerRule} from './answer.js';
import type {Outcome} from './outcome.js';

/** A request that was handed over. */
export interface Exchange {
  /** Gives it up: its connection is closed. The outcome is still told, but no longer says anything about the target. */
  abort(): void;
}

/** Sends one request again and again. */
export interface Sender {
  /** `ended` is called exactly once, when the answer is complete or the exchange has failed. */
  send(ended: (outcome: Outcome) => void): Exchange;
}

/** A request with its secrets revealed. */
export interface Prepared {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly rule: AnswerRule;
}
