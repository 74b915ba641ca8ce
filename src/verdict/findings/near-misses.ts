import {formatShare} from '../../quantities/share.js';
import {describeBounds, shareOfBound} from '../judgement/tolerance.js';
import {quantity} from '../phrase.js';
import type {Finding} from '../result.js';
import {say} from '../time.js';
import {action, finding, injectedSpan, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

const GUARD = 0.8;
const RECOVERY = 0.8;
const TOLERANCE = 0.9;

function miss(
  context: FindingContext,
  said: {title: string; what: string; why: string; metric: string | null; act: string},
): Finding {
  const {facts} = context;
  return finding('near-miss', facts, injectedSpan(facts), {
    ...ratedFixed('SEV5', said.why),
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
        title: `The guard on ${guard.metric} almost tripped`,
        what: `${guard.metric} reached ${formatShare(guard.closest ?? 0)} of what stops the run (${guard.limit}).`,
        why: `${formatShare(guard.closest ?? 0)} of the guard's limit (near miss from ${formatShare(GUARD)})`,
        metric: guard.metric,
        act: `Find out what keeps ${guard.metric} from getting worse under this fault, and whether that is by design`,
      }),
    );
}

function recovery(context: FindingContext): readonly Finding[] {
  const {state, tookSeconds, withinSeconds} = context.recovery;
  if (state !== 'recovered' || tookSeconds === null || withinSeconds <= 0 || tookSeconds[1] > withinSeconds) return [];
  const used = tookSeconds[1] / withinSeconds;
  if (used <= RECOVERY) return [];
  return [
    miss(context, {
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
    const outlier = on.find(interval => interval.why.startsWith('near miss'));
    if (outlier !== undefined) {
      return [
        miss(context, {
          title: `${metric.name} left its tolerance for a single sample`,
          what: `${metric.name}: ${outlier.why.replace('near miss: ', '')}.`,
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
    if (worst === undefined || worst.used <= TOLERANCE) return [];
    return [
      miss(context, {
        title: `${metric.name} used up almost all of its tolerance`,
        what: `${metric.name} was ${quantity(worst.value, metric.unit)} under the fault; allowed is ${describeBounds(tolerance, metric.unit)}.`,
        why: `${formatShare(worst.used)} of the tolerance (near miss above ${formatShare(TOLERANCE)})`,
        metric: metric.name,
        act: `Find out how ${metric.name} behaves under a slightly stronger fault (steps)`,
      }),
    ];
  });
}

/** Where we got lucky: things that almost went wrong. */
export const rule: FindingRule = {
  code: 'near-miss',
  find: context =>
    context.occurrences.some(occurrence => occurrence.confirmedAt !== null)
      ? [...guards(context), ...recovery(context), ...tolerances(context)]
      : [],
};
