import type {Experiment} from '../experiment/experiment.js';
import {decidesByDeviation} from '../experiment/deciding.js';
import type {Occurrence} from '../experiment/occurrence.js';
import {stretched} from '../experiment/stretch.js';
import {describeTimeline, occurrencesOf} from '../experiment/timeline.js';
import {formatDuration} from '../quantities/duration.js';
import {lookTimes} from '../statistics/decisions/looks.js';
import type {PlannedOccurrence} from '../record/events.js';

/** What `--go-on` allows where it gives no limit: how long a baseline and an injection may become. */
export const GO_ON_LIMIT_MS = 5 * 60_000;

/** The experiment as it goes on: not at all where no metric asks for more time. */
export function withGoOn(experiment: Experiment): Experiment {
  if (experiment.steadyState.some(decidesByDeviation)) return experiment;
  const {goOnMs: _, ...windows} = experiment.windows;
  return {...experiment, windows};
}

/** How much longer injections may become in all: the longest of them up to the limit. */
export function mostStretch({faults}: Pick<Experiment, 'faults'>, limitMs: number): number {
  return Math.max(1, limitMs / Math.max(1, ...faults.map(fault => fault.forMs)));
}

/** How long a run takes at most: when its baseline and its injections become as long as they may. */
export function mostTotalMs(experiment: Experiment): number {
  const {windows} = experiment;
  const {goOnMs} = windows;
  if (goOnMs === undefined) return describeTimeline(experiment).totalMs;
  const longest = stretched(experiment, mostStretch(experiment, goOnMs));
  const baselineMs = windows.lookBackMs === undefined ? Math.max(windows.baselineMs, goOnMs) : windows.baselineMs;
  return describeTimeline({...longest, windows: {...windows, baselineMs}}).totalMs;
}

/**
 * How long an injection has been in force at each of its looks, ms; the last is the longest that it may be held. What
 * happens once has no time to go on.
 */
export function looksOf({forMs, goOnMs}: Occurrence, nature: PlannedOccurrence['nature']): readonly number[] {
  return nature === 'state' && goOnMs !== undefined ? lookTimes(forMs, goOnMs) : [forMs];
}

/** The longest that an injection may be held, ms: what every deadline of its undo is reckoned from. */
export function longestMs(occurrence: Occurrence, nature: PlannedOccurrence['nature']): number {
  return looksOf(occurrence, nature).at(-1) ?? occurrence.forMs;
}

/** Why the injections of a run do not go on once they are in force; undefined when they do. */
function staysAsLong(
  {switchback, faults}: Experiment,
  natures: readonly PlannedOccurrence['nature'][],
): string | undefined {
  if (switchback !== undefined) return 'the blocks of a switchback are played as they were drawn';
  if (occurrencesOf({faults}).length > 1) return 'there is more than one injection';
  return natures.includes('event') ? 'what is injected happens once' : undefined;
}

/** What `--go-on` means for this run; nothing without it. */
export function goOnWarnings(
  planned: Experiment,
  {natures, asked}: {readonly natures: readonly PlannedOccurrence['nature'][]; readonly asked: boolean},
): readonly string[] {
  const {goOnMs} = planned.windows;
  if (goOnMs === undefined)
    return asked
      ? ['going on changes nothing here: no metric is decided by its `deviation`, so nothing asks for more time']
      : [];
  const stays = staysAsLong(planned, natures);
  const total = `up to ${formatDuration(mostTotalMs(planned))} in all instead of ${formatDuration(describeTimeline(planned).totalMs)}`;
  return [
    stays === undefined
      ? `going on: the baseline and the fault may each become up to ${formatDuration(goOnMs)} long while a metric is open: ${total}`
      : `going on: the baseline and each injection may be made up to ${formatDuration(goOnMs)} long before anything is injected; in force nothing is held for longer, because ${stays}: ${total}`,
  ];
}
