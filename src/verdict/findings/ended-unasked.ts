import {mishapsOf, type PlacedMishap} from '../around.js';
import {count} from '../phrase.js';
import type {Finding} from '../result.js';
import {say} from '../time.js';
import {action, finding, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

const WORDS: Readonly<Record<PlacedMishap['what'], readonly [noun: string, clause: string]>> = {
  ended: ['end', 'ended'],
  'out-of-memory': ['out-of-memory kill', 'ran out of memory'],
  unhealthy: ['failed health check', 'was called unhealthy by its health check'],
};

/** From so many on it comes again and again: a crash loop. */
const LOOP = 3;

function told(context: FindingContext, all: readonly PlacedMishap[]): Finding {
  const {facts} = context;
  const [first] = all as readonly [PlacedMishap];
  const {name, what, isNeighbour} = first;
  const [noun, clause] = WORDS[what];
  const ended = all.flatMap(({exitCode}) => (exitCode === undefined ? [] : [exitCode]));
  const codes = ended.length === 0 ? '' : ` (exit code ${[...new Set(ended)].join(', ')})`;
  const firstRequest = Math.min(...facts.occurrences.map(({requestedUs}) => requestedUs ?? Infinity));
  const after = say(Math.max(0, (first.us - firstRequest) / 1e6));
  const severity = all.length >= LOOP ? 'SEV2' : what === 'unhealthy' ? 'SEV4' : 'SEV3';
  const whose = isNeighbour ? 'which no fault of this file is on' : 'beyond what the faults themselves do';
  return finding(
    isNeighbour ? 'collateral-mishap' : 'ended-unasked',
    facts,
    {fromUs: first.us, toUs: (all.at(-1) ?? first).us},
    {
      ...ratedFixed(severity, `${count(all.length, noun)} (SEV2 from ${LOOP}, SEV3 below, SEV4 for a health check)`),
      subject: name,
      title: `${name} ${clause}${all.length > 1 ? ` ${all.length} times` : ''}`,
      what: `${name}, ${whose}, ${clause}${codes} ${after} after the first injection${all.length > 1 ? `, and ${count(all.length - 1, 'more time')} until the end of the run` : ''}.`,
      impact:
        what === 'unhealthy' ? 'What goes by its health sent it nothing.' : 'Its work in flight was lost each time.',
      evidence: all
        .slice(0, 5)
        .map(({at, exitCode}) => ({label: at, value: exitCode === undefined ? clause : `exit code ${exitCode}`})),
      factors: [
        isNeighbour
          ? 'It may depend on what was faulted, or something else may have happened meanwhile.'
          : 'The fault may have been more than the process stands, or something else may have ended it.',
      ],
      actions: [
        action(
          'prevent',
          isNeighbour ? 'P2' : 'P3',
          `Find out why ${name} ${clause} (its log at that time), and whether it depends on what was faulted`,
        ),
      ],
    },
  );
}

/** Containers that ended, ran out of memory or became unhealthy in the run although no fault does that to them. */
export const rule: FindingRule = {
  code: 'ended-unasked',
  order: 79,
  find: context => {
    const groups = new Map<string, PlacedMishap[]>();
    for (const mishap of mishapsOf(context.facts)) {
      const key = `${mishap.object} ${mishap.what}`;
      groups.set(key, [...(groups.get(key) ?? []), mishap]);
    }
    return [...groups.values()].map(all => told(context, all));
  },
};
