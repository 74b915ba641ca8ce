import {trailingMs} from '../../experiment/blocks.js';
import type {Occurrence} from '../../experiment/timeline.js';
import {lookAtInjection, type FaultLook} from '../../verdict/deviation/settled.js';
import {FiredrillError} from '../../system/error.js';
import {worstVerdict} from '../../verdict/metrics.js';
import {deviatedWhile, verdictsWhile} from '../../verdict/metric-intervals.js';
import {draftOccurrence} from '../../plan/draft.js';
import {looksOf} from '../../plan/go-on.js';
import {healsItself, presentGroups, type Plan} from '../../plan/plan.js';
import type {Score} from './conductor.js';
import type {Measurement} from './measure.js';
import type {RunContext} from '../context.js';
import type {LocatedChange} from '../../targets/contract.js';
import {factsSoFar} from './so-far.js';

/** What the conductor plays: the plan's occurrences from this moment on. */
export function scoreOf(context: RunContext, plan: Plan, measurement: Measurement): Score {
  return {
    occurrences: plan.occurrences.map(fault => fault.occurrence),
    zeroUs: context.ports.clock.mono(),
    trailingMs: trailingMs(plan.experiment.switchback),
    draft: (occurrence, only) => draftNow(context, plan, occurrence, only),
    healsItself,
    went: occurrences => {
      const facts = factsSoFar(context, measurement.data);
      return worstVerdict(occurrences.flatMap(id => verdictsWhile(facts, id)));
    },
    deviated: occurrence => deviatedWhile(factsSoFar(context, measurement.data), occurrence),
    looksMs: occurrence => {
      const nature = plan.occurrences.find(planned => planned.occurrence.id === occurrence.id)?.nature ?? 'event';
      return looksOf(occurrence, nature);
    },
    look: occurrence => lookAtFault(context, measurement, occurrence),
  };
}

/** Drafts an occurrence for the targets as they are now, or only for those of some changes. */
async function draftNow(
  context: RunContext,
  plan: Plan,
  occurrence: Occurrence,
  only: readonly LocatedChange[] | undefined,
): Promise<readonly LocatedChange[]> {
  const {ports, readers, stop} = context;
  const options = {ports, readers, targets: plan.targets, signal: stop.signal, again: only !== undefined};
  const objects = only === undefined ? undefined : new Set(only.map(({change}) => change.target.object));
  const groups = (await presentGroups(plan, occurrence, options)).map(group => ({
    ...group,
    refs: group.refs.filter(ref => objects === undefined || objects.has(ref.object)),
  }));
  const changes = await draftOccurrence(occurrence, groups, options);
  demandPlanned(plan, occurrence, changes);
  if (only === undefined && occurrence.fault.targets.some(name => plan.targets.get(name)?.among !== undefined)) {
    const targets = groups.flatMap(({refs}) => refs);
    const summaries = changes.map(({change}) => change.summary);
    context.record.event({type: 'targets.decided', occurrence: occurrence.id, targets, changes: summaries});
  }
  return changes;
}

/** What came into reach of a fault since the plan was neither counted nor approved. */
function demandPlanned(plan: Plan, {id, label}: Occurrence, changes: readonly LocatedChange[]): void {
  const planned = plan.occurrences.find(({occurrence}) => occurrence.id === id)?.hit ?? [];
  const known = new Set(planned.map(({ref}) => ref.object));
  const news = changes.flatMap(({change}) => change.reaches ?? []).filter(({ref}) => !known.has(ref.object));
  if (news.length === 0) return;
  const names = news.map(({ref}) => `\`${ref.name}\``).join(', ');
  throw new FiredrillError('TARGET_UNSUITABLE', `\`${label}\` would now hit ${names} too, which the plan has not seen`);
}

/** Looks at an injection that may go on; what has deviated, by a tolerance too, has settled the run. */
function lookAtFault(context: RunContext, measurement: Measurement, {id}: Occurrence): FaultLook {
  const facts = factsSoFar(context, measurement.data);
  const played = facts.occurrences.find(({planned}) => planned.id === id);
  if (played === undefined) return {answer: 'hopeless', open: []};
  return deviatedWhile(facts, id) ? {answer: 'settled', open: []} : lookAtInjection(facts, played);
}
