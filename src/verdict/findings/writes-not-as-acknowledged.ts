import {areaWords, exampleWords, sentWords} from '../writes/words.js';
import {action, finding, injectedSpan, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

const KINDS = [
  ['doubled', 'are stored more than once', 'Make the write idempotent: an id of the sender that the store takes once'],
  [
    'unacknowledged',
    'are stored although not acknowledged',
    'Let whoever got no answer find out what became of the write, or send it again safely',
  ],
] as const;

/** More writes than are allowed are stored twice, or although their senders were not told so. */
export const rule: FindingRule = {
  code: 'writes-not-as-acknowledged',
  order: 65,
  find: ({writes, facts}) =>
    writes.flatMap(result =>
      KINDS.flatMap(([key, words, prevent]) => {
        const found = result[key];
        if (found?.verdict !== 'deviated') return [];
        return [
          finding('writes-not-as-acknowledged', facts, injectedSpan(facts), {
            ...ratedFixed('SEV2', 'what is stored is not what the senders were told'),
            subject: `${key} of ${result.name}`,
            title: `${areaWords(found)} writes of ${result.load} ${words}`,
            what: `${result.name}: ${result.why}. ${sentWords(found)}.`,
            impact: 'What is stored is not what whoever wrote it believes to be there.',
            recovery: 'Not recovered by the end of the run.',
            evidence: [
              {label: 'found', value: areaWords(found)},
              {label: 'expected', value: found.expected ?? 'no limit'},
              ...found.examples.map(example => ({label: 'write', value: exampleWords(example)})),
            ],
            actions: [action('prevent', 'P1', prevent)],
          }),
        ];
      }),
    ),
};
