import {groupsAt} from '../around.js';
import {count, targetNames} from '../phrase.js';
import {action, finding, injectedSpan, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** One of several instances was left to serve while the fault was in force: luck, where everything held. */
export const rule: FindingRule = {
  code: 'last-instance',
  order: 151,
  find: ({facts, verdict}) =>
    verdict !== 'held'
      ? []
      : groupsAt(facts, 'during').flatMap(group => {
          const serving = group.filter(one => one.serving);
          const [last] = serving;
          if (group.length < 2 || serving.length !== 1 || last === undefined) return [];
          const down = group.filter(one => !one.serving).map(({name}) => name);
          return [
            finding('last-instance', facts, injectedSpan(facts), {
              ...ratedFixed('SEV5', `1 of ${group.length} instances was left to serve (a near miss)`),
              subject: group.map(({name}) => name).join(', '),
              title: `Only ${last.name} was left to serve`,
              what: `While the fault was in force, ${targetNames(down)} did not serve: ${last.name} was the last of ${count(group.length, 'instance')}.`,
              impact: 'None this time.',
              detection: 'Read from the engine while the first fault was in force.',
              evidence: group.map(({name, serving: isServing}) => ({
                label: name,
                value: isServing ? 'serving' : 'not serving',
              })),
              actions: [
                action(
                  'prevent',
                  'P3',
                  `Decide how many instances may be missing at once, and run one more than that beside ${last.name}`,
                ),
              ],
            }),
          ];
        }),
};
