import {blockOrder} from '../../experiment/blocks.js';
import type {Experiment} from '../../experiment/experiment.js';
import {appliesIn, decidesByDeviation, decidesDuringFault} from '../../experiment/deciding.js';
import {formatDuration} from '../../quantities/duration.js';
import type {Json} from '../../quantities/json.js';
import {seededRandom} from '../../quantities/random.js';
import {demotionWarning, driftWarning, gateProblem, seenWords} from '../../verdict/gate-words.js';
import type {MeasuredData, Span} from '../../verdict/judgement/data.js';
import {gateOf, type MetricGate} from '../../verdict/judgement/gate.js';
import type {WindowJudgement} from '../../verdict/result.js';
import {judgeWindow} from '../../verdict/judgement/window.js';
import type {Plan} from '../../plan/plan.js';
import {GO_ON_LIMIT_MS} from '../../plan/go-on.js';
import type {Demotion, StopReason} from '../../record/events.js';

/**
 * Chance of calling a steady baseline unsteady, and of the false alarms whose power is computed (docs/calibration.md).
 */
const ALPHA = 0.01;

/** What a baseline says about whether the experiment may begin. */
export interface GateAnswer {
  readonly answers: readonly (WindowJudgement & {readonly metric: string})[];
  readonly gates: readonly MetricGate[];
  /** What must be so only while a fault is in force, and was so before. */
  readonly already: readonly {readonly metric: string; readonly why: string}[];
  /** Names of all metrics that decide while a fault is in force. */
  readonly deciding: readonly string[];
}

/**
 * What is judged of the injections: the shortest, and in a switchback all on blocks together, compared with all off
 * blocks.
 */
export function judgedTime({faults, switchback}: Experiment): {readonly faultMs: number; readonly otherMs?: number} {
  if (switchback === undefined) return {faultMs: Math.min(...faults.map(fault => fault.forMs))};
  const order = blockOrder(switchback);
  const settledMs = switchback.blockMs - switchback.washoutMs;
  const on = order.filter(Boolean).length;
  return {faultMs: on * settledMs, otherMs: (order.length - on) * settledMs};
}

/**
 * Looks at the baseline so far: tolerances, and for what is decided by its deviation steadiness and power. `breathe` is
 * awaited between metrics: redrawing quantiles takes a while, and the loads of this process must not wait for all of
 * them.
 */
export async function lookAt(
  {experiment, seed}: Plan,
  measured: {readonly data: MeasuredData; readonly baseline: Span},
  breathe: () => Promise<unknown>,
): Promise<GateAnswer> {
  const {steadyState} = experiment;
  const {data, baseline} = measured;
  const judged = steadyState.filter(metric => metric.judge.length > 0 && appliesIn(metric, 'baseline'));
  const answers = judged.map(metric => ({metric: metric.name, ...judgeWindow(metric, data, baseline)}));
  const rules = {all: steadyState, baseline, ...judgedTime(experiment), alpha: ALPHA, random: seededRandom(seed)};
  const gates: MetricGate[] = [];
  for (const metric of steadyState.filter(decidesByDeviation)) {
    gates.push(...gateOf([metric], data, rules));
    await breathe();
  }
  const already = steadyState
    .filter(metric => metric.judge.includes('fault') && !appliesIn(metric, 'baseline'))
    .map(metric => ({metric: metric.name, ...judgeWindow(metric, data, baseline)}))
    .filter(({verdict}) => verdict === 'held');
  return {answers, gates, already, deciding: steadyState.filter(decidesDuringFault).map(({name}) => name)};
}

/** What the gate decides. Without a stop the experiment may begin. */
export interface GateDecision {
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly stop?: StopReason;
  readonly warnings: readonly string[];
  /** Metrics that can hardly answer while others can. */
  readonly demoted: readonly Demotion[];
}

const MINUTE_MS = 60_000;

const UNSTEADY: ReadonlySet<MetricGate['state']> = new Set(['not-steady', 'unmeasured']);

/** What going on could do about it; nothing where no length would do. */
function helpOf(open: MetricGate, goOnMs: number | undefined): string {
  const needed = neededMs(open);
  if (!Number.isFinite(needed)) return '';
  if (goOnMs !== undefined) return ` (going on is allowed up to ${formatDuration(goOnMs)})`;
  const limit = needed <= GO_ON_LIMIT_MS ? '' : `=${formatDuration(Math.ceil(needed / MINUTE_MS) * MINUTE_MS)}`;
  return ` (\`--go-on${limit}\` makes it that long)`;
}

/**
 * What is wrong with the system itself, so that it is not broken further: outside a tolerance, not steady, or not
 * known.
 */
function unwell({answers, gates}: GateAnswer): Pick<GateDecision, 'answer' | 'stop'> | undefined {
  const bad = answers.find(({verdict}) => verdict !== 'held' && verdict !== null);
  if (bad !== undefined) {
    const detail = `${bad.metric} in the baseline: ${bad.why}`;
    return {answer: bad.verdict === 'deviated' ? 'no' : 'unknown', stop: {kind: 'not-steady', detail}};
  }
  const unsteady = gates.find(({state}) => UNSTEADY.has(state));
  if (unsteady === undefined) return undefined;
  const stop = {kind: 'not-steady', detail: gateProblem(unsteady)} as const;
  return {answer: unsteady.state === 'not-steady' ? 'no' : 'unknown', stop};
}

/** Each metric once, by the subject that needs most. */
function demotionsOf(open: readonly MetricGate[], goOnMs: number | undefined): readonly Demotion[] {
  const worst = open.filter((gate, i) => open.findIndex(({metric}) => metric === gate.metric) === i);
  return worst.map(gate => ({metric: gate.metric, why: `${gateProblem(gate)}${helpOf(gate, goOnMs)}`}));
}

/**
 * Whether the experiment may begin. A system that is outside a tolerance or unsteady is left alone: it is worth trying
 * again. A metric that can hardly answer is demoted as long as another one can; a run in which none can is refused.
 */
export function decide(look: GateAnswer, goOnMs: number | undefined): GateDecision {
  const warnings = [
    ...look.gates.flatMap(gate => driftWarning(gate) ?? []),
    ...look.already.map(({metric, why}) => `${metric} was so before the fault already: ${why}`),
  ];
  const sick = unwell(look);
  if (sick !== undefined) return {...sick, warnings, demoted: []};
  const open = openGates(look);
  const [worst] = open;
  if (worst === undefined) return {answer: 'yes', warnings, demoted: []};
  const demoted = demotionsOf(open, goOnMs);
  if (look.deciding.some(name => !demoted.some(({metric}) => metric === name))) {
    return {answer: 'yes', warnings: [...warnings, ...demoted.map(demotionWarning)], demoted};
  }
  const stop = {kind: 'refused', detail: `${gateProblem(worst)}${helpOf(worst, goOnMs)}`} as const;
  return {answer: worst.state === 'underpowered' ? 'yes' : 'unknown', stop, warnings, demoted: []};
}

/** What the decision rests on, metric by metric, for the record. */
export function basisOf({answers, gates}: GateAnswer): Json {
  return answers.map(({metric, value, verdict, why}) => {
    const own = gates.filter(gate => gate.metric === metric);
    if (own.length === 0) return {metric, value, verdict, why};
    const seen = seenWords(own);
    const problem = own.find(({state}) => state !== 'steady');
    const said = problem === undefined ? `steady; ${seen ?? 'nothing'} can be seen` : gateProblem(problem);
    return {metric, value, verdict, why: said, gates: own.map(gate => ({...gate}))};
  });
}

function byNeed(a: number, b: number): number {
  return a === b ? 0 : b > a ? 1 : -1;
}

/** How long windows would have to be for this gate to open, ms; Infinity where no length would do. */
export function neededMs({state, noiseNeedsMs, criticalNeedsMs}: MetricGate): number {
  return (state === 'too-short' ? noiseNeedsMs : criticalNeedsMs) ?? Infinity;
}

/** Whether something is wrong with the baseline that more of it would not heal. */
export function isUnwell(look: GateAnswer): boolean {
  return unwell(look) !== undefined;
}

/** Metrics whose baseline says enough for the critical change to be seen. */
export function steadyGates({gates}: GateAnswer): readonly MetricGate[] {
  return gates.filter(({state}) => state === 'steady');
}

/**
 * Metrics whose baseline says too little, the one that needs most first: what would do for it does for all. None where
 * something else is wrong with it.
 */
export function openGates(look: GateAnswer): readonly MetricGate[] {
  if (isUnwell(look)) return [];
  return look.gates.filter(({state}) => state !== 'steady').sort((a, b) => byNeed(neededMs(a), neededMs(b)));
}
