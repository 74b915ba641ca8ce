import type {FacetDifference} from '../../record/events.js';
import type {OccurrenceFacts} from '../occurrences.js';
import {list} from '../phrase.js';
import {aftermath, lastAnswer, putBackSentence} from '../put-back.js';
import type {Finding} from '../result.js';
import {action, finding, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

function replacedIn({facts}: FindingContext, occurrence: OccurrenceFacts): readonly Finding[] {
  const {planned, debts, settled, settledUs, requestedUs} = occurrence;
  const replaced = debts.flatMap(debt => {
    const answer = lastAnswer(debt, settled);
    return answer?.outcome === 'superseded' ? [{debt, detail: answer.detail}] : [];
  });
  if (replaced.length === 0) return [];
  const names = list([...new Set(replaced.map(({debt}) => debt.undo.ref.name))]);
  const isIts = ({target, facet}: FacetDifference) =>
    replaced.some(({debt}) => debt.undo.ref.name === target && debt.touches?.includes(facet) === true);
  return [
    finding(
      'superseded',
      facts,
      {fromUs: requestedUs ?? facts.startUs, toUs: settledUs},
      {
        ...ratedFixed('SEV4', 'someone else changed what the run had changed, and theirs was kept'),
        title: `Someone else changed ${names} during the run`,
        what: `What ${planned.fault} had set on ${names} was replaced by another value meanwhile; that value was left in place.`,
        impact: 'The fault may not have been what the file says for all of its time.',
        recovery: putBackSentence(aftermath(facts)),
        evidence: [
          ...replaced.map(({debt, detail}) => ({label: debt.undo.ref.name, value: detail ?? 'superseded'})),
          ...(facts.leaks?.left ?? []).filter(isIts).map(({target, facet, before, after}) => ({
            label: `${facet} of ${target}`,
            value: `${JSON.stringify(before)} before the run, ${JSON.stringify(after)} after it`,
          })),
        ],
        factors: ['A deployment, a controller or a person worked on the target during the run.'],
        actions: [action('process', 'P3', `Announce experiments on ${names}, or pause what changes it by itself`)],
      },
    ),
  ];
}

/** Someone else changed what the run had changed: theirs is left in place, whoever settles. */
export const rule: FindingRule = {
  code: 'superseded',
  order: 120,
  find: context => context.facts.occurrences.flatMap(occurrence => replacedIn(context, occurrence)),
};
