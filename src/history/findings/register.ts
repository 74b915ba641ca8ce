import {createHash} from 'node:crypto';
import type {Severity} from '../../verdict/result.js';
import {couldShow} from '../could-show.js';
import type {FindingSummary, RunSummary} from '../summary.js';
import type {Resolution} from './resolutions.js';

/**
 * `open`: seen once, `recurring`: more often; `fixed`: a later run could have shown it and did not; `resolved` by a
 * person.
 */
export const STATES = ['open', 'recurring', 'fixed', 'resolved'] as const;
export type FindingState = (typeof STATES)[number];

interface Seen {
  readonly run: string;
  readonly at: string;
}

/** A finding over all runs of its experiment. */
export interface RegisteredFinding {
  /** Made of the rule, the experiment's title and the subject, and of nothing that changes from run to run. */
  readonly id: string;
  readonly code: string;
  readonly experiment: string;
  readonly subject: string;
  /** Of the last run that had it. */
  readonly title: string;
  readonly severity: Severity;
  readonly state: FindingState;
  readonly runs: number;
  readonly firstSeen: Seen;
  readonly lastSeen: Seen;
  /** Later runs with the same faults and loads that were judged and did not have it. */
  readonly notSeenIn: readonly string[];
  /** The last word of a person; it came before the finding was last seen where that was reopened. */
  readonly resolution: Resolution | null;
  readonly reopened: boolean;
}

function idOf(experiment: string, {code, subject}: FindingSummary): string {
  return createHash('sha256')
    .update(JSON.stringify([code, experiment, subject]))
    .digest('hex')
    .slice(0, 10);
}

interface Sighting {
  readonly run: RunSummary;
  readonly finding: FindingSummary;
}

function stateOf(seen: number, isFixed: boolean, isResolved: boolean): FindingState {
  if (isResolved) return 'resolved';
  if (isFixed) return 'fixed';
  return seen > 1 ? 'recurring' : 'open';
}

function registered(
  id: string,
  sightings: readonly Sighting[],
  runs: readonly RunSummary[],
  resolutions: readonly Resolution[],
): RegisteredFinding | undefined {
  const [first, last] = [sightings[0], sightings.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const {finding, run} = last;
  const notSeenIn = runs
    .slice(runs.indexOf(run) + 1)
    .filter(later => later.title === run.title && later.conditions === run.conditions && couldShow(later, finding))
    .map(later => later.run);
  const resolution = resolutions.findLast(one => one.id === id) ?? null;
  const isResolved = resolution !== null && Date.parse(resolution.at) >= Date.parse(run.startedAt);
  return {
    id,
    code: finding.code,
    experiment: run.title,
    subject: finding.subject,
    title: finding.title,
    severity: finding.severity,
    state: stateOf(sightings.length, notSeenIn.length > 0, isResolved),
    runs: sightings.length,
    firstSeen: {run: first.run.run, at: first.run.startedAt},
    lastSeen: {run: run.run, at: run.startedAt},
    notSeenIn,
    resolution,
    reopened: resolution !== null && !isResolved,
  };
}

/** All findings of these runs, each once, the most severe first. */
export function registerOf(
  unsorted: readonly RunSummary[],
  resolutions: readonly Resolution[],
): readonly RegisteredFinding[] {
  const runs = [...unsorted].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
  const sightings = new Map<string, Map<RunSummary, FindingSummary>>();
  for (const run of runs) {
    for (const finding of run.findings) {
      const id = idOf(run.title, finding);
      const own = sightings.get(id) ?? new Map<RunSummary, FindingSummary>();
      if (!own.has(run)) own.set(run, finding);
      sightings.set(id, own);
    }
  }
  return [...sightings]
    .flatMap(
      ([id, own]) =>
        registered(
          id,
          [...own].map(([run, finding]) => ({run, finding})),
          runs,
          resolutions,
        ) ?? [],
    )
    .sort((a, b) => a.severity.localeCompare(b.severity) || b.lastSeen.at.localeCompare(a.lastSeen.at));
}
