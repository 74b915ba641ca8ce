import {expect} from 'chai';
import type {Experiment, MetricSpec} from '../../../src/experiment/experiment.js';
import {chanceToHold, lengthToHold, mostLikelyOpen} from '../../../src/plan/stays-open.js';
import {faultSpec, simExperiment} from '../../simulation/sim-run.js';
import {sampledMetric} from '../../support/signals.js';

const {tolerance: _, ...bare} = sampledMetric({deviation: {by: 0.05, critical: 0.5}});

function runOf(metric: MetricSpec, baselineS: number, faultS: number, goOnS?: number): Experiment {
  const base = simExperiment([faultSpec('freeze', 'pause', {forMs: faultS * 1000})]);
  const windows = {warmupMs: 0, baselineMs: baselineS * 1000, recoveryMs: 60_000};
  return {
    ...base,
    steadyState: [metric],
    windows: goOnS === undefined ? windows : {...windows, goOnMs: goOnS * 1000},
  };
}

describe('A run that most likely stays open', () => {
  it('is one in which the usual noise leaves less than one chance in three of an answer', () => {
    // 0.2·√(1.3/0.7·(1/120 + 1/60)) = 0.0431; Φ(ln 1.1/0.0431 − 1.645) = Φ(0.567).
    const noise = (baseline: number, fault: number) => ({spread: 0.2, windows: {baseline, fault}});
    expect(chanceToHold(Math.log(1.1), noise(120, 60))).to.be.closeTo(0.715, 0.002);
    expect(lengthToHold(Math.log(1.1), 0.2)).to.equal(102);
    expect(chanceToHold(Math.log(1.1), noise(102, 102))).to.be.closeTo(0.8, 0.005);
  });

  it('is told with the figures, and what would do', () => {
    expect(mostLikelyOpen(runOf(bare, 60, 30))).to.deep.equal([
      '`queue depth` most likely stays open: where it varies by 20% from value to value, as is usual, a baseline of 1m and a fault of 30s tell `by: 5%` in 2 of 10 runs in which nothing happens; with windows of 6m26s it would decide in 8 of 10 runs',
    ]);
    expect(mostLikelyOpen(runOf(bare, 300, 120))).to.deep.equal([]);
    expect(mostLikelyOpen(runOf({...bare, deviation: {by: 0.1, critical: 1}}, 60, 30))).to.deep.equal([]);
  });

  it('is not one that may go on for long enough', () => {
    expect(mostLikelyOpen(runOf(bare, 60, 30, 300))).to.deep.equal([]);
  });

  it('is one whose quantile is read off few requests', () => {
    const p99: MetricSpec = {...bare, source: 'load', parameters: {of: 'checkout', measure: 'latency.p99'}};
    const load = (rate: number): Experiment['load'] => ({
      checkout: {name: 'checkout', rate, timeoutMs: 1_000, maxInFlight: 10},
    });
    expect(mostLikelyOpen({...runOf(p99, 300, 120), load: load(5)})).to.have.length(1);
    expect(mostLikelyOpen({...runOf(p99, 300, 120), load: load(500)})).to.deep.equal([]);
  });

  it('is not told of what is counted, has a tolerance, or too few values to begin with', () => {
    const errors: MetricSpec = {
      ...bare,
      source: 'load',
      parameters: {of: 'checkout', measure: 'errors.ratio'},
      unit: 'ratio',
    };
    const limited = {...bare, tolerance: {below: 1, settlesWithinMs: 0}};
    for (const metric of [errors, limited]) expect(mostLikelyOpen(runOf(metric, 60, 30))).to.deep.equal([]);
    expect(mostLikelyOpen(runOf(bare, 20, 20))).to.deep.equal([]);
  });
});
