import {expect} from 'chai';
import fc from 'fast-check';
import type {Bounds, WritesSpec} from '../../../src/experiment/experiment.js';
import type {EventBody} from '../../../src/record/events.js';
import {tiles} from '../../../src/report/overview.js';
import type {ComparedWrites, FoundWrites} from '../../../src/signals/writes/spec.js';
import {judge} from '../../../src/verdict/judge.js';
import {isWithin} from '../../../src/verdict/judgement/tolerance.js';
import {keepsWithin} from '../../../src/verdict/writes/writes.js';
import {format as html} from '../../../src/report/html/html.js';
import {format as markdown} from '../../../src/report/markdown/markdown.js';
import {experiment, traffic, untilBaseline, untilEnd, untilInForce, untilUndone} from '../../support/records.js';

const NONE: FoundWrites = {count: 0, phases: {}, examples: []};
const found = (count: number): FoundWrites => ({
  count,
  phases: {fault: count},
  sent: {fromUs: 12e6, toUs: 13e6},
  examples: [{written: 'o<1>', sentUs: 12e6, phase: 'fault'}],
});

const COMPARED: ComparedWrites = {
  ...{acknowledged: 1950, failed: 0, nameless: 0, dropped: 0, already: 0, repeated: 0},
  ...{listed: 1950, withoutId: 0, others: 0, otherExamples: []},
  ...{lost: NONE, doubled: NONE, unacknowledged: NONE},
};

type Compared = Extract<EventBody, {type: 'writes.compared'}>;

/** What becomes of a run that is fine otherwise. */
function judged(given: Partial<ComparedWrites>, spec: Partial<WritesSpec> = {}, event: Partial<Compared> = {}) {
  const check: WritesSpec = {
    name: 'orders are there',
    load: 'checkout',
    stored: {source: 'command', parameters: {run: ['list']}, timeoutMs: 1000, againMs: 1000},
    lost: {equals: 0},
    ...spec,
  };
  const file = experiment({expect: {recovery: {withinMs: 30_000}, checks: [], verdict: 'held', writes: [check]}});
  const done = untilUndone(untilInForce(untilBaseline(file))).at(39.9, {
    type: 'writes.compared',
    check: check.name,
    lists: 1,
    settled: true,
    late: 0,
    writes: {...COMPARED, ...given},
    ...event,
  });
  const result = judge(untilEnd(done, [30.4, 31]).evidence([], traffic()));
  const [writes] = result.writes ?? [];
  if (writes === undefined) throw new Error('not judged');
  return {result, writes, exit: result.exit, verdict: result.verdict};
}

describe('a check of writes', () => {
  it('holds where every acknowledged write is there', () => {
    expect(judged({})).to.include({verdict: 'held', exit: 0});
  });

  it('deviates by one lost write, which is the most severe finding and stands in the headline', () => {
    const {result, exit, writes} = judged({lost: found(1)});
    expect(exit).to.equal(7);
    expect(writes.lost).to.deep.include({
      atLeast: 1,
      atMost: 1,
      expected: 'exactly 0',
      verdict: 'deviated',
      phases: {fault: 1},
    });
    expect(result.headline).to.include('DEVIATED: 1 of 1,950 acknowledged writes is lost (allowed: exactly 0)');
    expect(result.findings[0]).to.include({
      code: 'lost-writes',
      severity: 'SEV1',
      title: '1 of 1,950 acknowledged writes of checkout is lost',
    });
    expect(result.severity).to.equal('SEV1');
  });

  it('is told in every report with its examples, made harmless', () => {
    const {result} = judged({lost: found(7), doubled: found(2)}, {doubled: {atMost: 1}});
    expect(html.render(result)).to.include('o&lt;1&gt; (sent ').and.to.include('Acknowledged writes');
    expect(tiles(result)[0]).to.include({name: 'Lost writes', value: '7', tone: 'bad'});
    expect(html.render(result)).not.to.include('o<1>');
    expect(markdown.render(result)).to.include('| orders are there | 1,950 | 7 | 2 | 0 |');
    const codes = result.findings.map(({code}) => code);
    expect(codes).to.include.members(['lost-writes', 'writes-not-as-acknowledged']);
  });

  it('says never lost where that is not certain', () => {
    const cases: readonly (readonly [Partial<ComparedWrites>, Partial<Compared>, string])[] = [
      [{lost: found(3)}, {settled: false}, 'still changed'],
      [{lost: found(1950), others: 1950, otherExamples: ['x 1']}, {}, 'in another way'],
      [{already: 2}, {}, 'before the load began'],
      [{dropped: 5}, {}, 'of which the ids are kept'],
      [{repeated: 1}, {}, 'another answer had named'],
      [{lost: found(3), withoutId: 3}, {}, 'have no id'],
    ];
    for (const [given, event, why] of cases) {
      const {verdict, exit, writes} = judged(given, {}, event);
      expect({verdict, exit}, why).to.deep.equal({verdict: 'inconclusive', exit: 5});
      expect(writes.lost, why).to.include({atLeast: 0, verdict: 'inconclusive'});
      expect(writes.why).to.include(why);
    }
    expect(judged({acknowledged: 0, listed: 0})).to.include({verdict: 'inconclusive', exit: 5});
  });

  it('still finds what is certainly lost beside what is not certain', () => {
    const {exit, writes} = judged({lost: found(9), withoutId: 2, repeated: 1});
    expect(exit).to.equal(7);
    expect(writes.lost).to.include({atLeast: 7, atMost: 10, verdict: 'deviated'});
  });

  it('takes everything for lost where the store is empty', () => {
    expect(judged({lost: found(1950), listed: 0}).writes.lost).to.include({atLeast: 1950, verdict: 'deviated'});
  });

  it('leaves open which new entries are of requests without a good answer', () => {
    const {writes, exit} = judged({nameless: 5, others: 8}, {unacknowledged: {atMost: 4}});
    expect(writes.unacknowledged).to.include({atLeast: 0, atMost: 5, verdict: 'inconclusive'});
    expect(exit).to.equal(5);
    expect(judged({nameless: 5, others: 8}, {unacknowledged: {atMost: 5}})).to.include({verdict: 'held'});
  });

  it('is inconclusive without a comparison', () => {
    const {writes, exit} = judged({}, {}, {check: 'another'});
    expect(exit).to.equal(5);
    expect(writes).to.deep.include({acknowledged: null, verdict: 'inconclusive'});
    expect(writes.why).to.equal('it was not compared with what is stored');
  });
});

describe('bounds of a number of which an area is known', () => {
  const small = fc.nat(8);
  const bound = fc.option(small, {nil: undefined});
  const area = fc.tuple(small, small).map(([a, b]) => ({lo: Math.min(a, b), hi: Math.max(a, b)}));

  it('are kept where each number keeps to them, missed where none does, and open else', () => {
    fc.assert(
      fc.property(
        area,
        fc.record({equals: bound, above: bound, atLeast: bound, below: bound, atMost: bound}),
        ({lo, hi}, written) => {
          const bounds = Object.fromEntries(
            Object.entries(written).filter(([, value]) => value !== undefined),
          ) as Bounds;
          const keeps = Array.from({length: hi - lo + 1}, (_, n) => isWithin(lo + n, bounds));
          const expected = keeps.every(Boolean) ? 'held' : keeps.some(Boolean) ? 'inconclusive' : 'deviated';
          expect(keepsWithin({lo, hi}, bounds)).to.equal(expected);
        },
      ),
    );
    expect(keepsWithin({lo: 3, hi: Infinity}, {atLeast: 3})).to.equal('held');
    expect(keepsWithin({lo: 3, hi: Infinity}, {atMost: 5})).to.equal('inconclusive');
    expect(keepsWithin({lo: 6, hi: Infinity}, {atMost: 5})).to.equal('deviated');
  });
});
