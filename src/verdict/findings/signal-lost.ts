import {lostIn} from '../availability/combine.js';
import type {OccurrenceFacts} from '../occurrences.js';
import {faultPhrase} from '../phrase.js';
import type {Finding, MetricInterval, MetricResult} from '../result.js';
import {action, finding, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** Measured in the baseline, and not at all in this interval, or for none of the subjects that decide. */
function isLost({intervals, source}: MetricResult, interval: MetricInterval): boolean {
  // Requests that were not sent are the generator's: see there.
  if (source === 'load') return false;
  // That its target failed is known then, and told as what it is.
  if (lostIn(interval) !== undefined) return false;
  if (interval.deviation?.doubts.some(({code}) => code === 'signal-lost') === true) return true;
  const before = intervals.find(({kind}) => kind === 'baseline');
  return interval.kind === 'on' && interval.samples === 0 && interval.missing > 0 && (before?.samples ?? 0) > 0;
}

function tell({facts}: FindingContext, metric: MetricResult, occurrence: OccurrenceFacts): Finding {
  const {confirmedUs, undoRequestedUs, planned} = occurrence;
  const when = faultPhrase(occurrence);
  return finding(
    'signal-lost',
    facts,
    {fromUs: confirmedUs ?? facts.startUs, toUs: undoRequestedUs},
    {
      ...ratedFixed('SEV3', 'a system that cannot be seen while it is hit cannot be said to have held'),
      title: `${metric.name} was lost ${when}`,
      what: `${metric.name} was measured before, but not any more ${when}: nothing can be said about it, which is not a pass.`,
      impact: 'What happened to it is not known.',
      factors: [
        `What measures ${metric.name} may itself depend on ${planned.targets.map(({name}) => name).join(', ') || 'what was hit'}.`,
      ],
      actions: [
        action('detect', 'P2', `Measure ${metric.name} from a place that the fault does not reach`),
        action('detect', 'P3', `Alert on the absence of ${metric.name}`),
      ],
      metric: metric.name,
    },
  );
}

/** Whether anything is asked of it while the fault is in force: a table that the fault drops has no rows to count. */
function isAskedInFault({tolerance, deviation, judged}: MetricResult): boolean {
  if (deviation !== undefined) return true;
  if (tolerance?.during !== undefined) return tolerance.during.includes('fault');
  return judged.length > 0 || tolerance !== null;
}

/** A metric that vanished while a fault was in force: never a pass, and worth knowing. */
export const rule: FindingRule = {
  code: 'signal-lost',
  order: 130,
  find: context =>
    context.metrics.filter(isAskedInFault).flatMap(metric => {
      const lost = metric.intervals.find(interval => isLost(metric, interval));
      const occurrence = context.facts.occurrences.find(({planned}) => planned.id === lost?.occurrence);
      return occurrence === undefined ? [] : [tell(context, metric, occurrence)];
    }),
};
