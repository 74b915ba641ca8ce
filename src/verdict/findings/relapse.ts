import {injectedOf, recoveryOf} from '../intervals.js';
import {list} from '../phrase.js';
import type {Finding, MetricTimes} from '../result.js';
import {say} from '../time.js';
import {between, recoveryWords} from '../times/words.js';
import {backEvidence, recoverySentence} from './recovery-words.js';
import {action, finding, injectedSpan, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** Each return that did not last, and what came after it. */
function told({metric, recoveries}: MetricTimes): string {
  const first = recoveries[0];
  const again = recoveries.flatMap(({relapsedBy}) => (relapsedBy === undefined ? [] : say(relapsedBy)));
  const last = recoveries.at(-1);
  const back = typeof first?.atMost === 'number' ? between(first.atLeast, first.atMost) : 'later';
  const end =
    last === undefined || last.atMost === null
      ? 'and was not proven to be back for good by the end of the watch'
      : `and was back for good ${recoveryWords(last)} after it`;
  return `${metric} was back ${back} after the fault was gone, away again by ${list(again)}, ${end}`;
}

function tell(context: FindingContext, relapsed: readonly MetricTimes[]): Finding {
  const {facts} = context;
  const away = relapsed.some(({recovered}) => recovered?.atMost === null);
  const rated = away
    ? ratedFixed('SEV2', 'it relapsed and was not proven to be back (SEV3 where it was)')
    : ratedFixed('SEV3', 'it relapsed and came back (SEV2 where it was not proven to be back)');
  return finding('relapse', facts, recoveryOf(facts) ?? injectedSpan(facts), {
    ...rated,
    subject: '',
    title: 'The system came back, and relapsed',
    what: `${relapsed.map(told).join('; ')}.`,
    impact: 'A second time of degradation without a cause in place.',
    recovery: recoverySentence(context),
    evidence: backEvidence(context),
    factors: [
      'Retries that come in waves, caches that expire together, restarts of a target that is overwhelmed by the work that waited, or a circuit breaker that opens and closes.',
    ],
    actions: [
      action(
        'prevent',
        'P2',
        'Find what brings the load back after the first recovery, and spread it: backoff with jitter, a slow start, a bound on the queue',
      ),
      action('detect', 'P3', 'Do not close an incident at the first good minute: watch for as long as this run took'),
    ],
    metric: relapsed[0]?.metric ?? null,
  });
}

/** A metric was proven to be back, and then proven to be away again with nothing injected. */
export const rule: FindingRule = {
  code: 'relapse',
  order: 90,
  find: context => {
    const relapsed = context.times.metrics.filter(({recoveries}) => recoveries.length > 1);
    return relapsed.length === 0 || injectedOf(context.facts).length === 0 ? [] : [tell(context, relapsed)];
  },
};
