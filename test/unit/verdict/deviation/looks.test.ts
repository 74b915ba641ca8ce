import {expect} from 'chai';
import type {Evidence} from '../../../../src/record/evidence.js';
import type {Event} from '../../../../src/record/events.js';
import {tell} from '../../../../src/verdict/timeline.js';
import {deviating, deviationFile, judged, levels, on, recorded, seriesFor} from '../../../support/deviations.js';

const LOOKS = [40_000, 49_000, 60_000];

/** The record of a run whose injection might go on and did so at these looks; the rest of it stays as it was. */
function lookedAt(evidence: Evidence, wentOnAt: readonly number[]): Evidence {
  const events = evidence.events.flatMap((event): readonly Event[] => {
    if (event.type === 'run.started')
      return [{...event, occurrences: event.occurrences.map(planned => ({...planned, looksMs: LOOKS}))}];
    if (event.type !== 'hold.ended') return [event];
    const looked = wentOnAt.map((look): Event => ({
      ...event,
      type: 'looked',
      look,
      looks: LOOKS.length,
      answer: 'open',
      open: [{metric: 'latency', why: 'its noise hides changes'}],
      untilMs: LOOKS[look] ?? 0,
      moreMs: 60_000 - (LOOKS[look - 1] ?? 0),
    }));
    return [...looked, event];
  });
  return {...evidence, events: events.map((event, seq) => ({...event, seq}))};
}

describe('The verdict about an injection that could go on', () => {
  const evidence = recorded(deviationFile([deviating()]), {series: [seriesFor(levels({spread: 0.12}))]});
  const upper = (of: Evidence) => on(judged(of)).deviation?.change?.upper ?? NaN;

  it('spends at each look its part of the error: limits are wider at an early look than at the last, and narrowest where there was one', () => {
    const [first, last, only] = [lookedAt(evidence, []), lookedAt(evidence, [1, 2]), evidence].map(upper);
    expect(first).to.be.above(last!);
    expect(last).to.be.above(only!);
  });

  it('is the same function of the same record, whoever reads it', () => {
    const looked = lookedAt(evidence, [1]);
    const again = JSON.parse(JSON.stringify(looked)) as Evidence;
    expect(JSON.stringify(judged(again))).to.equal(JSON.stringify(judged(looked)));
  });

  it('tells when and why it went on', () => {
    const rows = judged(lookedAt(evidence, [1])).timeline.map(({what}) => what);
    expect(rows).to.include('Going on: latency is not settled yet (look 1 of 3), at most 20s more.');
  });

  it('tells why it did not', () => {
    const looked = lookedAt(evidence, [1]).events.find(event => event.type === 'looked');
    if (looked?.type !== 'looked') throw new Error('expected a look');
    const {untilMs: _, moreMs: __, ...ended} = looked;
    expect(tell({...ended, answer: 'settled', open: []})?.what).to.equal(
      'Look 1 of 3: what this injection is to decide is settled.',
    );
    expect(tell({...ended, answer: 'hopeless'})?.what).to.match(/would hardly settle it\.$/);
    expect(tell({...ended, answer: 'hopeless', open: []})?.what).to.match(/the fault is not in force any more\.$/);
  });
});
