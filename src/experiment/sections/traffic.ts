import type {Read} from '../checking/entry.js';
import type {MetricSpec} from '../experiment.js';
import type {ProblemReport} from '../reading/tree.js';
import type {headFields} from '../schema/head.js';

/** Of these parameters of `prometheus` the values are made of counts: without traffic they are nothing. */
const COUNTING = ['bad', 'buckets'] as const;
/** These tell how much traffic there is. */
const TELLING = [...COUNTING, 'rate'] as const;

const hasOne = ({source, parameters}: MetricSpec, keys: readonly string[]) =>
  source === 'prometheus' && keys.some(key => parameters[key] !== undefined);

interface KnownTraffic {
  readonly metrics: readonly MetricSpec[];
  /** The file sends traffic of its own. */
  readonly hasLoad: boolean;
}

/**
 * The metrics with the least traffic they need. It must be given where a judged metric counts traffic that is not ours,
 * and makes no sense where no metric tells how much traffic there is.
 */
export function withTraffic(
  report: ProblemReport,
  {minimumTraffic}: Read<ReturnType<typeof headFields>>,
  {metrics, hasLoad}: KnownTraffic,
): readonly MetricSpec[] {
  const counting = metrics.find(metric => metric.judge.length > 0 && hasOne(metric, COUNTING));
  if (minimumTraffic === undefined) {
    if (counting !== undefined && !hasLoad && !report.has(['minimumTraffic'])) {
      report.add({
        path: ['minimumTraffic'],
        code: 'MISSING',
        message: `expected \`minimumTraffic\`: \`${counting.name}\` counts traffic that is not ours, and without traffic it says nothing; it is missing`,
        hint: 'give the events per second that it takes at least: `minimumTraffic: 20/s`',
      });
    }
    return metrics;
  }
  if (!metrics.some(metric => hasOne(metric, TELLING)) && !report.has(['steadyState'])) {
    report.add({
      path: ['minimumTraffic'],
      at: 'key',
      code: 'CONTRADICTION',
      message: 'expected a metric that tells how much traffic there is; there is none',
      hint: 'measure it by `bad` and `total`, `buckets` or `rate` of the probe `prometheus`',
    });
  }
  return metrics.map(metric => (hasOne(metric, COUNTING) ? {...metric, minimumTraffic} : metric));
}
