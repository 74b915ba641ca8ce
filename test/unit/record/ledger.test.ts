import {expect} from 'chai';
import type {Event, EventBody} from '../../../src/record/events.js';
import {ledgerLine, parseLedger} from '../../../src/record/ledger.js';
import {outstanding} from '../../../src/run/safety/debts.js';
import {SafetyBench} from '../../support/safety-ports.js';

const at = {mono: 1, wall: '2026-01-01T00:00:00.000Z', boot: 'b'};
const event = (seq: number, body: EventBody): Event => ({
  v: 1,
  seq,
  epoch: 1,
  by: 'runner',
  at,
  audience: 'all',
  ...body,
});

describe('A ledger', () => {
  let text: string;
  before(async () => {
    const bench = new SafetyBench();
    try {
      const debt = await bench.freeze(await bench.begin('runner'));
      const events = [
        event(0, {type: 'takeover', from: 0, why: 'a test'}),
        event(1, {type: 'debts.owed', occurrence: 'f', debts: [debt, {...debt, id: 'run-1/f/1'}]}),
        event(2, {type: 'debts.settled', occurrence: 'f', settled: [{debt: 'run-1/f/1', outcome: 'undone'}]}),
      ];
      text = events.map(ledgerLine).join('');
    } finally {
      bench.dispose();
    }
  });

  const owedIn = (ledger: string) => outstanding(parseLedger(ledger).events).map(({id}) => id);

  it('is read back as it was written', () => {
    expect(parseLedger(text).unreadable).to.deep.equal([]);
    expect(owedIn(text)).to.deep.equal(['run-1/freeze/0']);
  });

  it('with any one byte changed says the same, or that it is not understood', () => {
    const wrong: number[] = [];
    for (let place = 0; place < text.length; place++)
      for (const bit of [1, 2, 16, 64]) {
        const flipped = String.fromCharCode(text.charCodeAt(place) ^ bit);
        const damaged = text.slice(0, place) + flipped + text.slice(place + 1);
        const {events, unreadable} = parseLedger(damaged);
        const same =
          outstanding(events)
            .map(({id}) => id)
            .join() === 'run-1/freeze/0';
        if (unreadable.length === 0 && !same) wrong.push(place);
      }
    expect(wrong).to.deep.equal([]);
  });

  it('that ends anywhere says how far it can be read, and that the rest is not understood', () => {
    const places = Array.from({length: text.length}, (_, place) => place);
    // A line that ends before its line break is whole, and one that has not begun is not there.
    const ends = places.filter(place => text[place] !== '\n' && text[place - 1] !== '\n');
    const silent = ends.filter(end => end > 0 && parseLedger(text.slice(0, end)).unreadable.length === 0);
    expect(silent).to.deep.equal([]);
  });

  it('of an earlier version, without checksums, is read', () => {
    const plain = text.replaceAll(/,"crc":"[0-9a-f]{8}"/g, '');
    expect(plain).to.not.equal(text);
    expect(parseLedger(plain).unreadable).to.deep.equal([]);
    expect(owedIn(plain)).to.deep.equal(['run-1/freeze/0']);
  });

  for (const [title, line] of [
    ['nothing', '{}'],
    ['null', 'null'],
    ['a list', '[]'],
    ['another version', '{"v":2,"seq":9,"type":"debts.owed","at":{"mono":1,"wall":"","boot":""},"epoch":1,"debts":[]}'],
    [
      'a kind that nobody knows',
      '{"v":1,"seq":9,"type":"eebts.owed","at":{"mono":1,"wall":"","boot":""},"epoch":1,"debts":[]}',
    ],
    [
      'debts that are none',
      '{"v":1,"seq":9,"type":"debts.owed","at":{"mono":1,"wall":"","boot":""},"epoch":1,"debts":null}',
    ],
    [
      'a debt that is null',
      '{"v":1,"seq":9,"type":"debts.owed","at":{"mono":1,"wall":"","boot":""},"epoch":1,"debts":[null]}',
    ],
    [
      'a settlement that is null',
      '{"v":1,"seq":9,"type":"debts.settled","at":{"mono":1,"wall":"","boot":""},"epoch":1,"settled":[null]}',
    ],
  ] as const) {
    it(`with a line that holds ${title} is not understood, and its other debts are read`, () => {
      const {unreadable} = parseLedger(`${line}\n${text}`);
      expect(unreadable).to.have.length(1);
      expect(unreadable[0]).to.match(/^line 1: /);
      expect(owedIn(`${line}\n${text}`)).to.deep.equal(['run-1/freeze/0']);
    });
  }
});
