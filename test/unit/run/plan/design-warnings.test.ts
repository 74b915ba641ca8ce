import {Chalk} from 'chalk';
import {expect} from 'chai';
import type {Experiment, MetricSpec} from '../../../../src/experiment/experiment.js';
import {designWarnings} from '../../../../src/run/plan/design-warnings.js';
import {windowWarnings} from '../../../../src/run/plan/measures.js';
import {experimentLines} from '../../../../src/terminal/experiment-printer.js';
import {faultSpec, simExperiment} from '../../../simulation/sim-run.js';
import {sampledMetric} from '../../../support/signals.js';

const {tolerance: _tolerance, ...bare} = sampledMetric({deviation: {by: 0.1, critical: 0.5}});

function experiment(steadyState: readonly MetricSpec[], more: Partial<Experiment> = {}): Experiment {
  const base = simExperiment([faultSpec('freeze', 'pause', {forMs: 60_000})]);
  return {...base, windows: {warmupMs: 0, baselineMs: 120_000, recoveryMs: 60_000}, steadyState, ...more};
}

describe('what is known offline to stand in the way of an answer', () => {
  it('is nothing for an experiment with enough of everything', () => {
    expect(designWarnings(experiment([bare]))).to.deep.equal([]);
    expect(windowWarnings(experiment([bare]))).to.deep.equal([]);
    expect(designWarnings(experiment([sampledMetric({everyMs: 30_000})]))).to.deep.equal([]);
  });

  it('is a window with too few values to prove that something held', () => {
    const short = experiment([bare], {windows: {warmupMs: 0, baselineMs: 20_000, recoveryMs: 60_000}});
    expect(designWarnings(short)).to.deep.equal([
      'the baseline of 20s holds at most 20 values of `queue depth`: with fewer than 30 nothing can be proven to have held; 30s would do',
    ]);
    const slow = experiment([{...bare, everyMs: 3_000}]);
    expect(designWarnings(slow)[0]).to.match(/^`freeze` of 1m holds at most 20 values .* 1m30s would do$/);
    const past = experiment([bare], {windows: {warmupMs: 0, baselineMs: 0, lookBackMs: 3_600_000, recoveryMs: 60_000}});
    expect(designWarnings(past)).to.deep.equal([]);
  });

  it('is a block in which no whole value fits', () => {
    const switchback = {blocks: 12, blockMs: 3_000, washoutMs: 2_500};
    expect(designWarnings(experiment([bare], {switchback}))[0]).to.match(/^a block of 3s of which 2.5s are left out/);
    expect(designWarnings(experiment([bare], {switchback: {...switchback, washoutMs: 1_000}}))).to.deep.equal([]);
  });

  it('is a crowd of metrics that decide', () => {
    const metrics = Array.from({length: 6}, (_, i) => ({...bare, name: `m${i}`}));
    expect(designWarnings(experiment(metrics))[0]).to.match(/^6 metrics decide by their deviation/);
    expect(designWarnings(experiment(metrics.slice(1)))).to.deep.equal([]);
  });

  it('is a recovery in which nothing can be proven to be back', () => {
    const base = experiment([bare]);
    const short = {...base, windows: {...base.windows, recoveryMs: 10_000}};
    expect(designWarnings(short)).to.deep.equal([
      'the recovery of 10s is too short to prove that `queue depth` is back: that takes 15 values, so give `windows.recovery` at least 16s',
    ]);
    expect(designWarnings({...short, steadyState: [{...bare, judge: ['fault']}]})).to.deep.equal([]);
  });

  it('is a query that averages over more than lies between two values, with its place', () => {
    const asked = (query: string, everyMs = 1_000) =>
      designWarnings(
        experiment([{...bare, source: 'prometheus', everyMs, parameters: {query}}], {
          windows: {warmupMs: 0, baselineMs: 600_000, recoveryMs: 600_000},
          faults: [faultSpec('freeze', 'pause', {forMs: 600_000})],
        }),
      );
    expect(asked('sum(rate(orders_total[5m]))')[0]).to.match(
      /^`queue depth` is a moving average: `\[5m\]` of `rate` at character 22 of its query looks back over 5m, and it is asked every 1s/,
    );
    expect(asked('sum(rate(orders_total[5s]))', 5_000)).to.deep.equal([]);
    expect(asked('up')).to.deep.equal([]);
  });

  it('is a control group on which nothing is measured', () => {
    const control = {targets: ['other']};
    expect(designWarnings(experiment([bare], {control}))[0]).to.match(
      /^no metric is measured on the control group \(`other`\)/,
    );
    expect(designWarnings(experiment([{...bare, control: 'twin'}], {control}))).to.deep.equal([]);
  });

  it('tells how long --resize may make the run', () => {
    expect(designWarnings(experiment([bare]), 180_000)).to.deep.equal([
      'with --resize the baseline and each injection may become up to 3m long where the noise asks for it: up to 7m in all instead of 4m',
    ]);
  });

  it('says that --resize changes nothing where no deviation decides', () => {
    expect(designWarnings(experiment([sampledMetric()]), 180_000)[0]).to.match(/^--resize changes nothing here/);
  });

  it('is printed by validate, with the blocks and what a metric may change by', () => {
    const lines = experimentLines(
      experiment([bare], {switchback: {blocks: 12, blockMs: 3_000, washoutMs: 2_500}, control: {targets: ['other']}}),
      new Chalk({level: 0}),
    ).join('\n');
    expect(lines).to.include(
      '12 blocks of 3s, the first 2.5s of each left out; the fault is on in 6 of them, in an order that is drawn',
    );
    expect(lines).to.include('compared with other').and.to.include('! a block of 3s');
    expect(lines).to.match(/queue depth +.*10%.*baseline/);
  });
});
