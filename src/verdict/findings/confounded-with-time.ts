import {sayAllowed} from '../deviation/words.js';
import {recoveryOf} from '../intervals.js';
import {quantity} from '../phrase.js';
import type {Finding, MetricInterval, MetricResult} from '../result.js';
import {action, finding, injectedSpan, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

function tell({facts}: FindingContext, metric: MetricResult, after: MetricInterval): Finding {
  const show = (value: number | null | undefined) => (value == null ? 'no value' : quantity(value, metric.unit));
  const {from, to} = after.deviation ?? {from: null, to: null};
  const allowed =
    metric.deviation === undefined ? 'no change' : sayAllowed(metric.deviation, {...metric, worse: 'either'});
  const stays = metric.tolerance === null ? 'Its change during the fault is not held against the fault.' : '';
  return finding('confounded-with-time', facts, recoveryOf(facts) ?? injectedSpan(facts), {
    ...ratedFixed('SEV4', 'what came from the fault and what did not cannot be told apart'),
    title: `${metric.name} was not where it had been before when the fault was gone`,
    what: `${metric.name} was ${show(from)} before the fault and ${show(to)} after the recovery (allowed: ${allowed}): something beside the fault may have changed it. ${stays}`.trim(),
    impact: 'The run says less about this metric than it was meant to.',
    factors: [
      'The load or the time of day may have changed during the run.',
      'The fault may have left something behind that lasts longer than the recovery was watched.',
    ],
    actions: [
      action(
        'process',
        'P2',
        'Run it again; compare with a control group (`control`) or switch the fault on and off in random order (`design: {switchback: …}`), which drift cannot pass for an effect',
      ),
    ],
    evidence: [
      {label: 'before', value: show(from)},
      {label: 'after the recovery', value: show(to)},
    ],
    metric: metric.name,
  });
}

/** The third window of A-B-A is not like the first: what was seen between them may have come with time. */
export const rule: FindingRule = {
  code: 'confounded-with-time',
  order: 140,
  find: context =>
    context.metrics.flatMap(metric => {
      if (metric.judged.length === 0) return [];
      const after = metric.intervals.find(({backToBaseline}) => backToBaseline?.state === 'confounded-with-time');
      return after === undefined ? [] : [tell(context, metric, after)];
    }),
};
