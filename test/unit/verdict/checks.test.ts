import {expect} from 'chai';
import type {EventBody} from '../../../src/record/events.js';
import type {LoadTotals} from '../../../src/signals/contract.js';
import {failsAlready} from '../../../src/verdict/checks.js';
import {judge} from '../../../src/verdict/judge.js';
import {experiment, traffic, untilBaseline, untilEnd, untilInForce, untilUndone} from '../../support/records.js';

type Loads = NonNullable<Extract<EventBody, {type: 'check.read'}>['loads']>;

interface Read {
  readonly at: number;
  readonly value: number | null;
  readonly loads?: Loads;
}

const totals = (given: Partial<LoadTotals> = {}): LoadTotals => {
  const {accepted = 0, failed = 0, unanswered = 0, inFlight = 0} = given;
  const sent = accepted + failed + inFlight;
  return {intended: sent, sent, accepted, failed, unanswered, inFlight, ...given};
};

const NOTHING: Loads = {checkout: {from: totals(), to: totals()}};
/** 1950 requests were accepted in 39 s, and none is under way. */
const drained = (given: Partial<LoadTotals> = {}): Loads => {
  const all = totals({accepted: 1950, ...given});
  return {checkout: {from: all, to: all}};
};

/** What becomes of a check of a run that is fine otherwise. */
function checked(change: object, before: Read, after: Read) {
  const checks = [{name: 'orders', source: 'command', parameters: {}, change}];
  const file = experiment({expect: {recovery: {withinMs: 30_000}, checks, verdict: 'held'}});
  const event = ({at: _, ...read}: Read, when: 'before' | 'after') =>
    ({type: 'check.read', check: 'orders', when, ...read}) as const;
  const script = untilBaseline(file).at(before.at, event(before, 'before'));
  const done = untilUndone(untilInForce(script)).at(after.at, event(after, 'after'));
  const {verdict, exit, checks: results} = judge(untilEnd(done, [30.4, 31]).evidence([], traffic()));
  return {verdict, exit, why: results[0]?.why};
}

const accepted = {equals: '${load:checkout.accepted}'};
const counted = (change: object, value: number, loads: Loads, before: Loads = NOTHING) =>
  checked(change, {at: 0.3, value: 5, loads: before}, {at: 39.9, value, loads});

describe('checks', () => {
  it('compares before and after with a number', () => {
    const read = (value: number) => checked({equals: 0}, {at: 0.3, value: 5}, {at: 39.9, value});
    expect(read(5)).to.include({verdict: 'held', exit: 0});
    expect(read(6)).to.include({verdict: 'deviated', exit: 7});
  });

  it('knows bounds that include the number itself, one or both', () => {
    const read = (change: object, value: number) => checked(change, {at: 0.3, value: 5}, {at: 39.9, value}).why;
    expect(read({atLeast: 1, atMost: 3}, 6)).to.equal('the change is 1, as expected');
    expect(read({atLeast: 1, atMost: 3}, 8)).to.equal('the change is 3, as expected');
    expect(read({atLeast: 1, atMost: 3}, 9)).to.equal('the change is 4, expected: at most 3');
    expect(read({atLeast: 1, atMost: 3}, 5)).to.equal('the change is 0, expected: at least 1');
  });

  it('holds when all that was accepted is there, and leaves open what requests without an answer may have done', () => {
    const atLeast = {atLeast: '${load:checkout.accepted}'};
    expect(counted(atLeast, 5 + 1950, drained())).to.include({verdict: 'held'});
    expect(counted(atLeast, 5 + 1949, drained())).to.include({verdict: 'deviated'});
    const atMost = {atMost: '${load:checkout.accepted}'};
    expect(counted(atMost, 5 + 1952, drained({unanswered: 2}))).to.include({verdict: 'inconclusive'});
    expect(counted(atMost, 5 + 1953, drained({unanswered: 2}))).to.include({verdict: 'deviated'});
  });

  it('tells what fails before anything is broken, as far as it is known then', () => {
    const check = (value: object) => ({name: 'orders', source: 'command', parameters: {}, value});
    expect(failsAlready(check({atLeast: 3}), 3)).to.equal(undefined);
    expect(failsAlready(check({atLeast: 3}), 2)).to.equal('it is 2, expected: at least 3');
    expect(failsAlready(check({equals: '${load:checkout.accepted}', atMost: 9}), 2)).to.equal(undefined);
  });

  it('compares with what the load had counted at the moments of the reads: one order more or less counts', () => {
    expect(counted(accepted, 5 + 1950, drained())).to.include({verdict: 'held', exit: 0});
    expect(counted(accepted, 5 + 1949, drained())).to.include({
      verdict: 'deviated',
      why: 'the change is 1949, expected: equals 1950',
    });
    expect(counted(accepted, 5 + 1951, drained())).to.include({verdict: 'deviated', exit: 7});
  });

  it('counts what was sent, intended and failed in the same way', () => {
    const loads = drained({failed: 30, intended: 2000});
    for (const [field, change] of [
      ['sent', 1980],
      ['intended', 2000],
      ['failed', 30],
    ] as const) {
      const equals = `\${load:checkout.${field}}`;
      expect(counted({equals}, 5 + change, loads), field).to.include({verdict: 'held'});
      expect(counted({equals}, 5 + change - 1, loads), field).to.include({verdict: 'deviated'});
    }
  });

  it('cannot tell where requests without an answer may have been carried out, but sees what is lost', () => {
    const loads = drained({failed: 3, unanswered: 3});
    expect(counted(accepted, 5 + 1950, loads)).to.include({verdict: 'held'});
    expect(counted(accepted, 5 + 1949, loads)).to.include({verdict: 'deviated'});
    expect(counted(accepted, 5 + 1952, loads)).to.deep.include({
      verdict: 'inconclusive',
      why: 'the change is 1952, expected: equals 1950; 3 requests got no answer and may have been carried out, so it is open',
    });
    expect(counted(accepted, 5 + 1954, loads)).to.include({verdict: 'deviated'});
  });

  it('leaves open what lies inside the requests that were under way at a read', () => {
    const before = {checkout: {from: totals({accepted: 10}), to: totals({accepted: 12, inFlight: 2})}};
    const after = {checkout: {from: totals({accepted: 100}), to: totals({accepted: 101, inFlight: 4})}};
    // At least 100 - 14 were accepted in between, and at most 105 - 10.
    const verdicts = [85, 86, 95, 96].map(change => counted(accepted, 5 + change, after, before).verdict);
    expect(verdicts).to.deep.equal(['deviated', 'inconclusive', 'inconclusive', 'deviated']);
    const below = {below: '${load:checkout.accepted}'};
    const under = [85, 86, 94, 95].map(change => counted(below, 5 + change, after, before).verdict);
    expect(under).to.deep.equal(['held', 'inconclusive', 'inconclusive', 'deviated']);
    const above = {above: '${load:checkout.accepted}'};
    const over = [86, 87, 95, 96].map(change => counted(above, 5 + change, after, before).verdict);
    expect(over).to.deep.equal(['deviated', 'inconclusive', 'inconclusive', 'held']);
  });

  it('knows of records of earlier versions only an area: whole seconds', () => {
    const read = (change: number) => checked(accepted, {at: 0.3, value: 5}, {at: 39.9, value: 5 + change}).verdict;
    expect(read(39 * 50)).to.equal('inconclusive');
    expect(read(36 * 50)).to.equal('deviated');
    expect(read(39 * 50 + 1)).to.equal('deviated');
  });

  it('knows nothing of a load that is not on record', () => {
    expect(counted({equals: '${load:nothing.accepted}'}, 5, drained())).to.include({verdict: 'inconclusive', exit: 5});
  });
});
