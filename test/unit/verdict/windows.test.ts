import {expect} from 'chai';
import type {Settled} from '../../../src/targets/contract.js';
import {collectOccurrences} from '../../../src/verdict/occurrences.js';
import {timeBase} from '../../../src/verdict/time.js';
import {activeWindows, exercisedInAll, undoSkew, windowsSentence} from '../../../src/verdict/windows.js';
import {debt, instant, occurrence, proof, RecordScript, target} from '../../support/records.js';

const id = 'freeze-1';
const [a, b] = [target('a'), target('b')];
const debts = [a, b].map((ref, i) => debt({id: `debt-${i}`, undo: {...debt().undo, ref}}));
const undone = (i: number, at?: number): Settled => ({
  debt: `debt-${i}`,
  outcome: 'undone',
  ...(at === undefined ? {} : {at: instant(at)}),
});
const stop = {kind: 'done', detail: 'its time is over'} as const;

function windowsOf(script: RecordScript) {
  const planned = occurrence({targets: [a, b]});
  const [facts] = collectOccurrences(script.events, [planned], {
    time: timeBase(instant(0)),
    endUs: 60e6,
  });
  return activeWindows(facts!, timeBase(instant(0)));
}

/** Asked for at 10 s, confirmed on `a` at 10.1 s and on `b` at 10.3 s. */
const injected = () =>
  new RecordScript()
    .at(9.9, {type: 'debts.owed', occurrence: id, debts})
    .at(10, {type: 'change.requested', occurrence: id})
    .at(10.4, {type: 'change.confirmed', occurrence: id, proofs: [proof(10.1, {ref: a}), proof(10.3, {ref: b})]});

describe('the measured active window', () => {
  it('lies between the request and the first proof, and between the request of the undo and its verification', () => {
    const windows = windowsOf(
      injected()
        .at(30, {
          type: 'proof.changed',
          occurrence: id,
          proofs: [proof(29.8, {ref: a, exercised: 5}), proof(29.9, {ref: b, exercised: 7})],
          lastInForce: [instant(28), instant(28.1)],
        })
        .at(30.1, {type: 'undo.requested', occurrence: id, why: stop})
        .at(31, {type: 'debts.settled', occurrence: id, settled: [undone(0, 30.2), undone(1, 30.6)]}),
    );
    expect(windows).to.deep.equal([
      {target: 'a', from: [10, 10.1], to: [30.1, 30.2], seconds: [20, 20.2], ended: 'undone', exercised: 5},
      {target: 'b', from: [10, 10.3], to: [30.1, 30.6], seconds: [19.8, 20.6], ended: 'undone', exercised: 7},
    ]);
    expect(undoSkew(windows)).to.equal(0.4);
    expect(exercisedInAll(windows)).to.equal(12);
  });

  it('ends between the last proof in force and the first without it where the fault was lost, and begins again', () => {
    const windows = windowsOf(
      injected()
        .at(20, {
          type: 'proof.changed',
          occurrence: id,
          proofs: [proof(19.9, {ref: a, state: 'absent'}), proof(19.95, {ref: b})],
          lastInForce: [instant(17.9), instant(17.95)],
        })
        .at(20.1, {type: 'change.requested', occurrence: id})
        .at(20.5, {type: 'change.confirmed', occurrence: id, proofs: [proof(20.4, {ref: a})]})
        .at(30.1, {type: 'undo.requested', occurrence: id, why: stop})
        .at(31, {type: 'debts.settled', occurrence: id, settled: [undone(0), undone(1)]}),
    );
    expect(windows.filter(window => window.target === 'a')).to.deep.equal([
      {target: 'a', from: [10, 10.1], to: [17.9, 19.9], seconds: [7.8, 9.9], ended: 'lost', exercised: null},
      {target: 'a', from: [20.1, 20.4], to: [30.1, 31], seconds: [9.7, 10.9], ended: 'undone', exercised: null},
    ]);
    expect(windows.filter(window => window.target === 'b')).to.have.length(1);
  });

  it('has no end where the undo is not verified', () => {
    const settled: Settled = {debt: 'debt-0', outcome: 'failed', why: 'no', manual: 'docker unpause a'};
    const windows = windowsOf(
      injected()
        .at(30, {type: 'undo.requested', occurrence: id, why: stop})
        .at(31, {type: 'debts.settled', occurrence: id, settled: [settled, undone(1)]}),
    );
    expect(windows.map(({to, ended}) => [to, ended])).to.deep.equal([
      [null, 'owed'],
      [[30, 31], 'undone'],
    ]);
  });

  it('is told in a sentence with the skew of the undo', () => {
    const windows = windowsOf(
      injected()
        .at(30, {type: 'undo.requested', occurrence: id, why: stop})
        .at(31, {type: 'debts.settled', occurrence: id, settled: [undone(0, 30.2), undone(1, 30.6)]}),
    );
    const told = {windows, undoSkewSeconds: undoSkew(windows), exercised: 12, kind: 'network-latency'};
    expect(windowsSentence(told)).to.equal(
      '20s to 21s on each of 2 targets; 400ms between the first and the last undo; exercised 12 times.',
    );
    expect(windowsSentence({...told, kind: 'memory-stress', exercised: 64 * 1024 * 1024})).to.match(/; 64MiB held\.$/);
    expect(windowsSentence({...told, kind: 'memory-limit', exercised: 1})).to.match(/; the limit was met 1 time\.$/);
  });

  it('is not claimed for what happens once and the platform heals', () => {
    const planned = occurrence({nature: 'event', heal: 'platform', targets: [a]});
    const [facts] = collectOccurrences(injected().events, [planned], {time: timeBase(instant(0)), endUs: 60e6});
    expect(activeWindows(facts!, timeBase(instant(0)))).to.deep.equal([]);
  });
});
