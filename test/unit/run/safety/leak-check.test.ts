import {expect} from 'chai';
import type {Event, EventBody} from '../../../../src/record/events.js';
import {compareFacets} from '../../../../src/run/safety/leak-check.js';
import {debt, RecordScript, settled, target} from '../../../support/records.js';

const a = target('a');
const before = {[a.object]: {paused: false, restarts: 0}};
const after = {[a.object]: {paused: true, restarts: 1}};
const owed = debt({undo: {...debt().undo, ref: a}, touches: ['paused']});

function record(...bodies: readonly EventBody[]): readonly Event[] {
  const script = new RecordScript();
  for (const body of bodies) script.at(1, body);
  return script.events;
}

const ours: EventBody = {type: 'debts.owed', occurrence: 'freeze-1', debts: [owed]};
const paid = (outcome: 'undone' | 'superseded'): EventBody => ({
  type: 'debts.settled',
  occurrence: 'freeze-1',
  settled: [settled(outcome, owed.id)],
});
const paused = {target: a.object, facet: 'paused', before: false, after: true};
const restarts = {target: a.object, facet: 'restarts', before: 0, after: 1};

describe('the comparison of facets', () => {
  it('takes a facet that our changes were allowed to alter for a left-over, and any other for collateral', () => {
    for (const events of [record(ours), record(ours, paid('undone'))]) {
      expect(compareFacets(before, after, events)).to.deep.equal({
        touched: [paused],
        left: [],
        collateral: [restarts],
      });
    }
  });

  it('takes what someone else set in place of ours for theirs, and no facet beside it', () => {
    expect(compareFacets(before, after, record(ours, paid('superseded')))).to.deep.equal({
      touched: [],
      left: [paused],
      collateral: [restarts],
    });
  });

  it('expects what nothing can put back, and finds what was said to leave nothing behind', () => {
    const without = (why: {irreversible: string} | {nothing: string}) =>
      record({
        type: 'change.requested',
        occurrence: 'freeze-1',
        withoutUndo: [{...why, ref: a, touches: ['paused']}],
      });
    expect(compareFacets(before, after, without({irreversible: 'so'}))).to.deep.include({touched: [], left: [paused]});
    expect(compareFacets(before, after, without({nothing: 'so'}))).to.deep.include({touched: [paused], left: []});
    // A container with --rm is gone once it ended.
    expect(compareFacets(before, {}, without({irreversible: 'so'}))).to.deep.equal({
      touched: [],
      left: [{target: a.object, facet: 'exists', before: true, after: false}],
      collateral: [],
    });
  });

  it('finds nothing where everything reads the same', () => {
    expect(compareFacets(before, before, record(ours))).to.deep.equal({touched: [], left: [], collateral: []});
  });

  for (const [how, gone] of [
    ['is not answered', {}],
    ['is answered as gone', {[a.object]: {exists: false}}],
  ] as const) {
    it(`finds nothing of ours on a target that ${how}: nothing can be left on it`, () => {
      expect(compareFacets(before, gone, record(ours))).to.deep.equal({
        touched: [],
        left: [],
        collateral: [{target: a.object, facet: 'exists', before: true, after: false}],
      });
    });
  }
});
