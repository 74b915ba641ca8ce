import type {Experiment, MetricSpec} from '../../experiment/experiment.js';
import {decidesByDeviation} from '../../experiment/deciding.js';
import {formatDuration} from '../../quantities/duration.js';
import {formatQuantity} from '../../quantities/format.js';
import type {ProbeContext} from '../../signals/contract.js';
import {readOnce} from '../../signals/read-once.js';
import {describeError} from '../../system/error.js';
import {DEFAULT_STABLE_US} from '../../verdict/judgement/recovery.js';
import {loadSource} from '../phases/measure.js';
import type {Ports} from '../ports.js';
import type {ResolvedTarget} from './resolve.js';

/** What a metric's probe answers now, for the plan. */
export interface PlannedMeasure {
  readonly metric: string;
  /** True: it answered; false: it did not; null: it cannot be asked before the run. */
  readonly answers: boolean | null;
  readonly says: string;
}

/** Fewest samples that a judged window needs. */
const FEWEST_SAMPLES = 3;

/** What probes may use in this experiment. */
export function probeContext(
  experiment: Experiment,
  targets: ReadonlyMap<string, ResolvedTarget>,
  {ambient}: Ports,
): ProbeContext {
  const probed: Record<string, ProbeContext['targets'][string]> = {};
  for (const [name, {hit, reader, address, spec}] of targets) {
    probed[name] = {refs: hit.map(candidate => candidate.ref), reader, address, selector: spec.selector};
  }
  return {reveal: ambient.reveal, environment: ambient.environment, sources: experiment.sources, targets: probed};
}

async function measure(metric: MetricSpec, context: ProbeContext, signal: AbortSignal): Promise<PlannedMeasure> {
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(metric.timeoutMs)]);
    const reading = await readOnce(await loadSource(metric.source), metric.parameters, context, bounded);
    return reading.value === null
      ? {metric: metric.name, answers: false, says: reading.why}
      : {metric: metric.name, answers: true, says: formatQuantity(reading.value, metric.unit)};
  } catch (error) {
    return {metric: metric.name, answers: false, says: describeError(error)};
  }
}

/** Reads every probe once. What needs a load or a process that the run has yet to start is not asked. */
export async function readMeasures(
  experiment: Experiment,
  targets: ReadonlyMap<string, ResolvedTarget>,
  options: {readonly ports: Ports; readonly signal: AbortSignal},
): Promise<readonly PlannedMeasure[]> {
  const context = probeContext(experiment, targets, options.ports);
  const starts = [...targets.values()].some(target => target.provision);
  return Promise.all(
    experiment.steadyState.map(async (metric): Promise<PlannedMeasure> => {
      if (metric.source === 'load') return {metric: metric.name, answers: null, says: 'by the load of the run'};
      if (starts) return {metric: metric.name, answers: null, says: 'read once the processes have been started'};
      return measure(metric, context, options.signal);
    }),
  );
}

/** After the last undo the steady state has to hold for a while, and the sample that shows it has to come in. */
function recoveryWarnings({steadyState, windows, expect}: Experiment): readonly string[] {
  const byTolerance = steadyState.filter(
    ({tolerance, deviation}) => tolerance !== undefined || deviation === undefined,
  );
  const waits = byTolerance.filter(metric => metric.judge.includes('recovery')).map(({everyMs}) => everyMs);
  const needed = DEFAULT_STABLE_US / 1000 + 2 * Math.max(...waits);
  const limit = Math.max(windows.recoveryMs, expect.recovery.withinMs);
  if (waits.length === 0 || limit >= needed) return [];
  return [
    `the recovery of ${formatDuration(limit)} is too short to see the steady state come back: it has to hold for ${formatDuration(DEFAULT_STABLE_US / 1000)}, so give \`windows.recovery\` at least ${formatDuration(needed)}`,
  ];
}

/** Windows in which a judged metric cannot get enough samples to be judged, or cannot be seen to come back. */
export function windowWarnings(experiment: Experiment): readonly string[] {
  const windows = [
    {name: 'the baseline', ms: experiment.windows.lookBackMs ?? experiment.windows.baselineMs},
    ...experiment.faults.map(fault => ({name: `\`${fault.name}\``, ms: fault.forMs})),
  ];
  const unjudged = experiment.steadyState
    .filter(metric => metric.judge.length > 0 && !decidesByDeviation(metric))
    .flatMap(metric => {
      const settles = metric.tolerance?.settlesWithinMs ?? 0;
      return windows
        .filter(({name, ms}) => ms - (name === 'the baseline' ? 0 : settles) < FEWEST_SAMPLES * metric.everyMs)
        .map(
          ({name}) =>
            `${name} is too short to judge \`${metric.name}\`: it needs ${FEWEST_SAMPLES} samples, one every ${formatDuration(metric.everyMs)}`,
        );
    });
  return [...unjudged, ...recoveryWarnings(experiment)];
}
