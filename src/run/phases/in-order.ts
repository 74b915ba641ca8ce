import {trailingMs} from '../../experiment/blocks.js';
import {describeError} from '../../system/error.js';
import {controlRefs} from '../../plan/control.js';
import {probeContext} from '../../plan/measures.js';
import {leftOut, type Plan} from '../../plan/plan.js';
import {loadAhead} from '../../signals/read-once.js';
import type {RunContext} from '../context.js';
import {hitTargets} from '../new-run.js';
import type {Facets} from '../safety/leak-check.js';
import {settleInReverse} from '../safety/settle.js';
import {AlertWatch} from './alerts.js';
import {AroundTargets} from './around-targets.js';
import {checkAfter, checkBeforeInjection, checkBeforeLoad} from './checks.js';
import {Conductor} from './conductor.js';
import {watchGuards} from './guards.js';
import {checkLeaks, readFacets} from './leaks.js';
import {Logs} from './logs.js';
import {Measurement} from './measure.js';
import {prepareRun, startProcesses} from './prepare.js';
import {watchRecovery} from './recovery.js';
import {scoreOf} from './score.js';
import {takeBaseline, warmUp} from './steady.js';

/** All phases of a run, in order. Each step returns at once when the switch has been pulled. */
export async function inOrder(context: RunContext, plan: Plan): Promise<void> {
  const {experiment} = plan;
  context.record.event({type: 'phase.entered', phase: 'prepare', lastsMs: null});
  loadAhead(experiment.steadyState.map(({source}) => source));
  const started = await startProcesses(context, plan);
  const prepared = await prepareRun(context, plan);
  if (context.stop.why() !== undefined) return;
  const before = await readFacets(plan.targets.values(), context.stop.signal);
  const hit = hitTargets(plan);
  const control = controlRefs(experiment, plan.targets);
  context.record.event({
    type: 'targets.resolved',
    hit,
    ...(control.length === 0 ? {} : {control}),
    facets: before,
  });
  const around = new AroundTargets(context, plan.targets.values());
  for (const text of leftOut(plan.targets)) context.record.event({type: 'noted', level: 'info', text});
  const probed = probeContext(experiment, plan.targets, context.ports);
  const logs = new Logs(context, experiment, probed);
  const measurement = new Measurement(experiment, {
    record: context.record,
    clock: context.ports.clock,
    context: {...probed, logs: logs.byName},
    signal: context.stop.signal,
    onFailure: detail => context.stop.pull({kind: 'bug', detail}),
  });
  const alerts = new AlertWatch(context, experiment);
  try {
    await alerts.start(probed);
    await checkBeforeLoad(context, measurement, experiment);
    if (context.stop.why() !== undefined) return;
    await measurement.start();
    await warmUp(context, experiment);
    const resized = await takeBaseline(context, plan, measurement);
    await breakAndWatch(context, resized, {measurement, alerts, around}, before);
  } finally {
    around.end();
    await alerts.stop();
    await measurement.stop();
    await logs.stop();
    await settleInReverse(context, [...started, ...prepared]);
  }
}

/** What looks on while something is broken. */
interface Watching {
  readonly measurement: Measurement;
  readonly alerts: AlertWatch;
  readonly around: AroundTargets;
}

/** The part in which something is broken: checks, faults under guard, recovery, leak check. */
async function breakAndWatch(
  context: RunContext,
  plan: Plan,
  {measurement, alerts, around}: Watching,
  before: Facets,
): Promise<void> {
  const {experiment} = plan;
  if (context.stop.why() !== undefined) return;
  await checkBeforeInjection(context, measurement, experiment);
  if (context.stop.why() !== undefined) return;
  await alerts.checkBefore();
  if (context.stop.why() !== undefined) return;
  const watching = new AbortController();
  const asBug = (error: unknown) => context.stop.pull({kind: 'bug', detail: describeError(error)});
  const guarded = watchGuards(context, experiment, {measurement, alerts}, watching.signal).catch(asBug);
  context.record.event({type: 'phase.entered', phase: 'fault', lastsMs: faultsMs(plan)});
  const conductor = new Conductor(context, scoreOf(context, plan, measurement));
  try {
    const platform = await conductor.play();
    if (context.stop.why() === undefined || platform.length > 0) {
      await watchRecovery(context, experiment, measurement, platform);
    }
  } catch (error) {
    // Something may have been injected by now: whatever fails is no refusal any more.
    asBug(error);
  } finally {
    watching.abort();
    await guarded;
  }
  await around.lookAfter();
  await checkLeaks(context, plan.targets.values(), before);
  await checkAfter(context, measurement, experiment);
}

function faultsMs(plan: Plan): number {
  return Math.max(0, ...plan.occurrences.map(fault => fault.endMs)) + trailingMs(plan.experiment.switchback);
}
