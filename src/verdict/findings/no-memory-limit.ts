import {field} from '../facts.js';
import {targetNames} from '../phrase.js';
import {setUpsOf} from '../posture.js';
import {action, finding, injectedSpan, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** Faults that use up memory in the target's place. */
const HUNGRY: ReadonlySet<string> = new Set(['memory-stress']);

/** Memory was used up in a container that may take all the memory of its machine. */
export const rule: FindingRule = {
  code: 'no-memory-limit',
  order: 83,
  find: ({facts}) => {
    const found = setUpsOf(facts).filter(
      target =>
        field(target.facet('memory') ?? null, 'limit') === 0 &&
        target.hitBy.some(({planned}) => HUNGRY.has(planned.kind)),
    );
    if (found.length === 0) return [];
    const names = targetNames(found.map(({name}) => name));
    return [
      finding('no-memory-limit', facts, injectedSpan(facts), {
        ...ratedFixed('SEV4', 'memory was used up where no limit keeps it from the neighbours'),
        subject: names,
        title: `${names} ${found.length === 1 ? 'has' : 'have'} no memory limit`,
        what: `Memory was used up in ${names}, which may take all the memory of the machine: what the run says holds for this machine and this moment only.`,
        impact: 'When memory runs out, the kernel chooses whom it ends, on the whole machine.',
        detection: 'Read from the engine before the injection.',
        evidence: found.map(({name}) => ({label: name, value: 'memory limit: none'})),
        actions: [
          action(
            'prevent',
            'P2',
            `Set a memory limit for ${names} (\`docker update --memory …\`, or \`mem_limit:\` in compose.yaml), and run this again`,
          ),
        ],
      }),
    ];
  },
};
