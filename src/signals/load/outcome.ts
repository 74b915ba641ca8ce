import {kindOf, type Reason} from '../missing.js';
import {codeOf, failureOf, type Failure} from '../network/failure.js';

/**
 * What became of a request: `ok` (a status that the file lists as a success), `status-503`, `check-NAME` (a good
 * status, but not what a check of the file wants), `database-23505` (the code that a store answered with), or how it
 * failed, of TLS with the code (`tls-CERT_HAS_EXPIRED`). `role`: no server has the one that is asked for. `unsent`
 * could not be sent for reasons of this machine; `aborted` was in flight when the load was torn down.
 */
export type RequestOutcome =
  | 'ok'
  | `status-${number}`
  | `check-${string}`
  | `tls-${string}`
  | 'database'
  | `database-${string}`
  | 'role'
  | 'answer'
  | 'unsent'
  | Exclude<Failure, 'exhausted' | 'tls'>;

/**
 * Without an answer the target may have carried the request out or not: only what never got a connection surely did
 * not.
 */
export function mayHaveArrived(outcome: RequestOutcome): boolean {
  return ['timeout', 'reset', 'aborted', 'answer', 'other'].includes(outcome);
}

export function outcomeOfError(error: unknown): RequestOutcome {
  const failure = failureOf(error);
  if (failure === 'tls') return `tls-${codeOf(error)}`;
  return failure === 'exhausted' ? 'unsent' : failure;
}

const OF_STORES: ReadonlySet<string> = new Set<RequestOutcome>([
  'role',
  'answer',
  'unsent',
  'timeout',
  'refused',
  'reset',
  'unreachable',
  'dns',
]);

function isOfStores(reason: Reason): reason is RequestOutcome & Reason {
  return OF_STORES.has(reason) || ['database', 'tls'].includes(kindOf(reason));
}

/** The same words as those of a probe that asks the same store. */
export function outcomeOfReason(reason: Reason): RequestOutcome {
  return isOfStores(reason) ? reason : 'other';
}
