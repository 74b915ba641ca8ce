import {expect} from 'chai';
import {seededRandom} from '../../../../src/quantities/random.js';
import {gateProblem} from '../../../../src/verdict/gate-words.js';
import {judgeMetrics, type JudgedMetric} from '../../../../src/statistics/index.js';
import {gateOf} from '../../../../src/verdict/judgement/gate.js';
import {
  deviating,
  deviationFile,
  judged,
  levels,
  on,
  recorded,
  seriesFor,
  type Levels,
} from '../../../support/deviations.js';
import {latencies} from '../../../../scripts/calibrate/counts.js';

const run = (of: Levels, deviation: {by: number; critical: number}) =>
  judged(
    recorded(deviationFile([deviating({deviation: {...deviation, absolute: true}})]), {
      series: [seriesFor(levels(of))],
    }),
  );

describe('a change that is allowed in the unit of the metric', () => {
  it('is told in it, everywhere', () => {
    const result = run({before: 100, during: 138}, {by: 20, critical: 100});
    expect(result.headline).to.match(
      /^DEVIATED: latency went from 99\.\dms to 13\dms \(\+3\d(\.\d)?ms, allowed \+20ms\)/,
    );
    const {deviation} = on(result);
    expect(deviation).to.deep.include({allowed: {by: 20, critical: 100, of: 'unit'}, grade: 'degraded'});
    expect(deviation?.change).to.include({of: 'unit'});
    expect(deviation?.change?.lower).to.be.within(30, 38);
    expect(result.metrics[0]).to.deep.include({deviation: {by: 20, critical: 100, of: 'unit', decides: true}});
    expect(result.times.metrics[0]?.allowed).to.deep.equal({by: 20, of: 'unit'});
    expect(result.metrics[0]?.explanation).to.include('allowed +20ms');
  });

  it('has failed beyond the critical one, and holds inside', () => {
    expect(on(run({before: 100, during: 138}, {by: 5, critical: 20})).deviation).to.include({grade: 'failed'});
    expect(on(run({before: 100, during: 104}, {by: 20, critical: 100})).deviation).to.include({verdict: 'held'});
  });

  it('is asked of a metric that is about zero, of which no share is allowed', () => {
    const values = levels({before: 0.001, during: 6, after: 0.001});
    const file = deviationFile([deviating({unit: 'number', deviation: {by: 5, critical: 25, absolute: true}})]);
    const result = judged(recorded(file, {series: [seriesFor(values)]}));
    expect(on(result).deviation).to.include({verdict: 'deviated'});
    const inside = levels({before: 0.001, during: 4, after: 0.001});
    expect(on(judged(recorded(file, {series: [seriesFor(inside)]}))).deviation).to.include({verdict: 'held'});
  });

  it('is what the recovery must come back to', () => {
    const afterwards = (after: number) =>
      run({before: 100, during: 200, after}, {by: 20, critical: 100}).metrics[0]?.intervals.at(-1);
    expect(afterwards(130)).to.include({kind: 'recovery', verdict: 'deviated'});
    expect(afterwards(105)).to.include({kind: 'recovery', verdict: 'held'});
    expect(afterwards(105)?.backToBaseline?.text).to.equal(
      'After the recovery it was where it had been before, within 20ms.',
    );
  });

  it('is compared as quantiles and capacities are, as the share of the baseline that it is', () => {
    const random = () => seededRandom(3);
    const baseline = latencies(60, 0, {random: seededRandom(1)});
    const fault = latencies(60, 0, {random: seededRandom(2), times: 1.4});
    const metric = {name: 'p95', worse: 'higher', primary: true} as const;
    const measured = {kind: 'latency', quantile: 0.95, baseline, fault} as const;
    const answer = (allowed: Pick<JudgedMetric, 'by' | 'critical' | 'absolute'>) =>
      judgeMetrics([{...metric, measured, ...allowed}], {alpha: 0.01, random: random()})[0]!.comparison!;
    const shares = answer({by: 0.1, critical: 0.5});
    const usual = shares.effect.kind === 'latency' ? shares.effect.of.baseline : NaN;
    const inUnit = answer({by: 0.1 * usual, critical: 0.5 * usual, absolute: true});
    expect(inUnit.directions[0]?.margin).to.be.closeTo(Math.log(1.1), 1e-12);
    expect(inUnit.directions[0]?.lower).to.equal(shares.directions[0]?.lower);
    expect(inUnit.directions[0]?.chance).to.be.closeTo(shares.directions[0]!.chance, 1e-9);
  });

  it('is what the gate asks of the baseline', () => {
    const metric = deviating({deviation: {by: 1, critical: 2, absolute: true}});
    const data = {series: [seriesFor(levels({before: 100, spread: 0.2}))], loads: []};
    const [gate] = gateOf([metric], data, {
      all: [metric],
      baseline: {fromUs: 2e6, toUs: 62e6},
      faultMs: 60_000,
      alpha: 0.01,
      random: seededRandom(1),
    });
    expect(gate).to.include({state: 'underpowered', of: 'unit', allowed: 1, critical: 2});
    expect(gate?.detectable).to.be.within(5, 40);
    expect(gateProblem(gate!)).to.match(
      /^this run could only see a change of \d+ms in latency, the critical change is 2ms/,
    );
  });
});
