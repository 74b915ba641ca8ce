import {eventsOf} from '../facts.js';
import {count, targetNames} from '../phrase.js';
import {setUpsOf, type SetUp} from '../posture.js';
import {sayUs} from '../time.js';
import {action, finding, injectedSpan, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** A container that ended in the run, and how long it was down: until our undo, or to the end. */
interface Ended {
  readonly target: SetUp;
  readonly downUs: number | null;
}

/** Whether it ended and did not come back by itself: our undo started it, or it still does not run. */
function endedAlone({facts}: FindingContext, target: SetUp): Ended | undefined {
  const answers = new Map(
    eventsOf(facts.evidence.events, 'debts.settled').flatMap(({settled}) =>
      settled.map(one => [one.debt, one.outcome]),
    ),
  );
  const killed = target.hitBy.find(
    ({planned, debts}) =>
      planned.kind === 'kill' &&
      debts.some(({id, undo}) => undo.ref.object === target.object && answers.get(id) === 'undone'),
  );
  if (killed !== undefined) {
    const {requestedUs, settledUs} = killed;
    return {target, downUs: requestedUs === null || settledUs === null ? null : settledUs - requestedUs};
  }
  const differences = [...(facts.leaks?.collateral ?? []), ...(facts.leaks?.touched ?? [])];
  const isDown = differences.some(
    ({target: name, facet, after}) => name === target.name && facet === 'running' && after === false,
  );
  return isDown ? {target, downUs: null} : undefined;
}

/** It ended, and its engine was told not to start it again. */
export const rule: FindingRule = {
  code: 'no-restart-policy',
  order: 81,
  find: context => {
    const ended = setUpsOf(context.facts)
      .filter(target => target.facet('restartPolicy') === 'no')
      .flatMap(target => endedAlone(context, target) ?? []);
    if (ended.length === 0) return [];
    const names = targetNames(ended.map(({target}) => target.name));
    const down = Math.max(0, ...ended.map(({downUs}) => downUs ?? 0));
    const until =
      down === 0 ? 'still did not run at the end' : `was started again after ${sayUs(down)}, by the undo of Firedrill`;
    return [
      finding('no-restart-policy', context.facts, injectedSpan(context.facts), {
        ...ratedFixed('SEV4', `${count(ended.length, 'container')} ended and had nothing that starts it again`),
        subject: names,
        title: `${names} ${ended.length === 1 ? 'has' : 'have'} no restart policy`,
        what: `The engine is told not to start ${names} again when ${ended.length === 1 ? 'it ends' : 'they end'}: ${ended.length === 1 ? 'it' : 'the last of them'} ${until}.`,
        impact: down === 0 ? `${names} stayed down.` : `${names} stayed down for ${sayUs(down)}.`,
        detection: 'Read from the engine before the injection.',
        evidence: ended.map(({target}) => ({label: target.name, value: 'restart policy: no'})),
        factors: [
          'Something outside the engine (a supervisor, an orchestrator, a person) may be meant to start it again; none did in this run.',
        ],
        actions: [
          action(
            'mitigate',
            'P2',
            `Set a restart policy for ${names} (\`docker update --restart unless-stopped …\`, or \`restart:\` in compose.yaml)`,
          ),
        ],
      }),
    ];
  },
};
