import {expect} from 'chai';
import type {MetricSpec} from '../../../../src/experiment/experiment.js';
import {sweptRates} from '../../../../src/experiment/sections/capacity.js';
import {seededRandom} from '../../../../src/quantities/random.js';
import type {LoadSecond} from '../../../../src/signals/contract.js';
import {gateOf} from '../../../../src/verdict/judgement/gate.js';
import {
  judgeMetrics,
  sweepCapacity,
  sweepDoubt,
  sweepEstimate,
  sweepOf,
  type JudgedMetric,
} from '../../../../src/statistics/index.js';
import {flowOf} from '../../../../src/verdict/judgement/flow.js';
import {judgeLoadWindow} from '../../../../src/verdict/judgement/load-window.js';
import {measuredOf} from '../../../../src/verdict/judgement/measured.js';
import {queuedLoad, sweep} from '../../../../scripts/calibrate/queue.js';
import {loadMetric, seconds, span} from '../../../support/signals.js';

const LEVELS = [40, 80, 120, 160, 200, 240, 280, 40];
const LENGTH = LEVELS.length * 4 * 2;

const swept = (capacity: number, seed: number, from = 0) =>
  queuedLoad({rates: sweep(LEVELS, 4, 2), capacity, random: seededRandom(seed), from}).seconds;
const of = (loads: readonly LoadSecond[]) => sweepOf(flowOf(loads));

const capacityMetric = (overrides: Partial<MetricSpec> = {}): MetricSpec => {
  const {tolerance: _, ...metric} = loadMetric({
    name: 'checkout capacity',
    parameters: {of: 'checkout', measure: 'capacity'},
    unit: 'per-second',
    worse: 'lower',
    deviation: {by: 0.2, critical: 0.6},
    judge: ['fault'],
  });
  return {...metric, ...overrides};
};

/** The verdict about a fault with this capacity, after a baseline with 200 a second. */
function verdictOf(fault: readonly LoadSecond[], seed = 1, baseline = swept(200, seed)) {
  const metric = capacityMetric();
  const data = {series: [], loads: [...baseline, ...fault]};
  const windows = {baseline: span(0, LENGTH), fault: span(LENGTH, 2 * LENGTH)};
  const [measured] = measuredOf(metric, data, windows);
  const judged: JudgedMetric[] =
    measured === undefined
      ? []
      : [{name: metric.name, measured: measured.of, worse: 'lower', by: 0.2, critical: 0.6, primary: true}];
  const [verdict] = judgeMetrics(judged, {alpha: 0.01, random: seededRandom(seed)});
  return verdict;
}

describe('the capacity that a sweep of the load shows', () => {
  it('is what the server can do', () => {
    for (const capacity of [90, 200]) {
      const found = sweepCapacity(of(swept(capacity, 3)), seededRandom(1));
      expect(found?.estimate).to.be.closeTo(capacity, 0.1 * capacity);
      expect(sweepEstimate(of(swept(capacity, 3)))).to.equal(found?.estimate);
    }
  });

  it('is not known without enough rates, or while every rate is answered', () => {
    expect(sweepDoubt(of(seconds(0, 60, {ok: 50})))).to.equal('few-levels');
    expect(sweepDoubt(of(swept(2000, 1)))).to.equal('not-saturated');
    expect(sweepDoubt(of([]))).to.equal('nothing-measured');
    expect(sweepCapacity(of(swept(2000, 1)), seededRandom(1))).to.equal(undefined);
    expect(sweepEstimate(of(swept(2000, 1)))).to.equal(undefined);
  });

  it('is the mean of what was answered when no rate could be followed, down to nothing at all', () => {
    const failing = sweep(LEVELS, 4, 2).flatMap((rate, i) => seconds(i, i + 1, {ok: 10, failed: rate - 10}));
    expect(sweepCapacity(of(failing), seededRandom(1))?.estimate).to.be.closeTo(10, 0.5);
    const dead = sweep(LEVELS, 4, 2).flatMap((rate, i) => seconds(i, i + 1, {failed: rate}));
    expect(sweepCapacity(of(dead), seededRandom(1))?.estimate).to.equal(0);
  });

  it('holds, deviates and is open, as the truth and the allowed loss have it', () => {
    expect(verdictOf(swept(200, 7, LENGTH))?.verdict).to.equal('held');
    const lost = verdictOf(swept(110, 7, LENGTH));
    expect([lost?.verdict, lost?.grade]).to.deep.equal(['deviated', 'degraded']);
    expect(verdictOf(swept(20, 7, LENGTH))?.grade).to.equal('failed');
    expect(verdictOf(swept(160, 7, LENGTH))?.doubts).to.deep.equal(['wide-interval']);
    expect(verdictOf(swept(2000, 7, LENGTH))?.doubts).to.deep.equal(['not-saturated']);
    expect(verdictOf(seconds(LENGTH, 2 * LENGTH, {ok: 50}))?.doubts).to.deep.equal(['few-levels']);
  });

  it('never deviates when nothing happened', () => {
    const verdicts = Array.from({length: 10}, (_, i) => verdictOf(swept(200, 100 + i, LENGTH), i)?.verdict);
    expect(verdicts).not.to.include('deviated');
  });

  it('is the value of a window, with words for one that has none', () => {
    const metric = capacityMetric({tolerance: {above: 150, settlesWithinMs: 0}});
    const judged = (loads: readonly LoadSecond[]) => judgeLoadWindow(metric, {series: [], loads}, span(0, LENGTH));
    expect(judged(swept(200, 1)).verdict).to.equal('held');
    expect(judged(swept(90, 1)).verdict).to.equal('deviated');
    const open = judged(swept(2000, 1));
    expect(open.verdict).to.equal('inconclusive');
    expect(open.why).to.equal('every rate of the load was answered, so the capacity is above the highest of them');
    expect(judgeLoadWindow(capacityMetric(), {series: [], loads: swept(200, 1)}, span(0, LENGTH)).verdict).to.equal(
      null,
    );
  });

  it('passes the gate with the loss that could be seen, and stops a load that never saturates the system', () => {
    const metric = capacityMetric();
    const gate = (loads: readonly LoadSecond[]) => {
      const rules = {baseline: span(0, LENGTH), faultMs: LENGTH * 1000, alpha: 0.01, random: seededRandom(1)};
      return gateOf([metric], {series: [], loads}, {...rules, all: [metric]})[0];
    };
    const steady = gate(swept(200, 1));
    expect(steady?.state).to.equal('steady');
    expect(steady?.detectable).to.be.within(0.02, 0.4);
    const never = gate(swept(2000, 1));
    expect(never?.state).to.equal('unmeasured');
    expect(never?.why).to.include('every rate of the load was answered');
  });

  it('needs a load that goes through enough rates, in steps or in ramps', () => {
    const load = {name: 'checkout', rate: 10, timeoutMs: 1000, maxInFlight: 10};
    const hold = (rate: number) => ({fromRate: rate, toRate: rate, forMs: 1000});
    expect(sweptRates(load)).to.equal(1);
    expect(sweptRates({...load, stages: [10, 20, 30, 40, 50, 60, 10].map(hold)})).to.equal(6);
    expect(sweptRates({...load, stages: [10, 10.5, 11].map(hold)})).to.equal(1);
    expect(sweptRates({...load, stages: [{fromRate: 10, toRate: 100, forMs: 60_000}]})).to.be.within(10, 25);
    expect(sweptRates({...load, stages: [{fromRate: 0, toRate: 0, forMs: 1000}]})).to.equal(0);
  });
});
