import {madeOf} from '../experiment/derived.js';
import type {Experiment, MetricSpec} from '../experiment/experiment.js';
import {traitsOf} from '../experiment/traits.js';
import {formatQuantity} from '../quantities/format.js';
import {combine} from '../signals/derived/combine.js';
import type {ProbeContext, Reading} from '../signals/contract.js';
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

/** What a metric says now, and the reading that it says it by; none where it cannot be asked before the run. */
interface Asked {
  readonly says: Omit<PlannedMeasure, 'metric'>;
  readonly reading?: Reading;
}

async function measure(metric: MetricSpec, context: ProbeContext, signal: AbortSignal): Promise<Asked> {
  try {
    const bounded = AbortSignal.any([signal, timeLimit(metric.timeoutMs)]);
    return read(metric, await readOnce(await loadSource(metric.source), metric.parameters, context, bounded));
  } catch (error) {
    return {says: {answers: false, says: describeError(error)}};
  }
}

function read({unit}: MetricSpec, reading: Reading): Asked {
  if (reading.value === null) return {says: {answers: false, says: reading.why}, reading};
  return {says: {answers: true, says: formatQuantity(reading.value, unit)}, reading};
}

/** Of a metric that is made of others. */
async function put(
  metric: MetricSpec,
  {form, metrics}: NonNullable<ReturnType<typeof madeOf>>,
  ask: (name: string) => Promise<Asked>,
): Promise<Asked> {
  const parts = await Promise.all(metrics.map(async name => ({name, ...(await ask(name))})));
  const silent = parts.find(({reading}) => reading === undefined);
  if (silent !== undefined) return {says: {...silent.says, says: `\`${silent.name}\`: ${silent.says.says}`}};
  return read(
    metric,
    combine(
      form,
      parts.flatMap(({name, reading}) => (reading === undefined ? [] : {...reading, name})),
    ),
  );
}

/** Reads every probe once. What needs a load or a process that the run has yet to start is not asked. */
export async function readMeasures(
  experiment: Experiment,
  targets: ReadonlyMap<string, ResolvedTarget>,
  options: {readonly ports: Ports; readonly signal: AbortSignal},
): Promise<readonly PlannedMeasure[]> {
  const context = probeContext(experiment, targets, options.ports);
  const starts = [...targets.values()].some(target => target.provision);
  const asked = new Map<string, Promise<Asked>>();
  const askMetric = async (metric: MetricSpec): Promise<Asked> => {
    const parts = madeOf(metric);
    if (parts !== undefined) return put(metric, parts, ask);
    if (metric.source === 'load') return {says: {answers: null, says: 'by the load of the run'}};
    if (traitsOf(metric.source).reads === 'logs')
      return {says: {answers: null, says: 'followed from the beginning of the run on'}};
    if (starts) return {says: {answers: null, says: 'read once the processes have been started'}};
    const found = await measure(metric, context, options.signal);
    if (experiment.prepare === undefined || found.says.answers === true) return found;
    return {says: {answers: null, says: `read once the run is prepared; now: ${found.says.says}`}};
  };
  const ask = (name: string): Promise<Asked> => {
    const metric = experiment.steadyState.find(one => one.name === name);
    const answer = asked.get(name) ?? (metric === undefined ? Promise.reject(new Error(name)) : askMetric(metric));
    asked.set(name, answer);
    return answer;
  };
  return Promise.all(experiment.steadyState.map(async ({name: metric}) => ({metric, ...(await ask(metric)).says})));
}
