import type {JsonObject} from '../quantities/json.js';
import {blockOccurrences, trailingMs} from './blocks.js';
import type {AfterSpec, Experiment, FaultSpec, PreparationSpec} from './experiment.js';
import type {Occurrence, Trigger} from './occurrence.js';

export type {Edge, Occurrence} from './occurrence.js';

/**
 * An occurrence with its estimated place, in ms from the end of the baseline. Undo and confirmation are taken to be
 * instant.
 */
export interface PlannedTime {
  readonly occurrence: Occurrence;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Timeline {
  /** By estimated start; what starts together is in the order of the file. */
  readonly rows: readonly PlannedTime[];
  /** From the end of the baseline to the end of the last occurrence, or of the last block of a switchback. */
  readonly faultsMs: number;
  /** Warm-up, baseline, faults and the whole recovery window. */
  readonly totalMs: number;
  /** Ids of occurrences that may be in force at the same time. */
  readonly overlaps: readonly (readonly [string, string])[];
}

/**
 * The most injections of a file, and the most changes of a plan: nobody looks through more than that before agreeing to
 * it.
 */
export const MOST_CHANGES = 1000;

interface OccurrenceSlot {
  readonly parameters: JsonObject;
  readonly label: string;
  readonly step?: number;
}

/** How many occurrences a fault has. */
export function occurrenceCount(fault: Pick<FaultSpec, 'steps' | 'repeat'>): number {
  return (fault.steps?.parameters.length ?? 1) * (fault.repeat?.times ?? 1);
}

/** What of an experiment says when something is injected. */
export type Schedule = Pick<Experiment, 'faults' | 'switchback'> & {
  readonly windows?: Pick<Experiment['windows'], 'goOnMs'>;
};

/**
 * What the faults of a file become: a repeat starts `every` after the first occurrence's start; a step starts when the
 * step before it has ended; `after` another fault means the start or confirmation of its first occurrence, or the end
 * of its last; a switchback has an occurrence for each of its on blocks. Only one that is alone may go on: another one
 * would be waiting for it, or fall into its time.
 */
export function occurrencesOf({faults, switchback, windows}: Schedule): readonly Occurrence[] {
  if (switchback !== undefined) return faults.flatMap(fault => blockOccurrences(fault, switchback));
  const byName = new Map(faults.map(fault => [fault.name, fault]));
  const all = faults.flatMap(fault => occurrencesOfOne(fault, trigger(fault.after, byName)));
  const goOnMs = windows?.goOnMs;
  if (goOnMs === undefined || all.length !== 1) return all;
  return all.map(one => ({...one, goOnMs: Math.max(one.forMs, goOnMs)}));
}

function occurrencesOfOne(fault: FaultSpec, first: Trigger): readonly Occurrence[] {
  const slots = slotsOf(fault);
  return Array.from({length: occurrenceCount(fault)}, (_, index): Occurrence => {
    const slot = slots[index % slots.length] ?? {parameters: fault.parameters, label: fault.name};
    const start = index === 0 ? first : following(fault, index, slots.length);
    return {id: idOf(fault, index), fault, index, ...slot, forMs: fault.forMs, start};
  });
}

function slotsOf(fault: FaultSpec): readonly OccurrenceSlot[] {
  const {steps} = fault;
  if (steps === undefined) return [{parameters: fault.parameters, label: fault.name}];
  return steps.parameters.map((parameters, step) => ({
    parameters,
    label: `${fault.name} (${steps.labels[step] ?? `step ${step + 1}`})`,
    step,
  }));
}

function following(fault: FaultSpec, index: number, slots: number): Trigger {
  if (index % slots !== 0) return {from: 'occurrence', occurrence: idOf(fault, index - 1), edge: 'ends', ms: 0};
  const ms = (fault.repeat?.everyMs ?? 0) * (index / slots);
  return {from: 'occurrence', occurrence: idOf(fault, 0), edge: 'starts', ms};
}

function idOf(fault: FaultSpec, index: number): string {
  return occurrenceCount(fault) === 1 ? fault.name : `${fault.name}#${index + 1}`;
}

function trigger(after: AfterSpec, byName: ReadonlyMap<string, FaultSpec>): Trigger {
  if (after.from === 'baseline') return after;
  const other = byName.get(after.fault);
  const index = other === undefined || after.edge !== 'ends' ? 0 : occurrenceCount(other) - 1;
  const occurrence = other === undefined ? after.fault : idOf(other, index);
  return {from: 'occurrence', occurrence, edge: after.edge, ms: after.ms};
}

/** Estimates when everything happens, for `validate` and `plan`. */
export function describeTimeline(experiment: Pick<Experiment, 'faults' | 'switchback' | 'windows'>): Timeline {
  const occurrences = occurrencesOf(experiment);
  const starts = estimateStarts(occurrences);
  const rows = occurrences
    .map(occurrence => {
      const startMs = starts.get(occurrence.id) ?? 0;
      return {occurrence, startMs, endMs: startMs + occurrence.forMs};
    })
    .sort((a, b) => a.startMs - b.startMs);
  const faultsMs = Math.max(0, ...rows.map(row => row.endMs)) + trailingMs(experiment.switchback);
  const {warmupMs, baselineMs, recoveryMs} = experiment.windows;
  return {rows, faultsMs, totalMs: warmupMs + baselineMs + faultsMs + recoveryMs, overlaps: overlapsOf(rows)};
}

/**
 * Follows the triggers; an occurrence that nothing leads to (a cycle, which the file check refuses) is taken to start
 * at 0.
 */
function estimateStarts(occurrences: readonly Occurrence[]): ReadonlyMap<string, number> {
  const starts = new Map<string, number>();
  const byId = new Map(occurrences.map(occurrence => [occurrence.id, occurrence]));
  for (const occurrence of occurrences) {
    const chain: Occurrence[] = [];
    let here: Occurrence | undefined = occurrence;
    while (here !== undefined && !starts.has(here.id) && !chain.includes(here)) {
      chain.push(here);
      here = here.start.from === 'occurrence' ? byId.get(here.start.occurrence) : undefined;
    }
    for (const next of chain.reverse()) starts.set(next.id, startOf(next, starts, byId));
  }
  return starts;
}

function startOf(
  {start}: Occurrence,
  starts: ReadonlyMap<string, number>,
  byId: ReadonlyMap<string, Occurrence>,
): number {
  if (start.from === 'baseline') return start.ms;
  const lasts = start.edge === 'ends' ? (byId.get(start.occurrence)?.forMs ?? 0) : 0;
  return (starts.get(start.occurrence) ?? 0) + lasts + start.ms;
}

/** Sweeps over the rows in the order of their starts. */
function overlapsOf(rows: readonly PlannedTime[]): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  let open: PlannedTime[] = [];
  for (const row of rows) {
    open = open.filter(other => other.endMs > row.startMs);
    for (const other of open) pairs.push([other.occurrence.id, row.occurrence.id]);
    open.push(row);
  }
  return pairs;
}

/** How long the commands around the run take at most, ms: as the file limits them, undos included. */
export function aroundMs({prepare = [], cleanup = []}: Experiment): number {
  const undoMs = ({undo}: PreparationSpec) => (undo === undefined || 'nothing' in undo ? 0 : undo.timeoutMs);
  const preparing = prepare.reduce((sum, one) => sum + one.run.timeoutMs + undoMs(one), 0);
  return cleanup.reduce((sum, {run}) => sum + run.timeoutMs, preparing);
}
