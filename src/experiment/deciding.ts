import type {MetricSpec} from './experiment.js';

type Asked = Pick<MetricSpec, 'tolerance' | 'deviation' | 'judge'>;

/** Whether the change against the baseline decides about a metric, during the fault or after the recovery: a tolerance decides where there is one. */
export function isJudgedByChange({tolerance, deviation, judge}: Asked): boolean {
  return tolerance === undefined && deviation !== undefined && judge.length > 0;
}

/** Whether the change against the baseline decides about this metric while a fault is in force. */
export function decidesByDeviation(metric: Asked): boolean {
  return isJudgedByChange(metric) && metric.judge.includes('fault');
}
