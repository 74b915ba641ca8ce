import {sayLimits} from '../deviation/words.js';
import {impactSentences} from '../impact.js';
import {injectedOf, recoveryCause, recoveryOf} from '../intervals.js';
import {list} from '../phrase.js';
import type {Finding} from '../result.js';
import {say} from '../time.js';
import {action, finding, injectedSpan, type FindingContext, type FindingRule} from './rule.js';
import {backEvidence, recoverySentence} from './recovery-words.js';
import {ratedFixed} from './severity.js';

function heldUp(context: FindingContext): string {
  const outside = context.metrics.filter(metric =>
    metric.intervals.some(interval => interval.kind === 'recovery' && interval.verdict === 'deviated'),
  );
  return outside.length === 0
    ? 'The steady state'
    : list(outside.map(metric => `${metric.name} (allowed: ${sayLimits(metric)})`));
}

function tell(context: FindingContext): readonly Finding[] {
  const {facts, recovery, times} = context;
  const {state, tookSeconds, withinSeconds} = recovery;
  const span = recoveryOf(facts) ?? injectedSpan(facts);
  const shared = {
    impact: impactSentences(facts, times).join(' '),
    recovery: recoverySentence(context),
    factors: [
      'Queues, connection pools or caches that fill up under the fault may take longer to drain than the fault lasted.',
    ],
    actions: [
      action(
        'mitigate',
        'P1',
        'Find what holds the system back after the fault is gone, and bound it (queue length, pool size, retry backoff)',
      ),
      action('process', 'P2', 'Write down how to bring the system back by hand, and rehearse it'),
    ],
    evidence: [
      {label: 'limit', value: say(withinSeconds)},
      ...backEvidence(context),
      {label: 'decided', value: JSON.stringify(recovery.basis)},
    ],
  };
  if (state === 'not-recovered') {
    const what = `${heldUp(context)} had not come back when the recovery ended, ${say((span.toUs - span.fromUs) / 1e6)} after ${recoveryCause(facts)}.`;
    return [
      finding('no-recovery', facts, span, {
        ...shared,
        title: 'The steady state did not come back',
        what,
        ...ratedFixed('SEV1', 'a system that does not come back by itself needs a person'),
      }),
    ];
  }
  if (state !== 'recovered' || tookSeconds === null || withinSeconds <= 0 || tookSeconds[0] <= withinSeconds) return [];
  const factor = tookSeconds[0] / withinSeconds;
  const rated = ratedFixed(
    factor >= 2 ? 'SEV2' : 'SEV3',
    `${say(tookSeconds[0])} is ${factor.toFixed(1)} times the ${say(withinSeconds)} allowed (SEV2 from 2 times, SEV3 below)`,
  );
  const what = `The steady state was back ${say(tookSeconds[0])} to ${say(tookSeconds[1])} after ${recoveryCause(facts)}; ${say(withinSeconds)} are allowed.`;
  return [
    finding('slow-recovery', facts, span, {...shared, ...rated, title: 'The recovery took longer than allowed', what}),
  ];
}

/** The steady state came back late, or not at all. */
export const rule: FindingRule = {
  code: 'slow-recovery',
  order: 40,
  find: context => (injectedOf(context.facts).length === 0 || context.facts.end.kind !== 'done' ? [] : tell(context)),
};
