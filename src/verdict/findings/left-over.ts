import {aroundOf} from '../../record/around.js';
import {eventsOf} from '../facts.js';
import {count, list} from '../phrase.js';
import type {Finding} from '../result.js';
import {action, finding, injectedSpan, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

function owed(context: FindingContext): readonly Finding[] {
  const {facts} = context;
  if (facts.owed.length === 0) return [];
  const names = list([...new Set(facts.owed.map(debt => debt.undo.ref.name))]);
  const why = (id: string): string => {
    const last = eventsOf(facts.evidence.events, 'debts.settled')
      .flatMap(({settled}) => settled)
      .findLast(answer => answer.debt === id);
    return last !== undefined && 'why' in last ? last.why : 'never settled';
  };
  return [
    finding(
      'left-over',
      facts,
      {fromUs: injectedSpan(facts).fromUs, toUs: null},
      {
        ...ratedFixed('SEV1', `${count(facts.owed.length, 'undo')} not verified: something is still broken`),
        title: `${names} ${facts.owed.length === 1 ? 'is' : 'are'} not put back`,
        what: `${count(facts.owed.length, 'undo')} on ${names} ${facts.owed.length === 1 ? 'is' : 'are'} still owed.`,
        impact: facts.owed.every(({occurrence}) => aroundOf(occurrence) !== undefined)
          ? 'What was done for the run may still be there.'
          : 'The fault may still be in force.',
        recovery: `Run: firedrill recover ${facts.evidence.run}`,
        evidence: facts.owed.map(debt => ({
          label: debt.undo.ref.name,
          value: `${why(debt.id)}; by hand: ${debt.undo.manual}`,
        })),
        actions: [
          action(
            'mitigate',
            'P1',
            `Put ${names} back: firedrill recover ${facts.evidence.run}, or the commands of this finding by hand`,
          ),
        ],
      },
    ),
  ];
}

function touched(context: FindingContext): readonly Finding[] {
  const {facts} = context;
  const differences = facts.leaks?.touched ?? [];
  if (differences.length === 0) return [];
  const names = list(differences.map(difference => `${difference.facet} of ${difference.target}`));
  return [
    finding(
      'left-over',
      facts,
      {fromUs: injectedSpan(facts).fromUs, toUs: null},
      {
        ...ratedFixed(
          'SEV1',
          `${count(differences.length, 'facet')} that the run changed ${differences.length === 1 ? 'does' : 'do'} not read as before`,
        ),
        title: 'Something of the run was left behind',
        what: `After the run ${names} ${differences.length === 1 ? 'reads' : 'read'} differently than before.`,
        impact: 'The target is not as it was.',
        recovery: 'Not recovered by the end of the run.',
        evidence: differences.map(({target, facet, before, after}) => ({
          label: `${facet} of ${target}`,
          value: `${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
        })),
        actions: [action('mitigate', 'P1', `Compare ${names} with what it was, and put it back by hand`)],
      },
    ),
  ];
}

function collateral(context: FindingContext): readonly Finding[] {
  const {facts} = context;
  const differences = facts.leaks?.collateral ?? [];
  if (differences.length === 0) return [];
  const names = list([...new Set(differences.map(difference => difference.target))]);
  return [
    finding('collateral', facts, injectedSpan(facts), {
      ...ratedFixed('SEV4', `${count(differences.length, 'facet')} changed that no fault of this run touches`),
      title: `Something else changed on ${names}`,
      what: `${count(differences.length, 'facet')} on ${names} ${differences.length === 1 ? 'reads' : 'read'} differently after the run, although no fault of this file changes ${differences.length === 1 ? 'it' : 'them'}.`,
      impact: 'Unknown: it may come from the fault, or from something that happened meanwhile.',
      evidence: differences.map(({target, facet, before, after}) => ({
        label: `${facet} of ${target}`,
        value: `${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
      })),
      actions: [
        action(
          'process',
          'P3',
          `Find out whether the fault changed ${list([...new Set(differences.map(difference => difference.facet))])}`,
        ),
      ],
    }),
  ];
}

/** What the world shows after the run that it did not show before: ours, or someone else's. */
export const rule: FindingRule = {
  code: 'left-over',
  order: 10,
  find: context => [...owed(context), ...touched(context), ...collateral(context)],
};
