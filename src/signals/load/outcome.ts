import {isStatusIn, type StatusRange} from '../../quantities/http.js';
import {failureOf, type Failure} from '../network/failure.js';

/**
 * What became of a request: `ok` (a status that the file lists as a success), `status-503`, `check-NAME`
 * (a good status, but not what a check of the file wants), or how it failed. `unsent` could
 * not be sent for reasons of this machine; `aborted` was in flight when the load was torn down.
 */
export type Outcome = 'ok' | `status-${number}` | `check-${string}` | 'unsent' | Exclude<Failure, 'exhausted'>;

export function outcomeOfStatus(status: number, success: readonly StatusRange[]): Outcome {
  return isStatusIn(status, success) ? 'ok' : `status-${status}`;
}

export function outcomeOfError(error: unknown): Outcome {
  const failure = failureOf(error);
  return failure === 'exhausted' ? 'unsent' : failure;
}
