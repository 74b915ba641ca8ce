import {formatShare} from '../../quantities/share.js';
import {describeBounds, isWithin, shareOfBound} from '../judgement/tolerance.js';
import {quantity} from '../phrase.js';
import type {Finding, MetricResult} from '../result.js';
import {settlingWords, worstSettling} from '../outside-windows/settling.js';
import {say} from '../time.js';
import {action, finding, injectedSpan, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

const GUARD = 0.8;
const RECOVERY = 0.8;
const SETTLING = 0.8;
const TOLERANCE = 0.9;

function miss(
  context: FindingContext,
  said: {subject: string; title: string; what: string; why: string; metric: string | null; act: string},
): Finding {
  const {facts} = context;
  return finding('near-miss', facts, injectedSpan(facts), {
    ...ratedFixed('SEV5', said.why),
    subject: said.subject,
    title: said.title,
    what: said.what,
    impact: 'None this time.',
    actions: [action('prevent', 'P3', said.act)],
    metric: said.metric,
  });
}

function guards(context: FindingContext): readonly Finding[] {
  return context.guards
    .filter(guard => !guard.tripped && guard.closest !== null && guard.closest >= GUARD)
    .map(guard =>
      miss(context, {
        subject: `guard on ${guard.metric}`,
        title: `The guard on ${guard.metric} almost tripped`,
        what: `${guard.metric} reached ${formatShare(guard.closest ?? 0)} of what stops the run (${guard.limit}).`,
        why: `${formatShare(guard.closest ?? 0)} of the guard's limit (near miss from ${formatShare(GUARD)})`,
        metric: guard.metric,
        act: `Find out what keeps ${guard.metric} from getting worse under this fault, and whether that is by design`,
      }),
    );
}

function recovery(context: FindingContext): readonly Finding[] {
  const {state, tookSeconds, withinSeconds, already} = context.recovery;
  if (
    already !== undefined ||
    state !== 'recovered' ||
    tookSeconds === null ||
    withinSeconds <= 0 ||
    tookSeconds[1] > withinSeconds
  )
    return [];
  const used = tookSeconds[1] / withinSeconds;
  if (used <= RECOVERY) return [];
  return [
    miss(context, {
      subject: 'recovery',
      title: 'The recovery was only just in time',
      what: `The steady state was back after ${say(tookSeconds[1])} of the ${say(withinSeconds)} allowed.`,
      why: `${formatShare(used)} of the time allowed (near miss above ${formatShare(RECOVERY)})`,
      metric: null,
      act: 'Shorten the recovery, or say why this time is good enough',
    }),
  ];
}

function tolerances(context: FindingContext): readonly Finding[] {
  return context.metrics.flatMap(metric => {
    const {tolerance, verdict} = metric;
    if (tolerance === null || verdict !== 'held') return [];
    const on = metric.intervals.filter(interval => interval.kind === 'on' && interval.verdict === 'held');
    // Single seconds of a load are not judged: a quantile of one second is often outside by chance.
    const single = metric.source === 'load' ? undefined : on.find(interval => interval.outside !== undefined)?.outside;
    if (single !== undefined) {
      const {count, of, worst} = single;
      const samples = count === 1 ? 'a single sample' : `${count} single samples`;
      return [
        miss(context, {
          subject: `tolerance of ${metric.name}`,
          title: `${metric.name} left its tolerance for ${samples}`,
          what: `${metric.name}: ${samples} of ${of} outside, the worst ${quantity(worst, metric.unit)}; allowed is ${describeBounds(tolerance, metric.unit)}.`,
          why: 'one sample outside is a near miss, two in a row deviate',
          metric: metric.name,
          act: `Look at the moment in which ${metric.name} was outside`,
        }),
      ];
    }
    const values = on.flatMap(interval => (interval.value === null ? [] : [interval.value]));
    const worst = values
      .map(value => ({value, used: shareOfBound(value, tolerance) ?? 0}))
      .sort((a, b) => b.used - a.used)[0];
    if (worst === undefined || worst.used <= TOLERANCE || !movedTowards(metric, worst.used)) return [];
    return [
      miss(context, {
        subject: `tolerance of ${metric.name}`,
        title: `${metric.name} used up almost all of its tolerance`,
        what: `${metric.name} was ${quantity(worst.value, metric.unit)} under the fault; allowed is ${describeBounds(tolerance, metric.unit)}.`,
        why: `${formatShare(worst.used)} of the tolerance (near miss above ${formatShare(TOLERANCE)})`,
        metric: metric.name,
        act: `Find out how ${metric.name} behaves under a slightly stronger fault (steps)`,
      }),
    ];
  });
}

/**
 * Whether the fault took a metric there: not where it was as close to its bounds before (a server that is up, at least
 * 1), nor where it came inside by the fault (a stand-by that was promoted), nor where only one value is inside.
 */
function movedTowards({intervals, tolerance}: MetricResult, used: number): boolean {
  if (tolerance === null || (tolerance.atLeast !== undefined && tolerance.atLeast === tolerance.atMost)) return false;
  const before = intervals.find(({kind}) => kind === 'baseline')?.value ?? null;
  return before === null || (isWithin(before, tolerance) && (shareOfBound(before, tolerance) ?? 0) < used);
}

/** Metrics that took almost all of the time that they may take to settle. */
function settling(context: FindingContext): readonly Finding[] {
  return context.metrics.flatMap(metric => {
    const longest = worstSettling(metric.intervals);
    if (longest === undefined || metric.verdict !== 'held') return [];
    const {lastSeconds, allowedSeconds} = longest.settling;
    const used = lastSeconds / allowedSeconds;
    if (used <= SETTLING) return [];
    const occurrence = context.facts.occurrences.find(({planned}) => planned.id === longest.occurrence);
    return [
      miss(context, {
        subject: `settling of ${metric.name}`,
        title: `${metric.name} settled only just in time`,
        what: `${metric.name} was ${settlingWords(longest.settling, metric, occurrence)}.`,
        why: `${formatShare(used)} of the time that it may take to settle (near miss above ${formatShare(SETTLING)})`,
        metric: metric.name,
        act: `Shorten the time in which ${metric.name} comes back, or say why it is good enough`,
      }),
    ];
  });
}

/** Where we got lucky: things that almost went wrong. */
export const rule: FindingRule = {
  code: 'near-miss',
  order: 150,
  find: context =>
    context.occurrences.some(occurrence => occurrence.confirmedAt !== null)
      ? [...guards(context), ...recovery(context), ...settling(context), ...tolerances(context)]
      : [],
};
