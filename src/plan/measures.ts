import type {Experiment, MetricSpec} from '../experiment/experiment.js';
import {formatQuantity} from '../quantities/format.js';
import type {ProbeContext} from '../signals/contract.js';
import {loadSource, readOnce} from '../signals/read-once.js';
import {timeLimit} from '../signals/time-limit.js';
import {describeError} from '../system/error.js';
import type {Ports} from '../ports.js';
import type {ResolvedTarget} from './resolve.js';

/** What a metric's probe answers now, for the plan. */
export interface PlannedMeasure {
  readonly metric: string;
  /** True: it answered; false: it did not; null: it cannot be asked before the run. */
  readonly answers: boolean | null;
  readonly says: string;
}

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
    const bounded = AbortSignal.any([signal, timeLimit(metric.timeoutMs)]);
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
