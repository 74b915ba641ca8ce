import {withoutWaitingFor} from '../../experiment/deciding.js';
import type {Experiment} from '../../experiment/experiment.js';
import type {Span} from '../../verdict/judgement/data.js';
import {plannedOccurrences, type Plan} from '../../plan/plan.js';
import {pause} from '../stop-switch.js';
import {basisOf, decide, lookAt, type GateAnswer} from './gate.js';
import type {Measurement} from './measure.js';
import type {RunContext} from '../context.js';
import {resizedFor} from './resize.js';

/** Beyond a load's time-out, for the generator to close its last second. */
const GRACE_MS = 2_000;
const LOOK_EVERY_MS = 100;

/** Lets the system warm up under load; nothing is judged. */
export async function warmUp(context: RunContext, experiment: Experiment): Promise<void> {
  if (context.stop.why() !== undefined) return;
  const ms = experiment.windows.warmupMs;
  context.record.event({type: 'phase.entered', phase: 'warmup', lastsMs: ms});
  await pause(context.ports.clock, ms, context.stop.signal);
}

/** What of the measurement the baseline is taken from. */
export type BaselineSource = Pick<Measurement, 'data' | 'past' | 'hasTold' | 'latenessMs'>;

/**
 * Measures the baseline and decides whether the experiment may begin: every judged metric must be inside its tolerance,
 * and one that is decided by its deviation steady against itself and measured well enough for the run to answer. If
 * not, pulls the switch: nothing is injected. A baseline from the past (`lookBack`) has been read already: there is
 * nothing to wait for. Returns the plan to go on with: where it may go on (`windows.goOn`) its times may have become
 * longer.
 */
export async function takeBaseline(context: RunContext, plan: Plan, measurement: BaselineSource): Promise<Plan> {
  const {clock} = context.ports;
  const {past} = measurement;
  const fromUs = clock.mono();
  if (context.stop.why() !== undefined) return plan;
  const lastsMs = plan.experiment.windows.baselineMs;
  context.record.event({type: 'phase.entered', phase: 'baseline', lastsMs, ...(past === undefined ? {} : {past})});
  let now = plan;
  for (;;) {
    const {experiment} = now;
    const leftMs = experiment.windows.baselineMs - (clock.mono() - fromUs) / 1000;
    if (!(await pause(clock, Math.max(0, leftMs), context.stop.signal))) return now;
    const baseline: Span = past ?? {fromUs, toUs: clock.mono()};
    if (!(await awaitLoads(context, experiment, measurement, baseline.toUs))) return now;
    const look = await lookAt(now, {data: measurement.data, baseline}, () => pause(clock, 0, context.stop.signal));
    if (context.stop.why() !== undefined) return now;
    const longer = resizedFor(now, look);
    if (longer === undefined) {
      const demoted = conclude(context, look, now.experiment.windows.goOnMs);
      return demoted.length === 0 ? now : {...now, experiment: withoutWaitingFor(now.experiment, demoted)};
    }
    now = longer.plan;
    const occurrences = plannedOccurrences(now);
    context.record.event({type: 'resized', experiment: now.experiment, occurrences, why: longer.why});
  }
}

/** Puts the decision on record; returns the names of the metrics that the verdict does not wait for. */
function conclude(context: RunContext, look: GateAnswer, goOnMs: number | undefined): readonly string[] {
  const {answer, stop, warnings, demoted} = decide(look, goOnMs);
  const named = demoted.length === 0 ? {} : {demoted};
  context.record.event({type: 'decided', what: 'steady', answer, basis: basisOf(look), ...named});
  for (const text of warnings) context.record.event({type: 'noted', level: 'warning', text});
  if (stop !== undefined) context.stop.pull(stop);
  return demoted.map(({metric}) => metric);
}

/**
 * A load second is on record only once all its requests have an outcome, and what Prometheus scrapes comes late: waits
 * until all have told everything before this moment, at most until the slowest requests have timed out and the probes'
 * patience is over. False when the run was stopped meanwhile.
 */
async function awaitLoads(
  context: RunContext,
  experiment: Experiment,
  measurement: BaselineSource,
  toUs: number,
): Promise<boolean> {
  const {clock} = context.ports;
  const loads = Object.values(experiment.load);
  const slowestMs = () => Math.max(measurement.latenessMs, ...loads.map(load => load.timeoutMs)) + GRACE_MS;
  const told = (name: string) => measurement.data.loads.some(second => second.load === name && second.at + 1e6 >= toUs);
  const toldAll = () => loads.every(load => told(load.name)) && measurement.hasTold(toUs);
  while (!toldAll() && clock.mono() < toUs + slowestMs() * 1000) {
    if (!(await pause(clock, LOOK_EVERY_MS, context.stop.signal))) return false;
  }
  return context.stop.why() === undefined;
}
