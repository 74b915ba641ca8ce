import type {Experiment} from '../../experiment/experiment.js';
import {stretched} from '../../experiment/stretch.js';
import {describeTimeline, occurrencesOf} from '../../experiment/timeline.js';
import {formatDuration} from '../../quantities/duration.js';
import {gateProblem} from '../../verdict/gate-words.js';
import type {MetricGate} from '../../verdict/judgement/gate.js';
import {mostStretch} from '../../plan/go-on.js';
import type {Plan} from '../../plan/plan.js';
import {isUnwell, judgedTime, neededMs, openGates, steadyGates, type GateAnswer} from './gate.js';

/** Where the estimate of what is needed did not suffice, this much more of the baseline is measured. */
export const MORE = 1.1;

/** The longest of what these gates need, ms; Infinity where nothing would do. */
function longest(gates: readonly MetricGate[], state: MetricGate['state']): number {
  return Math.max(0, ...gates.filter(gate => gate.state === state).map(neededMs));
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000) * 1000;
}

/**
 * The experiment with the times that the open gates need; undefined when that is more than the limit. What cannot be
 * had within it is left to be demoted as long as something else can.
 */
function longer(experiment: Experiment, open: readonly MetricGate[], limitMs: number): Experiment | undefined {
  const {windows, switchback} = experiment;
  const noiseMs = longest(open, 'too-short');
  const powerMs = longest(open, 'underpowered');
  const factor = Math.max(1, powerMs / judgedTime(experiment).faultMs);
  // The blocks of a switchback are compared with each other: its baseline only has to show the noise.
  const wantedMs = wholeSeconds(Math.max(windows.baselineMs, noiseMs, switchback === undefined ? powerMs : 0));
  // The past is as long as it is: only the injections can become longer.
  if (windows.lookBackMs !== undefined) {
    const fits =
      noiseMs === 0 && powerMs <= windows.lookBackMs && factor > 1 && factor <= mostStretch(experiment, limitMs);
    return fits ? stretched(experiment, factor) : undefined;
  }
  const enough = factor === 1 && wantedMs <= windows.baselineMs;
  const baselineMs = enough ? wholeSeconds(windows.baselineMs * MORE) : wantedMs;
  if (baselineMs > Math.max(limitMs, windows.baselineMs) || factor > mostStretch(experiment, limitMs)) return undefined;
  return {...stretched(experiment, factor), windows: {...windows, baselineMs}};
}

/**
 * How long a baseline tells the allowed change, ms; Infinity where its noise is so large that none is known: seen from
 * a short baseline that may be chance. A trend is no matter of length.
 */
function allowedTakesMs({allowedNeedsMs, trend}: MetricGate): number {
  return trend === true ? 0 : (allowedNeedsMs ?? Infinity);
}

/**
 * The experiment with a baseline that is long enough for eight of ten runs in which nothing changes to be settled, or
 * as long as it may be: a longer baseline harms nobody, and spares time in which something is broken. Undefined when it
 * is that long, or when the run is not compared with it.
 */
function longerBaseline(experiment: Experiment, gates: readonly MetricGate[], limitMs: number): Experiment | undefined {
  const {windows, switchback} = experiment;
  if (switchback !== undefined || windows.lookBackMs !== undefined) return undefined;
  const neededMs = Math.max(0, ...gates.map(allowedTakesMs));
  if (neededMs <= windows.baselineMs) return undefined;
  const baselineMs = Math.min(limitMs, wholeSeconds(Math.max(neededMs, windows.baselineMs * MORE)));
  return baselineMs > windows.baselineMs ? {...experiment, windows: {...windows, baselineMs}} : undefined;
}

/** The same plan with other times: what is hit and how stays as it was agreed to. */
function resized(plan: Plan, experiment: Experiment): Plan {
  const occurrences = new Map(occurrencesOf(experiment).map(occurrence => [occurrence.id, occurrence]));
  const times = new Map(describeTimeline(experiment).rows.map(row => [row.occurrence.id, row]));
  return {
    ...plan,
    experiment,
    occurrences: plan.occurrences.map(planned => {
      const {id} = planned.occurrence;
      const {startMs, endMs} = times.get(id) ?? planned;
      return {...planned, occurrence: occurrences.get(id) ?? planned.occurrence, startMs, endMs};
    }),
  };
}

function longerWords(what: string, beforeMs: number, afterMs: number): readonly string[] {
  return afterMs > beforeMs ? [`${what} takes ${formatDuration(afterMs)} instead of ${formatDuration(beforeMs)}`] : [];
}

/**
 * The plan with a longer baseline, and longer injections where those are too short, so that the run can answer;
 * undefined when that is not allowed, not needed, or not to be had within the limit. Each time something gets longer,
 * so that asking again and again comes to an end.
 */
export function resizedFor(plan: Plan, look: GateAnswer): {readonly plan: Plan; readonly why: string} | undefined {
  const {experiment} = plan;
  const {goOnMs} = experiment.windows;
  if (goOnMs === undefined || isUnwell(look)) return undefined;
  const open = openGates(look).filter(gate => neededMs(gate) <= goOnMs);
  const [first] = open;
  const wanted =
    first === undefined ? longerBaseline(experiment, steadyGates(look), goOnMs) : longer(experiment, open, goOnMs);
  if (wanted === undefined) return undefined;
  const times = [
    ...longerWords('the baseline', experiment.windows.baselineMs, wanted.windows.baselineMs),
    ...longerWords('the injection', judgedTime(experiment).faultMs, judgedTime(wanted).faultMs),
  ];
  const why = first === undefined ? 'so that the allowed change can be told from the noise' : gateProblem(first);
  return {plan: resized(plan, wanted), why: `${times.join(', ')}: ${why}`};
}
