import type {Experiment} from '../experiment/experiment.js';
import {decidesByDeviation} from '../experiment/deciding.js';
import {guardPatienceMs} from '../experiment/least.js';
import {smoothingOf} from '../experiment/traits.js';
import {formatDuration} from '../quantities/duration.js';
import {SHORTEST_REDACTED, tooShortSecrets} from '../system/secrets.js';
import {Profile} from '../signals/load/pacer.js';
import {MOST_IDS} from '../signals/writes/spec.js';
import {goOnWarnings, mostTotalMs, withGoOn} from './go-on.js';
import type {PlannedFault} from './planned-fault.js';
import {mostLikelyOpen} from './stays-open.js';

/** Among more metrics than this each must be very clear to count. */
const MOST_PRIMARY = 5;

function manyPrimary({steadyState}: Experiment): readonly string[] {
  const deciding = steadyState.filter(decidesByDeviation);
  if (deciding.length <= MOST_PRIMARY) return [];
  return [
    `${deciding.length} metrics decide by their deviation: the chance of a false alarm is shared by all of them, so with more than ${MOST_PRIMARY} a change must be very clear to count; \`judge: []\` makes one observed only`,
  ];
}

/** A moving average is no series of values: judged as one it is wrong, so it is said where it stands. */
function trapped({steadyState}: Experiment): readonly string[] {
  return steadyState.flatMap(metric => {
    const {name, everyMs, judge, deviation} = metric;
    if (judge.length === 0 && deviation === undefined) return [];
    return smoothingOf(metric).map(
      ({over, where, instead}) =>
        `\`${name}\` is a moving average: ${where} looks back over ${over}, and it is asked every ${formatDuration(everyMs)}; a fault shows late and too small, and nothing can be proven by it. ${instead}`,
    );
  });
}

/** A load's second is on record once its requests have ended: so much later than its end a guard may hear of it. */
const RECORDED_MS = 1_500;

/**
 * Where requests hang, a guard hears nothing of them until they time out: with patience for less it stops the run as
 * blind, not at its limit.
 */
function blindGuards({guards, steadyState, load}: Experiment): readonly string[] {
  return guards.flatMap(guard => {
    const metric = steadyState.find(({name, source}) => name === guard.metric && source === 'load');
    const of = Object.values(load).find(({name}) => name === metric?.parameters['of']);
    if (metric === undefined || of === undefined) return [];
    const patienceMs = guardPatienceMs(guard, metric);
    const mostMs = patienceMs - RECORDED_MS;
    if (of.timeoutMs <= mostMs) return [];
    return [
      `the guard on \`${guard.metric}\` sees nothing while requests of \`${of.name}\` hang: they count only when they time out after ${formatDuration(of.timeoutMs)}, and after ${formatDuration(patienceMs)} without a value it stops the run, whatever its limit; give \`${of.name}\` a \`timeout\` of at most ${formatDuration(mostMs)}`,
    ];
  });
}

/**
 * A guard that waits for longer than each injection lasts is reached only where several follow each other, or after the
 * last.
 */
function lateGuards({guards, faults, switchback}: Experiment): readonly string[] {
  if (switchback !== undefined) return [];
  const longestMs = Math.max(...faults.map(({forMs, steps}) => forMs * (steps?.parameters.length ?? 1)));
  return guards
    .filter(({forMs}) => forMs >= longestMs)
    .map(
      ({metric, forMs}) =>
        `the guard on \`${metric}\` waits for ${formatDuration(forMs)}: no injection lasts longer than ${formatDuration(longestMs)}, so it hardly ends one before its time`,
    );
}

function unusedControl({control, steadyState}: Experiment): readonly string[] {
  if (control === undefined || steadyState.some(metric => metric.control !== undefined)) return [];
  return [
    `no metric is measured on the control group (${control.targets.map(name => `\`${name}\``).join(', ')}): name what measures the same there under \`control.metrics\``,
  ];
}

/** Writes beyond so many are not kept, so a check of them could not tell whether all are there. */
function manyWrites(experiment: Experiment): readonly string[] {
  const {expect, load} = experiment;
  const seconds = mostTotalMs(experiment) / 1000;
  return (expect.writes ?? []).flatMap(check => {
    const spec = load[check.load];
    if (spec === undefined) return [];
    const writes = Math.ceil(new Profile(spec).countAt(seconds * 1e6));
    if (writes <= MOST_IDS) return [];
    return [
      `\`${check.load}\` sends up to ${writes.toLocaleString('en')} requests, and the ids of ${MOST_IDS.toLocaleString('en')} writes are kept at most: "${check.name}" would stay open; send them more slowly, or make the run shorter`,
    ];
  });
}

/**
 * What is known of a run beside its experiment: the natures of what it injects, and whether it was allowed to go on.
 */
interface Planned {
  readonly natures: readonly PlannedFault['nature'][];
  readonly mayGoOn: boolean;
}

/** Each warning, by the words in which docs/before-harm.md lists it. */
export const DESIGN_WARNINGS: Readonly<Record<string, (experiment: Experiment) => readonly string[]>> = {
  'more than five metrics that decide by their deviation': manyPrimary,
  'a metric that most likely stays open, with the figure and the windows that would decide': mostLikelyOpen,
  'PromQL that is a moving average, with its place in the query': trapped,
  'a guard that the time-out of its load makes blind': blindGuards,
  'a guard that waits for longer than any injection lasts': lateGuards,
  'a control group on which nothing is measured': unusedControl,
  'more writes than the ids of which are kept for a check of them': manyWrites,
};

/** Secrets that nothing could take out of what is told, by the environment and the files as they are. */
export function shortSecrets(
  experiment: Experiment,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return tooShortSecrets(JSON.stringify(experiment), environment).map(
    name =>
      `the secret in \`${name}\` has fewer than ${SHORTEST_REDACTED} characters: it cannot be told from harmless words and is not taken out of record, output and reports`,
  );
}

/**
 * What is known offline to stand in the way of an answer: windows, metrics, queries and designs that cannot show what
 * they should.
 */
export function designWarnings(experiment: Experiment, planned?: Planned): readonly string[] {
  const warnings = Object.values(DESIGN_WARNINGS).flatMap(warn => warn(experiment));
  const goOn = goOnWarnings(withGoOn(experiment), {
    natures: planned?.natures ?? [],
    asked: planned?.mayGoOn ?? experiment.windows.goOnMs !== undefined,
  });
  return [...warnings, ...goOn];
}
