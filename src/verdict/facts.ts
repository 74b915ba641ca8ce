import {withoutWaitingFor} from '../experiment/deciding.js';
import type {Experiment} from '../experiment/experiment.js';
import type {Instant} from '../quantities/instant.js';
import type {Json, JsonObject} from '../quantities/json.js';
import type {Debt} from '../targets/contract.js';
import type {
  Demotion,
  Event,
  EventBody,
  FacetDifference,
  Phase,
  PlannedOccurrence,
  StopReason,
} from '../record/events.js';
import type {Evidence} from '../record/evidence.js';
import type {Span} from './judgement/data.js';
import {SECOND_US} from '../quantities/duration.js';
import {collectOccurrences, type OccurrenceFacts} from './occurrences.js';
import {timeBase, type TimeBase} from './time.js';

export type EventOf<T extends EventBody['type']> = Event & Extract<EventBody, {type: T}>;

/** The events of one type, in order. */
export function eventsOf<T extends EventBody['type']>(events: readonly Event[], type: T): readonly EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

/** A field of the basis of a decision; undefined where it has none of that name. */
export function field(basis: Json, name: string): Json | undefined {
  return basis !== null && typeof basis === 'object' && !Array.isArray(basis) ? (basis as JsonObject)[name] : undefined;
}

/**
 * What the events say, put in order: everything else in the verdict is derived from this. Times are µs of the base
 * clock.
 */
export interface Facts {
  readonly evidence: Evidence;
  readonly time: TimeBase;
  readonly started: EventOf<'run.started'> | undefined;
  readonly experiment: Experiment;
  readonly startUs: number;
  /** The run's end, or the last thing that is on record. */
  readonly endUs: number;
  readonly ended: EventOf<'run.ended'> | undefined;
  readonly end: StopReason;
  readonly phases: readonly {
    readonly phase: Phase;
    readonly fromUs: number;
    readonly toUs: number;
    /** Of a baseline that was read from the past: the time it is about. */
    readonly past?: Span;
  }[];
  readonly occurrences: readonly OccurrenceFacts[];
  /** Debts without a verified settlement. */
  readonly owed: readonly Debt[];
  readonly takeovers: readonly EventOf<'takeover'>[];
  readonly decided: readonly EventOf<'decided'>[];
  /** Metrics that can hardly answer, as the gate said: they do not keep the verdict open. */
  readonly demoted: readonly Demotion[];
  readonly leaks: {
    readonly touched: readonly FacetDifference[];
    readonly collateral: readonly FacetDifference[];
    /** To be expected: irreversible, or someone else's value that was left in place. */
    readonly left: readonly FacetDifference[];
  } | null;
  readonly gaps: readonly string[];
}

const NOTHING: Experiment = {
  version: 1,
  title: 'unknown experiment',
  tags: [],
  sources: {},
  targets: {},
  load: {},
  steadyState: [],
  windows: {warmupMs: 0, baselineMs: 0, recoveryMs: 0},
  faults: [],
  guards: [],
  expect: {recovery: {withinMs: 0}, checks: [], verdict: 'held'},
  safety: {maxTargets: 0, maxShare: 0, irreversible: 'refuse'},
};

/**
 * What is not on record is not known: a runner that was killed writes no end, and neither does one whose disk is full.
 */
const NOT_ON_RECORD: StopReason = {
  kind: 'bug',
  detail: 'the record has no end of the run: its runner was killed, could not write it, or is still running',
};

const EPOCH: Instant = {mono: 0, wall: new Date(0).toISOString(), boot: ''};

function owedOf(occurrences: readonly OccurrenceFacts[]): readonly Debt[] {
  return occurrences.flatMap(({debts, settled}) =>
    debts.filter(debt => {
      const last = settled.findLast(answer => answer.debt === debt.id);
      return last === undefined || last.outcome === 'failed' || last.outcome === 'unknown';
    }),
  );
}

function phasesOf(events: readonly Event[], time: TimeBase, endUs: number): Facts['phases'] {
  const entered = eventsOf(events, 'phase.entered').filter(event => event.by === 'runner');
  return entered.map((event, i) => {
    const next = entered[i + 1];
    const fromUs = time.us(event.at);
    const past = event.past === undefined ? {} : {past: event.past};
    return {phase: event.phase, fromUs, toUs: Math.max(fromUs, next === undefined ? endUs : time.us(next.at)), ...past};
  });
}

/** The last moment anything is known of: the end of the run where it is on record. */
function lastMoment(evidence: Evidence, time: TimeBase, ended: Event | undefined, startUs: number): number {
  if (ended !== undefined) return time.us(ended.at);
  const events = evidence.events.map(event => time.us(event.at));
  const samples = evidence.series.map(series => series.samples.at(-1)?.t ?? startUs);
  const seconds = evidence.loads.slice(-10).map(second => second.at + SECOND_US);
  return [...events, ...samples, ...seconds].reduce((a, b) => Math.max(a, b), startUs);
}

/** The start of the run, with the times that it was given before anything was injected. */
function startedOf(events: readonly Event[]): Facts['started'] {
  const started = eventsOf(events, 'run.started')[0];
  const resized = eventsOf(events, 'resized').at(-1);
  if (started === undefined || resized === undefined) return started;
  return {...started, experiment: resized.experiment, occurrences: resized.occurrences};
}

/** Reads the evidence into facts. Total: a record that misses events gives facts with gaps. */
export function factsOf(evidence: Evidence): Facts {
  const {events} = evidence;
  const started = startedOf(events);
  const origin = started?.at ?? events[0]?.at ?? EPOCH;
  const time = timeBase(origin);
  // Someone who took over may add an end to a run that had already written its own: the first one counts.
  const ended = eventsOf(events, 'run.ended')[0];
  const endUs = lastMoment(evidence, time, ended, origin.mono);
  const plan = started?.occurrences ?? [];
  const isPlanned = (id: string) => plan.some(planned => planned.id === id);
  const occurrences = collectOccurrences(events, plan, {time, endUs});
  const leaks = eventsOf(events, 'leaks.checked').at(-1);
  const decided = eventsOf(events, 'decided');
  const demoted = decided.findLast(({what}) => what === 'steady')?.demoted ?? [];
  return {
    evidence,
    time,
    started,
    experiment: withoutWaitingFor(
      started?.experiment ?? NOTHING,
      demoted.map(({metric}) => metric),
    ),
    startUs: origin.mono,
    endUs,
    ended,
    end: ended?.why ?? NOT_ON_RECORD,
    phases: phasesOf(events, time, endUs),
    // Processes that the run starts for itself owe an undo as well, but are no faults: nothing is judged by them.
    occurrences: occurrences.filter(({planned}) => isPlanned(planned.id)),
    owed: owedOf(occurrences),
    takeovers: eventsOf(events, 'takeover'),
    decided,
    demoted,
    leaks: leaks === undefined ? null : leaksOf(leaks, plan),
    gaps: [...evidence.gaps, ...missingFrom(events, started !== undefined, ended !== undefined)],
  };
}

/** The differences by the names of their targets, without those that a fault which happens once makes by its nature. */
function leaksOf(
  {touched, collateral, left = []}: EventOf<'leaks.checked'>,
  plan: readonly PlannedOccurrence[],
): Facts['leaks'] {
  const known = plan.flatMap(({targets}) => targets);
  const named = (difference: FacetDifference) => ({
    ...difference,
    target: known.find(({object}) => object === difference.target)?.name ?? difference.name ?? difference.target,
  });
  // A container that is killed or restarted counts that restart, or counts anew.
  const ended = plan.filter(({nature}) => nature === 'event').flatMap(({targets}) => targets);
  const isOwn = ({target, facet}: FacetDifference) =>
    facet === 'restarts' && ended.some(({object}) => object === target);
  return {
    touched: touched.map(named),
    collateral: collateral.filter(one => !isOwn(one)).map(named),
    left: left.map(named),
  };
}

function missingFrom(events: readonly Event[], started: boolean, ended: boolean): readonly string[] {
  return [
    ...(started ? [] : ['the start of the run is not on record: the experiment is unknown']),
    ...(ended ? [] : ['the end of the run is not on record']),
    ...(skipped(events) ? ['some events are missing: their numbers are not consecutive'] : []),
  ];
}

function skipped(events: readonly Event[]): boolean {
  return events.some((event, i) => {
    const before = events[i - 1];
    return before !== undefined && before.epoch === event.epoch && event.seq > before.seq + 1;
  });
}
