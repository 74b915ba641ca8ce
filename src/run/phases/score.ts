import {trailingMs} from '../../experiment/blocks.js';
import type {Experiment} from '../../experiment/experiment.js';
import type {Occurrence} from '../../experiment/timeline.js';
import {judgeWindow, settledWindow} from '../../verdict/judgement/window.js';
import {deviationsDuring} from '../../verdict/deviation/during.js';
import {factsOf} from '../../verdict/facts.js';
import {judgedSegments} from '../../verdict/fault-windows.js';
import type {Span} from '../../verdict/judgement/data.js';
import {draftOccurrence} from '../plan/draft.js';
import {healsItself, presentGroups, type Plan} from '../plan/plan.js';
import type {Score} from './conductor.js';
import type {Measurement} from './measure.js';
import type {House, LocatedChange} from './house.js';

/** Per object, the facets that the changes drafted so far may alter. */
export type Touched = Map<string, Set<string>>;

/** What the conductor plays: the plan's occurrences from this moment on. What is drafted is noted in `touched`. */
export function scoreOf(house: House, plan: Plan, measurement: Measurement, touched: Touched): Score {
  return {
    occurrences: plan.occurrences.map(fault => fault.occurrence),
    zeroUs: house.ports.clock.mono(),
    trailingMs: trailingMs(plan.experiment.switchback),
    draft: async (occurrence, only) => {
      const changes = await draftNow(house, plan, occurrence, only);
      note(changes, touched);
      return changes;
    },
    healsItself,
    deviated: (occurrence, inForce) =>
      outsideTolerance(plan.experiment, measurement, inForce) || beyondAllowedChange(house, measurement, occurrence),
  };
}

/** Drafts an occurrence for the targets as they are now, or only for those of some changes. */
async function draftNow(
  house: House,
  plan: Plan,
  occurrence: Occurrence,
  only: readonly LocatedChange[] | undefined,
): Promise<readonly LocatedChange[]> {
  const {ports, readers, stop} = house;
  const options = {ports, readers, targets: plan.targets, signal: stop.signal};
  const objects = only === undefined ? undefined : new Set(only.map(({change}) => change.target.object));
  const groups = (await presentGroups(plan, occurrence, options)).map(group => ({
    ...group,
    refs: group.refs.filter(ref => objects === undefined || objects.has(ref.object)),
  }));
  return draftOccurrence(occurrence, groups, options);
}

function note(changes: readonly LocatedChange[], touched: Touched): void {
  for (const {change} of changes) {
    const facets = touched.get(change.target.object) ?? new Set<string>();
    for (const facet of change.touches) facets.add(facet);
    touched.set(change.target.object, facets);
  }
}

function outsideTolerance(experiment: Experiment, measurement: Measurement, window: Span): boolean {
  return experiment.steadyState
    .filter(metric => metric.judge.includes('fault'))
    .some(metric => judgeWindow(metric, measurement.data, settledWindow(metric, window)).verdict === 'deviated');
}

/** Whether a metric that is decided by its deviation is proven to have deviated so far: judged on the record up to now as the verdict will judge it. */
function beyondAllowedChange({run, recorded}: House, {data}: Measurement, occurrence: string): boolean {
  const {series, loads} = data;
  const facts = factsOf({run, folder: '', events: recorded, series, loads, gaps: [], complete: false});
  const played = facts.occurrences.find(({planned}) => planned.id === occurrence);
  if (played === undefined) return false;
  return judgedSegments(played).some(segment =>
    [...deviationsDuring(facts, played, segment).values()].some(
      ({decides, verdict}) => decides && verdict === 'deviated',
    ),
  );
}
