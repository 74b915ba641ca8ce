import {alreadyBack} from './outside-windows/already-back.js';
import type {Json} from '../quantities/json.js';
import {field, type Facts} from './facts.js';
import {baselineOf, recoveryOf, recoveryStartUs} from './intervals.js';
import {DEFAULT_STABLE_US, isJudgedInRecovery, recoveredSince} from './judgement/recovery.js';
import type {RecoveryResult} from './result.js';

/** What became of the recovery, with the moments on the base clock for those who go on computing. */
export interface RecoveryFacts {
  readonly result: RecoveryResult;
  /** From where it counts; null when it was not watched. */
  readonly fromUs: number | null;
  /** From when on everything was back for good. */
  readonly sinceUs: readonly [number, number] | null;
}

function sinceIn(basis: Json): readonly [number, number] | null {
  const sinceUs = field(basis, 'sinceUs');
  if (!Array.isArray(sinceUs)) return null;
  const [lo, hi] = sinceUs as readonly unknown[];
  return typeof lo === 'number' && typeof hi === 'number' ? [lo, hi] : null;
}

function decide(
  facts: Facts,
  fromUs: number,
  nowUs: number,
): Pick<RecoveryFacts, 'sinceUs'> & {state: RecoveryResult['state']; basis: Json} {
  const decision = facts.decided.findLast(event => event.what === 'recovered');
  if (decision !== undefined) {
    if (decision.answer === 'yes') return {state: 'recovered', sinceUs: sinceIn(decision.basis), basis: decision.basis};
    // The metrics may be back although a platform did not heal its target: that is judged with the occurrence.
    const sinceUs = sinceIn(decision.basis);
    const state = sinceUs !== null ? 'recovered' : decision.answer === 'no' ? 'not-recovered' : 'unknown';
    return {state, sinceUs, basis: decision.basis};
  }
  // No decision was recorded: the run ended in the middle of it. What was seen until then may still answer.
  const {steadyState} = facts.experiment;
  const {state, sinceUs, basis} = recoveredSince(steadyState, facts.evidence, {
    fromUs,
    nowUs,
    stableUs: DEFAULT_STABLE_US,
    baseline: baselineOf(facts),
  });
  return {state: state === 'yes' ? 'recovered' : 'unknown', sinceUs: sinceUs ?? null, basis};
}

/** How the steady state came back. A decision taken live is repeated, never taken again. */
export function recoveryFacts(facts: Facts): RecoveryFacts {
  const {experiment, time} = facts;
  const withinSeconds = experiment.expect.recovery.withinMs / 1000;
  const watched = experiment.steadyState.some(isJudgedInRecovery);
  const fromUs = recoveryStartUs(facts);
  const span = recoveryOf(facts);
  if (!watched || fromUs === null || span === undefined) {
    const why = watched ? 'the run did not get to its recovery' : 'no metric is judged in recovery';
    return {
      result: {state: 'not-watched', tookSeconds: null, withinSeconds, basis: {why}},
      fromUs: null,
      sinceUs: null,
    };
  }
  const {state, sinceUs, basis} = decide(facts, fromUs, span.toUs);
  const after = (us: number) => Math.max(0, time.seconds(us) - time.seconds(fromUs));
  const rounded = (seconds: number) => Math.round(seconds * 1000) / 1000;
  const tookSeconds = sinceUs === null ? null : ([rounded(after(sinceUs[0])), rounded(after(sinceUs[1]))] as const);
  // Only where the first look was good already: else it came back afterwards.
  const already =
    state === 'recovered' && sinceUs !== null && sinceUs[0] <= fromUs ? alreadyBack(facts, fromUs) : undefined;
  const result = {state, tookSeconds, withinSeconds, ...(already === undefined ? {} : {already}), basis};
  return {result, fromUs, sinceUs};
}
