import {readFileSync} from 'node:fs';
import {Chalk} from 'chalk';
import {expect} from 'chai';
import type {Experiment, MetricSpec} from '../../../src/experiment/experiment.js';
import {DESIGN_WARNINGS, designWarnings} from '../../../src/plan/design-warnings.js';
import {experimentLines} from '../../../src/terminal/experiment-printer.js';
import {faultSpec, simExperiment} from '../../simulation/sim-run.js';
import {loadMetric, sampledMetric} from '../../support/signals.js';

const {tolerance: _tolerance, ...bare} = sampledMetric({deviation: {by: 0.1, critical: 0.5}});

function experiment(steadyState: readonly MetricSpec[], more: Partial<Experiment> = {}): Experiment {
  const base = simExperiment([faultSpec('freeze', 'pause', {forMs: 60_000})]);
  return {...base, windows: {warmupMs: 0, baselineMs: 120_000, recoveryMs: 60_000}, steadyState, ...more};
}

describe('what is known offline to stand in the way of an answer', () => {
  it('is nothing for an experiment with enough of everything', () => {
    expect(designWarnings(experiment([bare]))).to.deep.equal([]);
    expect(designWarnings(experiment([sampledMetric({everyMs: 30_000})]))).to.deep.equal([]);
  });

  it('is listed in docs/before-harm.md, and nothing else is', () => {
    const listed = readFileSync('docs/before-harm.md', 'utf8').matchAll(/^- (.+)$/gm);
    expect([...listed].map(([, words]) => words)).to.deep.equal(Object.keys(DESIGN_WARNINGS));
  });

  it('is a crowd of metrics that decide', () => {
    const metrics = Array.from({length: 6}, (_, i) => ({...bare, name: `m${i}`}));
    expect(designWarnings(experiment(metrics))[0]).to.match(/^6 metrics decide by their deviation/);
    expect(designWarnings(experiment(metrics.slice(1)))).to.deep.equal([]);
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

  it('is a guard that a time-out of its load makes blind, with the longest that does not', () => {
    const base = experiment([loadMetric()]);
    const guarded = (timeoutMs: number, forMs: number) =>
      designWarnings({
        ...base,
        load: {checkout: {name: 'checkout', rate: 20, timeoutMs, maxInFlight: 100}},
        guards: [{metric: loadMetric().name, above: 0.5, forMs}],
      });
    expect(guarded(10_000, 5_000)).to.deep.equal([
      'the guard on `checkout errors` sees nothing while requests of `checkout` hang: they count only when they time out after 10s, and after 5s without a value it stops the run, whatever its limit; give `checkout` a `timeout` of at most 3.5s',
    ]);
    expect(guarded(3_500, 5_000)).to.deep.equal([]);
    expect(guarded(10_000, 12_000)).to.deep.equal([]);
  });

  it('is a guard that waits for longer than any injection lasts', () => {
    const guards = [{metric: 'queue depth', above: 90, forMs: 60_000}];
    expect(designWarnings(experiment([sampledMetric()], {guards}))[0]).to.match(
      /^the guard on `queue depth` waits for 1m: no injection lasts longer than 1m/,
    );
    expect(designWarnings(experiment([sampledMetric()], {guards: [{...guards[0]!, forMs: 59_000}]}))).to.deep.equal([]);
  });

  it('is a control group on which nothing is measured', () => {
    const control = {targets: ['other']};
    expect(designWarnings(experiment([bare], {control}))[0]).to.match(
      /^no metric is measured on the control group \(`other`\)/,
    );
    expect(designWarnings(experiment([{...bare, control: 'twin'}], {control}))).to.deep.equal([]);
  });

  describe('of a run that may go on', () => {
    const goingOn = (base: Experiment) => ({...base, windows: {...base.windows, goOnMs: 180_000}});
    const last = (base: Experiment, natures: ('state' | 'event')[] = ['state']) =>
      designWarnings(base, {natures, mayGoOn: base.windows.goOnMs !== undefined}).at(-1);

    it('tells how long it may last, by the file or by the command line', () => {
      const told =
        'going on: the baseline and the fault may each become up to 3m long while a metric is open: up to 7m in all instead of 4m';
      expect(designWarnings(goingOn(experiment([bare])))).to.deep.equal([told]);
      expect(designWarnings(goingOn(experiment([bare])), {natures: ['state'], mayGoOn: true})).to.deep.equal([told]);
    });

    it('says what is not held for longer, and why', () => {
      const repeat = {everyMs: 90_000, times: 2, targets: 'same'} as const;
      const again = experiment([bare], {faults: [faultSpec('freeze', 'pause', {forMs: 60_000, repeat})]});
      expect(last(goingOn(again))).to.include('nothing is held for longer, because there is more than one injection');
      expect(last(goingOn(experiment([bare])), ['event'])).to.include('because what is injected happens once');
      const switchback = {blocks: 12, blockMs: 60_000, washoutMs: 1_000};
      expect(last(goingOn(experiment([bare], {switchback})))).to.include('the blocks of a switchback are played as');
    });

    it('says that it changes nothing where no deviation decides', () => {
      expect(last(goingOn(experiment([sampledMetric()])))).to.match(/^going on changes nothing here/);
    });
  });

  it('is printed by validate, with the blocks and what a metric may change by', () => {
    const lines = experimentLines(
      experiment([bare], {switchback: {blocks: 12, blockMs: 3_000, washoutMs: 2_500}, control: {targets: ['other']}}),
      new Chalk({level: 0}),
    ).join('\n');
    expect(lines).to.include(
      '12 blocks of 3s, the first 2.5s of each left out; the fault is on in 6 of them, in an order that is drawn',
    );
    expect(lines).to.include('compared with other').and.to.include('! no metric is measured on the control group');
    expect(lines).to.match(/queue depth +.*10%.*baseline/);
  });
});
