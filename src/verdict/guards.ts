import type {GuardSpec} from '../experiment/experiment.js';
import type {Json} from '../quantities/json.js';
import type {Facts} from './facts.js';
import {guardPoints, guardWords} from './judgement/guard.js';
import type {GuardResult} from './result.js';

/** Which guard a decision was about: its place in the file, or, in records of earlier versions, its metric. */
function isAbout(basis: Json, guard: GuardSpec, place: number): boolean {
  if (basis === null || typeof basis !== 'object') return false;
  return 'guard' in basis ? basis.guard === place : 'metric' in basis && basis.metric === guard.metric;
}

/**
 * How a guard stopped the run, as it was decided live: its limit was reached, or it saw nothing. Without the decision
 * on record only a guard that is alone can be named.
 */
function stoppedBy({decided, end, experiment}: Facts, guard: GuardSpec, place: number): 'limit' | 'blind' | undefined {
  const decisions = decided.filter(event => event.what === 'guard' && event.answer !== 'no');
  const own = decisions.find(event => isAbout(event.basis, guard, place));
  if (own !== undefined) return own.answer === 'unknown' ? 'blind' : 'limit';
  const alone = decisions.length === 0 && end.kind === 'guard' && experiment.guards.length === 1;
  return alone ? 'limit' : undefined;
}

/** How near a value is to the limit, as a share of it; null where a share makes no sense. */
function nearness(value: number, {above, below}: GuardSpec): number | null {
  if (above !== undefined && above > 0) return Math.max(0, value / above);
  if (below !== undefined && below > 0) return value <= 0 ? Infinity : below / value;
  return null;
}

/** What each guard of the file watched and how close it came while something was injected or recovering. */
export function guardResults(facts: Facts): readonly GuardResult[] {
  const {experiment, evidence, occurrences} = facts;
  const fromUs = Math.min(...occurrences.map(occurrence => occurrence.requestedUs ?? Infinity));
  return experiment.guards.map((guard, place) => {
    const metric = experiment.steadyState.find(candidate => candidate.name === guard.metric);
    const points = metric === undefined ? [] : guardPoints(metric, evidence).flat();
    const shares = points.filter(point => point.atUs >= fromUs).map(point => nearness(point.value, guard));
    const known = shares.filter(share => share !== null && Number.isFinite(share));
    const stopped = stoppedBy(facts, guard, place);
    return {
      metric: guard.metric,
      limit: guardWords(guard, metric?.unit ?? 'number'),
      tripped: stopped === 'limit',
      ...(stopped === 'blind' ? {blind: true as const} : {}),
      closest:
        known.length === 0 ? null : Math.round(known.reduce<number>((a, b) => Math.max(a, b ?? 0), 0) * 1000) / 1000,
    };
  });
}
