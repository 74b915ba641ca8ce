import {faultPhrase, targetNames} from '../phrase.js';
import {setUpsOf} from '../posture.js';
import {action, finding, injectedSpan, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** Faults that end the process: that the engine sees without any check. */
const SEEN: ReadonlySet<string> = new Set(['kill', 'stop', 'restart', 'delete']);

/** A metric left what is allowed while a target was impaired, and no check of the target's could tell. */
export const rule: FindingRule = {
  code: 'no-health-check',
  order: 82,
  find: ({facts, metrics}) => {
    const found = setUpsOf(facts)
      .filter(target => target.facet('health') === 'none')
      .flatMap(target => {
        const by = target.hitBy.find(
          ({planned}) =>
            !SEEN.has(planned.kind) &&
            metrics.some(({intervals}) =>
              intervals.some(
                ({kind, occurrence, verdict}) => kind === 'on' && occurrence === planned.id && verdict === 'deviated',
              ),
            ),
        );
        return by === undefined ? [] : [{name: target.name, by}];
      });
    const [first] = found;
    if (first === undefined) return [];
    const names = targetNames(found.map(({name}) => name));
    const hurt = metrics.filter(({intervals}) =>
      intervals.some(({occurrence, verdict}) => occurrence === first.by.planned.id && verdict === 'deviated'),
    );
    return [
      finding('no-health-check', facts, injectedSpan(facts), {
        ...ratedFixed(
          'SEV4',
          `${hurt.length} of ${metrics.length} metrics left what is allowed, and the engine had no check that could tell`,
        ),
        subject: names,
        title: `${names} ${found.length === 1 ? 'has' : 'have'} no health check`,
        what: `${targetNames(hurt.map(({name}) => name))} left what is allowed ${faultPhrase(first.by)}; the engine has no health check of ${names}, so to it ${found.length === 1 ? 'it was' : 'they were'} as well as before.`,
        impact: 'Nothing that goes by the state of the container could notice it or route around it.',
        detection: 'Read from the engine before the injection.',
        evidence: found.map(({name}) => ({label: name, value: 'health check: none'})),
        factors: ['A load balancer or a client may have a check of its own that the engine does not know.'],
        actions: [
          action('detect', 'P2', `Add a health check to ${names} that asks for what callers need, with a time limit`),
        ],
        metric: hurt[0]?.name ?? null,
      }),
    ];
  },
};
