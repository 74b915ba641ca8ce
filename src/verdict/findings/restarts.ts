import type {MetricSpec} from '../../experiment/experiment.js';
import type {Series} from '../../record/evidence.js';
import {seriesOf} from '../judgement/data.js';
import {numberOf} from '../../statistics/series/bins.js';
import {capital, count} from '../phrase.js';
import type {Finding} from '../result.js';
import {action, finding, injectedSpan, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

const COUNTED: Readonly<Record<string, string>> = {restarts: 'restart', 'oom-kills': 'out-of-memory kill'};

/** Faults that restart their target themselves: one restart of it is the experiment, not a finding. */
const RESTARTING: ReadonlySet<string> = new Set(['kill', 'stop', 'restart', 'delete']);

interface CountedRestarts {
  readonly name: string;
  readonly before: number;
  readonly last: number;
  /** When the counter first rose, µs. */
  readonly firstUs: number;
  /** Restarts that the faults of the run themselves account for. */
  readonly own: number;
}

function countOf({facts}: FindingContext, series: Series, restarts: boolean): CountedRestarts {
  const {fromUs} = injectedSpan(facts);
  const points = series.samples.flatMap(sample => {
    const value = numberOf(sample);
    return value === null ? [] : [{t: sample.t, value}];
  });
  const before = points.findLast(point => point.t < fromUs)?.value ?? points[0]?.value ?? 0;
  const name = series.subject ?? series.metric;
  const own = facts.occurrences.filter(
    ({planned, confirmedUs}) =>
      confirmedUs !== null && RESTARTING.has(planned.kind) && planned.targets.some(target => target.name === name),
  ).length;
  return {
    name,
    before,
    last: points.at(-1)?.value ?? before,
    firstUs: points.find(point => point.value > before)?.t ?? fromUs,
    own: restarts ? own : 0,
  };
}

function ofMetric(context: FindingContext, metric: MetricSpec): readonly Finding[] {
  const measure = typeof metric.parameters['measure'] === 'string' ? metric.parameters['measure'] : '';
  const noun = COUNTED[measure];
  if (noun === undefined) return [];
  const restarts = measure === 'restarts';
  return seriesOf(metric, context.facts.evidence).flatMap(series => {
    const counted = countOf(context, series, restarts);
    return counted.last - counted.before > counted.own ? [tell(context, metric, {...counted, noun, restarts})] : [];
  });
}

function tell(
  {facts}: FindingContext,
  metric: MetricSpec,
  {name, before, last, firstUs, own, noun, restarts}: CountedRestarts & {noun: string; restarts: boolean},
): Finding {
  const extra = last - before;
  // Without a subject of its own a series is told by its metric, and that may be called `restarts`.
  const subject = name === metric.name ? `what \`${name}\` counts` : name;
  const severity = extra - own >= 3 ? 'SEV2' : 'SEV3';
  return finding(
    restarts ? 'restarts' : 'oom-kills',
    facts,
    {fromUs: firstUs, toUs: facts.endUs},
    {
      ...ratedFixed(
        severity,
        `${count(extra - own, noun)} beyond what the faults themselves do (SEV2 from 3, SEV3 below)`,
      ),
      title: `${count(extra, noun)} of ${subject}`,
      what: `${capital(subject)} had ${count(extra, noun)} between the injection and the end of the run (counter from ${before} to ${last}).`,
      impact: 'In-flight work of the process is lost with each of them.',
      evidence: [{label: metric.name, value: `${before} -> ${last}`}],
      factors: [
        restarts
          ? own > 0
            ? 'After the fault itself had ended it, the process may have failed to start, or a liveness check may have ended it again.'
            : 'A liveness check or a crash may have ended the process under the fault.'
          : 'Requests that wait under the fault may hold memory until the limit is reached.',
      ],
      actions: [
        restarts
          ? action(
              'prevent',
              'P2',
              `Find out what ended ${name} (its log at that time), and whether its liveness check depends on the faulted dependency`,
            )
          : action('prevent', 'P1', `Bound what ${name} keeps in memory while it waits, or raise its limit`),
      ],
      metric: metric.name,
    },
  );
}

/** Restarts and kills for lack of memory that the experiment did not ask for, from the probes that count them. */
export const rule: FindingRule = {
  code: 'restarts',
  order: 80,
  find: context =>
    context.facts.occurrences.some(occurrence => occurrence.requestedUs !== null)
      ? context.facts.experiment.steadyState.flatMap(metric => ofMetric(context, metric))
      : [],
};
