import {kindOf, type TargetReason} from '../../signals/missing.js';
import {tlsReason} from '../../quantities/tls-reasons.js';
import {formatShare} from '../../quantities/share.js';
import {count} from '../phrase.js';
import type {TimeBase} from '../time.js';
import type {FailuresOfKind} from '../judgement/availability.js';
import type {AvailabilityResult} from '../result.js';

/** How a target failed, in as few words as it takes. */
const SHORT: Readonly<Record<TargetReason, string>> = {
  status: 'status',
  check: 'check',
  answer: 'another answer',
  refused: 'connection refused',
  reset: 'connection reset',
  timeout: 'timed out',
  unreachable: 'unreachable',
  dns: 'host name not found',
  record: 'no such record',
  tls: 'TLS failed',
  database: 'database error',
  role: 'no server of the role',
  exit: 'exit code',
  stopped: 'not running',
  gone: 'gone',
  unscraped: 'not scraped',
  other: 'failed otherwise',
};

/** Kinds of which the particular alone says enough: `503`, `SERVFAIL`. */
const ALONE: ReadonlySet<string> = new Set(['status', 'dns']);

function reasonWords(reason: string): string {
  const kind = kindOf(reason);
  const particular = reason.slice(kind.length + 1);
  const short = kind in SHORT ? SHORT[kind as TargetReason] : reason;
  if (particular === '') return short;
  if (kind === 'tls') return `${short}: ${tlsReason(particular)}`;
  return ALONE.has(kind) ? particular : `${short} ${particular}`;
}

/** `16:10:22`, UTC. */
const clock = (us: number, time: TimeBase) => time.iso(us).slice(11, 19);

function whenWords(failures: readonly FailuresOfKind[], time: TimeBase): string {
  const from = clock(Math.min(...failures.map(({firstUs}) => firstUs)), time);
  const to = clock(Math.max(...failures.map(({lastUs}) => lastUs)), time);
  return from === to ? `at ${from}` : `from ${from} to ${to}`;
}

export interface Failed extends Pick<AvailabilityResult, 'before' | 'during' | 'allowed'> {
  readonly failures: readonly FailuresOfKind[];
  /** What an attempt is called. */
  readonly noun: 'attempt' | 'request';
}

/** `7 of 40 attempts failed: 503 ×7, from 16:10:22 to 16:10:28 (0 of 45 before, allowed +1%)`. */
export function failedWords({before, during, allowed, failures, noun}: Failed, time: TimeBase): string {
  const was = before.attempts === 0 ? 'none was made before' : `${before.failed} of ${before.attempts} before`;
  const all = `${during.failed} of ${count(during.attempts, noun)} failed`;
  const how = failures.map(({reason, count: times}) => `${reasonWords(reason)} ×${times}`).join(', ');
  const said = failures.length === 0 ? all : `${all}: ${how}, ${whenWords(failures, time)}`;
  return `${said} (${was}, allowed +${formatShare(allowed)})`;
}

/** What was proven, or may be, to follow the name of the metric. */
export function tellAvailability({text, subject}: AvailabilityResult): string {
  return `went without values${subject === null ? '' : ` (${subject})`}: ${text}`;
}
