import {expect} from 'chai';
import fc from 'fast-check';
import {WrittenIds} from '../../../src/signals/writes/compare.js';
import {memoryOf, WriteLog, writesIn, type Write} from '../../../src/signals/writes/log.js';

const logOf = (writes: readonly Write[], most?: number) => {
  const log = new WriteLog(most);
  for (const write of writes) log.add(write);
  return log.all();
};

describe('the ids of what a load writes', () => {
  it('are kept as they are, in any language and number, and handed over without a copy', () => {
    const longest = '\u{1F525}'.repeat(128);
    const writes = Array.from({length: 70_000}, (_, n) => ({
      id: n % 1000 === 0 ? longest : `order ${n} ä→`,
      sentUs: n * 1000.5,
      acknowledged: n % 3 !== 0,
    }));
    const all = structuredClone(logOf(writes), {transfer: [...memoryOf(logOf([]))]});
    expect([...writesIn(all)]).to.deep.equal(writes);
    const moved = logOf(writes.slice(0, 5));
    const memory = memoryOf(moved);
    const arrived = structuredClone(moved, {transfer: [...memory]});
    expect(memory.every(({byteLength}) => byteLength === 0)).to.equal(true);
    expect([...writesIn(arrived)]).to.deep.equal(writes.slice(0, 5));
  });

  it('are kept up to a number; what is beyond it is counted', () => {
    const write = (id: string | undefined) => ({id, sentUs: 0, acknowledged: id !== undefined});
    const log = new WriteLog(2);
    for (const id of ['a', undefined, 'b', 'c', 'd', undefined]) log.add(write(id));
    const all = log.all();
    expect([...writesIn(all)].map(({id}) => id)).to.deep.equal(['a', 'b']);
    expect(all).to.include({nameless: 2, dropped: 2});
  });
});

/** The same comparison, written down as its words say it. */
function plainly(writes: readonly Write[], before: readonly string[], entries: readonly string[]) {
  const times = (id: string) => entries.filter(entry => entry === id).length;
  const sent = (id: string, acknowledged: boolean) =>
    writes.filter(write => write.id === id && write.acknowledged === acknowledged).length;
  const ids = [...new Set(writes.map(({id}) => id))];
  const told = ids.filter(id => !before.includes(id));
  const acknowledged = ids.filter(id => sent(id, true) > 0);
  return {
    acknowledged: acknowledged.length,
    failed: ids.length - acknowledged.length,
    already: ids.length - told.length,
    listed: entries.length,
    others: entries.filter(entry => !ids.includes(entry) && !before.includes(entry)).length,
    lost: told.filter(id => sent(id, true) > 0 && times(id) === 0).length,
    doubled: told.filter(id => times(id) > Math.max(1, sent(id, true) + sent(id, false))).length,
    unacknowledged: told.filter(id => sent(id, true) === 0 && times(id) > 0).length,
  };
}

describe('writes beside a list of what is stored', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const write = fc.record({id, sentUs: fc.nat(100), acknowledged: fc.boolean()});

  it('are counted as their words say', () => {
    fc.assert(
      fc.property(fc.array(write), fc.array(id), fc.array(id), (writes, before, entries) => {
        const compared = new WrittenIds(logOf(writes), {before, id: undefined}).compare(entries, () => 'fault');
        const {lost, doubled, unacknowledged, acknowledged, failed, already, listed, others} = compared;
        const counts = {lost: lost.count, doubled: doubled.count, unacknowledged: unacknowledged.count};
        expect({...counts, acknowledged, failed, already, listed, others}).to.deep.equal(
          plainly(writes, before, entries),
        );
      }),
    );
  });

  it('are told by their phase and time, the first ten by name', () => {
    const writes = Array.from({length: 30}, (_, n) => ({id: `o${n}`, sentUs: 1000 - n, acknowledged: true}));
    const {lost} = new WrittenIds(logOf(writes), {before: [], id: undefined}).compare(['o0'], us =>
      us < 980 ? 'baseline' : 'fault',
    );
    expect(lost).to.deep.include({count: 29, phases: {baseline: 9, fault: 20}, sent: {fromUs: 971, toUs: 999}});
    expect(lost.examples.map(({written}) => written)).to.deep.equal(Array.from({length: 10}, (_, n) => `o${29 - n}`));
    expect(lost.examples[0]).to.deep.equal({written: 'o29', sentUs: 971, phase: 'baseline'});
  });

  it('are found in entries that hold more than the id; an entry without one is counted', () => {
    const writes = ['1', '2', '3'].map(written => ({id: written, sentUs: 0, acknowledged: true}));
    const ids = new WrittenIds(logOf(writes), {before: ['{"id": 3}'], id: {json: '$.id'}});
    const compared = ids.compare(['{"id": 1}', '{"id": "1"}', '{"id": 3}', '{"id": 9}', 'no JSON'], () => 'fault');
    expect(compared).to.include({already: 1, withoutId: 1, others: 1});
    expect(compared.otherExamples).to.deep.equal(['9']);
    expect(compared.lost.examples.map(({written}) => written)).to.deep.equal(['2']);
    expect(compared.doubled.examples.map(({written}) => written)).to.deep.equal(['1']);
  });
});
