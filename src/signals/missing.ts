/**
 * Why a value is missing, decided where it happens: `target` failed, which is evidence about it, or `ours`, the way of
 * measuring did, which says nothing about it. In `docs/judgement.md` this is a table.
 */
const TARGET = {
  status: 'it answered with a status that is not expected',
  check: 'its answer did not pass a check of the load',
  answer: 'its answer is not what is expected: no number, another body, too large, cut short, too many redirects',
  refused: 'connection refused',
  reset: 'connection reset',
  timeout: 'no answer in time',
  unreachable: 'host or network unreachable',
  dns: 'host name not found, or the name server failed (NXDOMAIN, SERVFAIL, REFUSED, …)',
  record: 'no such record, or another one than expected',
  tls: 'handshake failed, or the certificate is not to be trusted',
  database: 'the database answered with an error',
  role: 'none of the servers has the role that is asked for',
  exit: 'the command ended with another exit code than 0',
  stopped: 'it is not running',
  gone: 'it no longer exists',
  unscraped: 'Prometheus could not scrape it (`up` is 0)',
  other: 'the exchange failed in another way',
} as const;

const OURS = {
  unstarted: 'the command was not found, may not be executed or could not be started (also exit codes 126 and 127)',
  killed: 'the command was killed by a signal',
  unsent:
    'this machine could not send it: no permission, no free descriptor or port, or the load could not keep its pace',
  aborted: 'Firedrill broke the exchange off itself',
  question: 'it was asked wrongly: login, permission, statement or query refused, several series where one is expected',
  between: 'who stands between did not answer: Prometheus, the engine, the cluster',
  silent: 'who stands between did not say it: no series, too few scrapes, no figure',
  traffic: 'nothing was asked of the target: no traffic',
  zero: 'a ratio or share of nothing: what it is divided by is 0',
  first: 'a difference needs a reading before it',
  busy: 'the read before was still running',
  late: 'the sampler was held up: this machine was busy',
  bug: 'the probe itself failed',
} as const;

/** Each reason that there is, with what it says. */
export const REASONS = {target: TARGET, ours: OURS} as const;

/** The ways in which a target fails. */
export type TargetReason = keyof typeof TARGET;
type OurReason = keyof typeof OURS;

/** A reason, with the particular where there is one: `status-503`, `exit-2`, `dns-SERVFAIL`. */
export type Reason = TargetReason | OurReason | `${TargetReason}-${string}`;

/** Who failed, and how. */
export interface Missing {
  readonly because: 'target' | 'ours';
  readonly reason: string;
}

/** No value, why in a sentence for people, and whose failure it is. */
export interface NoValue {
  readonly value: null;
  readonly why: string;
  readonly missing: Missing;
}

/** The reason without its particular. */
export function kindOf(reason: string): string {
  return reason.split('-', 1)[0] ?? '';
}

export function missingFor(reason: Reason): Missing {
  return {because: kindOf(reason) in TARGET ? 'target' : 'ours', reason};
}

export function noValue(reason: Reason, why: string): NoValue {
  return {value: null, why, missing: missingFor(reason)};
}
