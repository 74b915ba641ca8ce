import type {Experiment, MetricSpec, ToleranceTime} from './experiment.js';

type DecidingFields = Pick<MetricSpec, 'tolerance' | 'deviation' | 'judge'>;

/**
 * Whether the change against the baseline decides about a metric, during the fault or after the recovery: a tolerance
 * decides where there is one.
 */
export function isJudgedByChange({tolerance, deviation, judge}: DecidingFields): boolean {
  return tolerance === undefined && deviation !== undefined && judge.length > 0;
}

/** Whether a metric that is judged must keep to its tolerance in this time of the run. */
export function appliesIn({tolerance}: Pick<MetricSpec, 'tolerance'>, time: ToleranceTime): boolean {
  return tolerance?.during?.includes(time) !== false;
}

/** Whether the change against the baseline decides about this metric while a fault is in force. */
export function decidesByDeviation(metric: DecidingFields): boolean {
  return isJudgedByChange(metric) && metric.judge.includes('fault');
}

/** Whether what a metric does while a fault is in force decides about the run, by its tolerance or by its deviation. */
export function decidesDuringFault(metric: DecidingFields): boolean {
  return metric.judge.includes('fault') && (metric.tolerance !== undefined || metric.deviation !== undefined);
}

/**
 * The experiment with metrics that need not answer, because their baseline says that they hardly can: they are watched
 * while a fault is in force, and nothing waits for them in the recovery.
 */
export function withoutWaitingFor(experiment: Experiment, names: readonly string[]): Experiment {
  if (names.length === 0) return experiment;
  const relieved = (metric: MetricSpec): MetricSpec =>
    names.includes(metric.name) ? {...metric, judge: metric.judge.filter(when => when === 'fault')} : metric;
  return {...experiment, steadyState: experiment.steadyState.map(relieved)};
}
