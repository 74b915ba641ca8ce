import {trailingMs} from '../../experiment/blocks.js';
import type {Experiment} from '../../experiment/experiment.js';
import type {Debt} from '../../targets/contract.js';
import {
  DEFAULT_STABLE_US,
  isJudgedInRecovery,
  recoveredSince,
  type RecoveryState,
} from '../../verdict/judgement/recovery.js';
import {awaitsAlerts} from '../../verdict/alerts/waiting.js';
import {recoveryStartUs} from '../../verdict/intervals.js';
import {healedByPlatform} from '../../verdict/occurrence-results.js';
import {settleDebts} from '../safety/settle.js';
import {pause} from '../stop-switch.js';
import type {PlatformDebts} from './conductor.js';
import type {Measurement} from './measure.js';
import type {RunContext} from '../context.js';
import {undo} from './occurrence.js';
import {prove} from './proofs.js';
import {factsSoFar} from './so-far.js';
import {awaitLateSamples} from './await-late-samples.js';

const LOOK_EVERY_MS = 500;

/** How long one look may take. */
const LOOK_MS = 5_000;

/** Whether the platform has restored everything it owes of one occurrence. */
async function isHealed(context: RunContext, debts: readonly Debt[]): Promise<boolean> {
  const asked = debts.map(({undo, address}) => ({op: undo.proof, address}));
  const proofs = await prove(context, asked, {signal: context.stop.signal, withinMs: LOOK_MS});
  return proofs.every(proof => proof.state === 'absent');
}

/** Settles what the platforms have healed meanwhile; returns those that are still down. */
async function settleHealed(context: RunContext, waiting: readonly PlatformDebts[]): Promise<readonly PlatformDebts[]> {
  const still: PlatformDebts[] = [];
  for (const entry of waiting) {
    if (await isHealed(context, entry.debts)) await settleDebts(context, entry.occurrence, entry.debts);
    else still.push(entry);
  }
  return still;
}

function recordDecision(
  context: RunContext,
  {state, basis, sinceUs}: RecoveryState,
  waiting: readonly PlatformDebts[],
): void {
  // What was down again when it was settled was put back by Firedrill, not by its platform.
  const settled = factsSoFar(context).occurrences.filter(occurrence => healedByPlatform(occurrence) === false);
  const notHealed = [...waiting.map(({occurrence}) => occurrence), ...settled.map(({planned}) => planned.id)];
  context.record.event({
    type: 'decided',
    what: 'recovered',
    answer: state === 'yes' && notHealed.length === 0 ? 'yes' : state === 'unknown' ? 'unknown' : 'no',
    basis: {...basis, sinceUs: sinceUs === undefined ? null : [...sinceUs], notHealed},
  });
}

/**
 * Watches, with nothing injected any more, until the steady state is back and stays back and the platforms have
 * restored what they should, or until the limit. What a platform did not restore is then restored by us.
 */
export async function watchRecovery(
  context: RunContext,
  experiment: Experiment,
  measurement: Measurement,
  platform: readonly PlatformDebts[],
): Promise<void> {
  const {clock} = context.ports;
  const limitMs = Math.max(experiment.windows.recoveryMs, experiment.expect.recovery.withinMs);
  const fromUs = recoveryStartUs(factsSoFar(context)) ?? clock.mono();
  // Off blocks behind the last undo take nothing away from the time there is to see the steady state come back.
  const endUs = fromUs + (trailingMs(experiment.switchback) + limitMs) * 1000;
  context.record.event({type: 'phase.entered', phase: 'recovery', lastsMs: limitMs});
  const metrics = experiment.steadyState.filter(isJudgedInRecovery);
  let waiting = platform;
  let state: RecoveryState = {state: 'unknown', basis: {why: 'nobody looked'}};
  const stateAt = (nowUs: number) =>
    recoveredSince(metrics, measurement.data, {
      fromUs,
      nowUs,
      stableUs: DEFAULT_STABLE_US,
      baseline: measurement.data.baseline,
    });
  while (clock.mono() < endUs && (await pause(clock, LOOK_EVERY_MS, context.stop.signal))) {
    waiting = await settleHealed(context, waiting);
    state = stateAt(clock.mono());
    const isBack = waiting.length === 0 && (state.state === 'yes' || metrics.length === 0);
    if (isBack && !awaitsAlerts(factsSoFar(context), clock.mono())) break;
  }
  // Metrics that are judged in the fault only may not have told of all of it yet; those of the recovery may tell of its
  // end.
  const watchedUs = state.state === 'yes' ? fromUs : Math.min(endUs, clock.mono());
  if (!measurement.hasTold(watchedUs)) await awaitLateSamples(context, measurement, watchedUs);
  // The last look of the loop was somewhat before the end.
  if (state.state !== 'yes') state = stateAt(watchedUs);
  if (context.stop.why() === undefined) recordDecision(context, state, waiting);
  for (const entry of [...waiting].reverse()) {
    await undo(
      context,
      entry.occurrence,
      entry.debts,
      context.stop.why() ?? {kind: 'deadline', detail: 'the platform did not restore it in time'},
    );
  }
}
