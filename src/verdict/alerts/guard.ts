import {formatDuration} from '../../quantities/duration.js';

/** What is known of an alert that guards the run. */
export interface GuardedAlert {
  readonly firing: boolean;
  /** When it was last known whether it fires, mono µs. */
  readonly knownUs: number;
  /** Why the last look said nothing about that; absent where it did. */
  readonly why?: string;
}

/** Without knowing for so long (ms) whether it fires, a guard is blind: a read without an answer, and another one. */
export const GUARD_PATIENCE_MS = 10_000;

/** What a guard on an alert says now (mono µs); one that sees nothing protects nothing, so it stops the run. */
export function judgeAlertGuard(
  {firing, knownUs, why}: GuardedAlert,
  nowUs: number,
): {readonly answer: 'ok'} | {readonly answer: 'tripped' | 'blind'; readonly why: string} {
  if (firing) return {answer: 'tripped', why: 'it fires'};
  if (nowUs - knownUs <= GUARD_PATIENCE_MS * 1000) return {answer: 'ok'};
  const said = why === undefined ? '' : ` (${why})`;
  return {
    answer: 'blind',
    why: `for ${formatDuration(GUARD_PATIENCE_MS)} nothing is known of it${said}, so it cannot protect anything`,
  };
}
