import type {Read} from '../checking/entry.js';
import type {MetricSpec} from '../experiment.js';
import type {ProblemReport} from '../reading/tree.js';
import type {headFields} from '../schema/head.js';
import {countedAs, isTraffic} from '../traits.js';

/** Values that are made of counts: without traffic they are nothing. */
const counts = (metric: MetricSpec) => countedAs(metric) !== undefined;
const tellsTraffic = (metric: MetricSpec) => counts(metric) || isTraffic(metric);

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
  const counting = metrics.find(metric => metric.judge.length > 0 && counts(metric));
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
  if (!metrics.some(tellsTraffic) && !report.has(['steadyState'])) {
    report.add({
      path: ['minimumTraffic'],
      at: 'key',
      code: 'CONTRADICTION',
      message: 'expected a metric that tells how much traffic there is; there is none',
      hint: 'measure it by `bad` and `total`, `buckets` or `rate` of the probe `prometheus`',
    });
  }
  return metrics.map(metric => (counts(metric) ? {...metric, minimumTraffic} : metric));
}
