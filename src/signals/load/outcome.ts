import {codeOf, failureOf, type Failure} from '../network/failure.js';

/**
 * What became of a request: `ok` (a status that the file lists as a success), `status-503`, `check-NAME` (a good
 * status, but not what a check of the file wants), or how it failed, of TLS with the code (`tls-CERT_HAS_EXPIRED`).
 * `unsent` could not be sent for reasons of this machine; `aborted` was in flight when the load was torn down.
 */
export type RequestOutcome =
  'ok' | `status-${number}` | `check-${string}` | `tls-${string}` | 'unsent' | Exclude<Failure, 'exhausted' | 'tls'>;

/**
 * Without an answer the target may have carried the request out or not: only what never got a connection surely did
 * not.
 */
export function mayHaveArrived(outcome: RequestOutcome): boolean {
  return outcome === 'timeout' || outcome === 'reset' || outcome === 'aborted' || outcome === 'other';
}

export function outcomeOfError(error: unknown): RequestOutcome {
  const failure = failureOf(error);
  if (failure === 'tls') return `tls-${codeOf(error)}`;
  return failure === 'exhausted' ? 'unsent' : failure;
}
