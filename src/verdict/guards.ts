import type {GuardSpec} from '../experiment/experiment.js';
import {formatQuantity} from '../quantities/format.js';
import {formatDuration} from '../quantities/duration.js';
import type {Json} from '../quantities/json.js';
import type {Facts} from './facts.js';
import {guardPoints} from './judgement/guard.js';
import type {GuardResult} from './result.js';

function names(basis: Json, metric: string): boolean {
  return basis !== null && typeof basis === 'object' && 'metric' in basis && basis.metric === metric;
}

/** A guard that stopped the run: as it was decided live. */
function hasTripped(facts: Facts, guard: GuardSpec): boolean {
  const decisions = facts.decided.filter(event => event.what === 'guard' && event.answer !== 'no');
  if (decisions.some(event => names(event.basis, guard.metric))) return true;
  return (
    facts.end.kind === 'guard' && (facts.experiment.guards.length === 1 || facts.end.detail.includes(guard.metric))
  );
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
  return experiment.guards.map(guard => {
    const metric = experiment.steadyState.find(candidate => candidate.name === guard.metric);
    const points = metric === undefined ? [] : guardPoints(metric, evidence).flat();
    const shares = points.filter(point => point.atUs >= fromUs).map(point => nearness(point.value, guard));
    const known = shares.filter(share => share !== null && Number.isFinite(share));
    const unit = metric?.unit ?? 'number';
    const limits = [
      ...(guard.above === undefined ? [] : [`above ${formatQuantity(guard.above, unit)}`]),
      ...(guard.below === undefined ? [] : [`below ${formatQuantity(guard.below, unit)}`]),
    ];
    return {
      metric: guard.metric,
      limit: `${limits.join(' or ')} for ${formatDuration(guard.forMs)}`,
      tripped: hasTripped(facts, guard),
      closest:
        known.length === 0 ? null : Math.round(known.reduce<number>((a, b) => Math.max(a, b ?? 0), 0) * 1000) / 1000,
    };
  });
}
