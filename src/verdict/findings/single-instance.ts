import {groupsAt} from '../around.js';
import {targetNames} from '../phrase.js';
import {action, finding, injectedSpan, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** A metric left what is allowed, and nothing else did what the target does. */
export const rule: FindingRule = {
  code: 'single-instance',
  order: 84,
  find: ({facts, metrics}) => {
    const deviated = facts.occurrences.filter(({planned}) =>
      metrics.some(({intervals}) =>
        intervals.some(
          ({kind, occurrence, verdict}) => kind === 'on' && occurrence === planned.id && verdict === 'deviated',
        ),
      ),
    );
    const hit = new Set(deviated.flatMap(({planned}) => planned.targets.map(({name}) => name)));
    const alone = groupsAt(facts, 'before')
      .filter(group => group.length === 1)
      .flatMap(group => group.map(({name}) => name))
      .filter(name => hit.has(name));
    if (alone.length === 0) return [];
    const names = targetNames(alone);
    const hurt = metrics.filter(({verdict}) => verdict === 'deviated').map(({name}) => name);
    return [
      finding('single-instance', facts, injectedSpan(facts), {
        ...ratedFixed(
          'SEV4',
          'a metric left what is allowed, and the engine shows no second instance of what was faulted',
        ),
        subject: names,
        title: `${names} ${alone.length === 1 ? 'is the only instance' : 'are each the only instance'}`,
        what: `${targetNames(hurt)} left what is allowed while the engine showed no other container of the same service (or image and command on its network) as ${names}.`,
        impact: 'Every request that needs it meets the fault.',
        detection: 'Read from the engine in the baseline.',
        evidence: alone.map(name => ({label: name, value: '1 of 1 instance'})),
        factors: ['Instances on another engine are not seen from here.'],
        actions: [
          action('mitigate', 'P2', `Run a second instance of ${names}, and send requests to the one that answers`),
        ],
        metric: hurt[0] ?? null,
      }),
    ];
  },
};
