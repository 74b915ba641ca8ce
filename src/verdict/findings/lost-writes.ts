import type {Facts} from '../facts.js';
import type {WritesFound, WritesResult} from '../result.js';
import {areaWords, amount, exampleWords, sentWords} from '../writes/words.js';
import {action, finding, injectedSpan, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** From when the first of them was sent until the last was. */
function spanOf(facts: Facts, {sent}: WritesFound): {fromUs: number; toUs: number} {
  if (sent === undefined) return injectedSpan(facts);
  const us = (iso: string) => facts.startUs + (Date.parse(iso) - Date.parse(facts.time.iso(facts.startUs))) * 1000;
  return {fromUs: us(sent.from), toUs: us(sent.to)};
}

function findingOf(facts: Facts, {name, load, acknowledged, lost, why, uncertain}: WritesResult) {
  if (lost?.verdict !== 'deviated') return [];
  const lostOf = `${areaWords(lost)} of ${amount(acknowledged ?? 0, 'acknowledged write')}`;
  const few = lost.examples.slice(0, 3).map(({id}) => id);
  return [
    finding('lost-writes', facts, spanOf(facts, lost), {
      ...ratedFixed('SEV1', 'data is lost that somebody was told to be safe, which nothing puts back'),
      subject: name,
      title: `${lostOf} of ${load} ${areaWords(lost) === '1' ? 'is' : 'are'} lost`,
      what: `${name}: ${why}. ${sentWords(lost)}. Among them: ${few.join(', ')}.`,
      impact: `Their senders were told that these writes are stored, and they are not: ${areaWords(lost)} of them.`,
      detection: 'Found by comparing what the load was told with what is stored at the end; nobody else may notice.',
      recovery: 'Not recovered by the end of the run: what is lost does not come back by itself.',
      evidence: [
        {label: 'acknowledged', value: String(acknowledged)},
        {label: 'lost', value: areaWords(lost)},
        {label: 'expected', value: lost.expected ?? 'no limit'},
        ...lost.examples.map(example => ({label: 'lost write', value: exampleWords(example)})),
        ...uncertain.map(value => ({label: 'uncertain', value})),
      ],
      actions: [
        action(
          'prevent',
          'P1',
          `Acknowledge a write of ${load} only when it survives what was injected (synchronous replication, a durable commit), or say for how much loss it is`,
        ),
        action(
          'mitigate',
          'P1',
          `Find out what else was written between the first and the last lost write of ${load}, and repair it`,
        ),
      ],
    }),
  ];
}

/** Writes that were acknowledged and are not stored at the end: the worst that a run can find. */
export const rule: FindingRule = {
  code: 'lost-writes',
  order: 5,
  find: ({writes, facts}) => writes.flatMap(result => findingOf(facts, result)),
};
