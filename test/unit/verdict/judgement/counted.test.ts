import {expect} from 'chai';
import type {MetricSpec} from '../../../../src/experiment/experiment.js';
import {seededRandom} from '../../../../src/quantities/random.js';
import type {Counted, Sample} from '../../../../src/signals/contract.js';
import {trafficIn, usualRate} from '../../../../src/verdict/judgement/counted.js';
import {compareBuckets} from '../../../../src/statistics/decisions/compare-buckets.js';
import {lengthToSettle} from '../../../../src/statistics/decisions/settles.js';
import {judgeGuard} from '../../../../src/verdict/judgement/guard.js';
import {judgeMetrics} from '../../../../src/statistics/decisions/judge-metrics.js';
import {binsOf, binUsOf, measuredOf} from '../../../../src/verdict/judgement/measured.js';
import {recoveredSince} from '../../../../src/verdict/judgement/recovery.js';
import {judgeWindow} from '../../../../src/verdict/judgement/window.js';

const SECOND = 1_000_000;

const metric = (parameters: MetricSpec['parameters'], more: Partial<MetricSpec> = {}): MetricSpec => ({
  name: 'm',
  source: 'prometheus',
  parameters,
  everyMs: 1000,
  timeoutMs: 2000,
  unit: 'ratio',
  worse: 'higher',
  judge: ['fault', 'recovery'],
  ...more,
});
const below = (limit: number) => ({tolerance: {below: limit, settlesWithinMs: 0}});
const errors = (more: Partial<MetricSpec> = {}) => metric({bad: 'b', total: 't'}, {...below(0.05), ...more});
const p95 = (more: Partial<MetricSpec> = {}) =>
  metric({buckets: 'x_seconds_bucket', quantile: 0.95}, {unit: 'ms', ...below(500), ...more});

/** One bin a second (or every `lasts`), from 0.25 s on. */
function told(counted: readonly (Counted | null)[], lasts = SECOND): Sample[] {
  return counted.map((of, i) => {
    const at = {t: SECOND / 4 + i * lasts, d: 0, lasts};
    if (of === null) return {...at, value: null, why: 'cannot be scraped'};
    if ('bounds' in of) return {...at, value: 1, counted: of};
    return of.total === 0
      ? {...at, value: null, why: 'no traffic', counted: of}
      : {...at, value: of.bad / of.total, counted: of};
  });
}
const data = (samples: readonly Sample[]) => ({series: [{id: 0, metric: 'm', samples}], loads: []});
const span = (to: number, from = 0) => ({fromUs: from * SECOND, toUs: to * SECOND});
const times = <T>(count: number, of: T): T[] => new Array<T>(count).fill(of);
const judge = (of: MetricSpec, counted: readonly (Counted | null)[], to = counted.length + 1) =>
  judgeWindow(of, data(told(counted)), span(to));

describe('judging a window of bad events among all', () => {
  it('takes the ratio of all events together, not of the bins', () => {
    const quiet = times(9, {bad: 1, total: 1});
    const judged = judge(errors(), [...quiet, {bad: 0, total: 991}]);
    expect(judged).to.include({value: 0.009, verdict: 'held', samples: 10, missing: 0, max: 1});
    expect(judged.why).to.equal('0.9% over 1000 events, allowed below 5%');
    expect(judge(errors(), times(10, {bad: 6, total: 100})).verdict).to.equal('deviated');
  });

  it('is inconclusive without traffic: a ratio of nothing is nothing', () => {
    const idle = judge(errors(), times(10, {bad: 0, total: 0}));
    expect(idle).to.include({verdict: 'inconclusive', value: null});
    expect(idle.why).to.equal('no traffic: nothing was counted in this window');
    expect(judge(errors(), []).why).to.equal('nothing was measured');
  });

  it('is inconclusive below the least traffic, held or not, with the figure', () => {
    const few = judge(errors({minimumTraffic: 20}), times(10, {bad: 5, total: 10}));
    expect(few.verdict).to.equal('inconclusive');
    expect(few.why).to.equal('there was traffic of 10/s only; at least 20/s are needed (minimumTraffic)');
    expect(judge(errors({minimumTraffic: 10}), times(10, {bad: 5, total: 10})).verdict).to.equal('deviated');
  });

  it('is inconclusive where too much could not be counted', () => {
    const some = [...times(7, {bad: 0, total: 9}), ...times(3, null)];
    expect(judge(errors(), some)).to.include({
      verdict: 'inconclusive',
      missing: 3,
      why: '30% of the window was not counted (cannot be scraped)',
    });
  });

  it('counts only bins that lie wholly in the window', () => {
    const bins = [...times(5, {bad: 0, total: 9}), {bad: 9, total: 9}];
    expect(judge(errors(), bins, 6)).to.include({verdict: 'held', samples: 5});
    expect(judge(errors(), bins, 7)).to.include({verdict: 'deviated', samples: 6});
  });

  it('knows the traffic of all subjects, over the time that was counted', () => {
    const samples = told([...times(4, {bad: 0, total: 30}), null], 15 * SECOND);
    const two = {series: [0, 1].map(id => ({id, metric: 'm', subject: String(id), samples})), loads: []};
    expect(trafficIn(errors(), two, span(100))).to.equal(4);
    expect(trafficIn(errors(), data([]), span(100))).to.equal(undefined);
  });

  it('takes a rate of which less is worse for traffic itself', () => {
    const samples = [10, 20, null].map((value, i) => ({t: i * SECOND, d: 0, value, lasts: SECOND}));
    const rate = metric({rate: 'orders_total'}, {worse: 'lower'});
    expect(usualRate(rate, data(samples), span(9))).to.equal(15);
    expect(usualRate({...rate, worse: 'higher'}, data(samples), span(9))).to.equal(undefined);
    expect(usualRate(errors(), data(samples), span(9))).to.equal(undefined);
  });
});

describe('judging a window of a histogram', () => {
  const bin = (...counts: readonly number[]): Counted => ({bounds: [100, 250, 500], counts});

  it('takes the quantile of all observations', () => {
    const judged = judge(p95(), [...times(9, bin(0, 0, 0, 1)), bin(600, 900, 991, 991)]);
    expect(judged.value).to.be.closeTo(250 + (250 * (950 - 900)) / 91, 1e-9);
    expect(judged.verdict).to.equal('held');
  });

  it('knows no more than the bounds of its buckets', () => {
    const counts = times(10, bin(60, 90, 99, 100));
    expect(judge(p95(below(500)), counts).verdict).to.equal('held');
    expect(judge(p95(below(250)), counts).verdict).to.equal('deviated');
    const between = judge(p95(below(400)), counts);
    expect(between.verdict).to.equal('inconclusive');
    expect(between.why).to.include('between 250ms and 500ms').and.to.include('put the limit on a bound');
    expect(judge(p95(below(800)), times(10, bin(0, 0, 0, 9))).verdict).to.equal('inconclusive');
    expect(judge(p95(below(500)), times(10, bin(0, 0, 0, 9))).verdict).to.equal('deviated');
  });
});

describe('what was counted, as it is compared', () => {
  const windows = {baseline: span(31), fault: span(62, 31)};

  it('is counts for bad and total, and buckets for quantiles', () => {
    const [counts] = measuredOf(
      errors(),
      data(told([...times(30, {bad: 1, total: 9}), null, ...times(29, {bad: 2, total: 9})])),
      windows,
    );
    expect(counts?.of).to.deep.include({kind: 'counts', baseline: times(30, {events: 1, trials: 9})});
    const of: Counted = {bounds: [1], counts: [1, 2]};
    const [buckets] = measuredOf(p95(), data(told([of, null])), windows);
    expect(buckets?.of).to.deep.equal({
      kind: 'buckets',
      quantile: 0.95,
      baseline: [{bounds: [1, Infinity], counts: [1, 2]}, null],
      fault: [],
    });
  });

  it('has bins as long as its samples stand for', () => {
    const samples: Sample[] = times(4, 0).map((_, i) => ({
      t: 7 * SECOND + i * 15 * SECOND,
      d: 0,
      value: i,
      lasts: 15 * SECOND,
    }));
    const rate = metric({rate: 'r'});
    expect(binUsOf(rate, data(samples))).to.equal(15 * SECOND);
    expect(binsOf(rate, data(samples), span(67))).to.deep.equal([{of: [0, 1, 2, 3]}]);
    expect(binsOf(rate, data(samples), span(66))).to.deep.equal([{of: [0, 1, 2]}]);
  });

  it('is judged by the exact test', () => {
    const judged = (bad: number) => {
      const samples = told([...times(60, {bad: 0, total: 50}), ...times(60, {bad, total: 50})]);
      const [one] = measuredOf(errors(), data(samples), {baseline: span(61), fault: span(121, 60)});
      return judgeMetrics([{name: 'm', measured: one!.of, worse: 'higher', by: 0.01, critical: 0.05, primary: true}], {
        alpha: 0.01,
        random: seededRandom(1),
      })[0]?.verdict;
    };
    expect(judged(0)).to.equal('held');
    expect(judged(5)).to.equal('deviated');
  });
});

describe('comparing histograms of two windows', () => {
  const of = (...counts: readonly number[]) => ({bounds: [100, 250, 500, 1000, Infinity], counts});
  const rules = () => ({worse: 'higher', by: 0.1, critical: 0.5, alpha: 0.01, random: seededRandom(7)}) as const;
  const compare = (baseline: ReturnType<typeof of>, fault: ReturnType<typeof of>, bins = 60) =>
    compareBuckets({baseline: times(bins, baseline), fault: times(bins, fault), quantile: 0.95}, rules());

  it('leaves open what lies inside a bucket, however long the windows are', () => {
    const same = compare(of(60, 90, 99, 100, 100), of(60, 90, 99, 100, 100));
    const [direction] = same?.directions ?? [];
    expect(direction?.estimate).to.equal(0);
    expect([direction?.lower, direction?.upper]).to.deep.equal([-Math.log(2), Math.log(2)]);
    expect(lengthToSettle(same!)).to.equal(null);
  });

  it('proves what goes beyond the bounds', () => {
    const worse = compare(of(99, 100, 100, 100, 100), of(10, 20, 40, 100, 100));
    const [direction] = worse?.directions ?? [];
    expect(direction?.lower).to.be.closeTo(Math.log(500 / 100), 1e-9);
    expect(direction?.chance).to.be.below(0.01);
    const beyondAll = compare(of(10, 99, 100, 100, 100), of(10, 20, 40, 50, 100));
    expect(beyondAll?.directions[0]?.upper).to.equal(Infinity);
    expect(beyondAll?.directions[0]?.lower).to.be.closeTo(Math.log(1000 / 250), 1e-9);
  });

  it('widens when a window sometimes falls into another bucket', () => {
    const mixed = [...times(30, of(50, 100, 100, 100, 100)), ...times(30, of(50, 89, 100, 100, 100))];
    const compared = compareBuckets(
      {baseline: times(60, of(50, 100, 100, 100, 100)), fault: mixed, quantile: 0.95},
      rules(),
    );
    expect(compared?.directions[0]?.upper).to.be.closeTo(Math.log(500 / 100), 1e-9);
  });

  it('has nothing to compare without observations, and counts what is missing', () => {
    expect(compare(of(0, 0, 0, 0, 0), of(1, 1, 1, 1, 1))).to.equal(undefined);
    const some = [...times(30, of(9, 9, 9, 9, 9)), ...times(10, null)];
    const compared = compareBuckets({baseline: some, fault: times(40, of(9, 9, 9, 9, 9)), quantile: 0.95}, rules());
    expect(compared?.missing).to.equal(0.25);
    expect(compared?.values).to.equal(30);
  });
});

describe('values that are told afterwards', () => {
  const late = told(times(20, {bad: 0, total: 9}), 5 * SECOND);
  const nowUs = 20 * 5 * SECOND + 10 * SECOND;

  it('do not blind a guard by being late', () => {
    const guard = {metric: 'm', above: 0.5, forMs: 0};
    expect(judgeGuard(guard, errors(), data(late), nowUs)).to.equal('ok');
    expect(judgeGuard(guard, errors(), data(late), nowUs + 60 * SECOND)).to.equal('blind');
  });

  it('show a recovery by the time they stand for', () => {
    const state = recoveredSince([errors()], data(late), {fromUs: 0, nowUs, stableUs: 5 * SECOND});
    expect(state.state).to.equal('yes');
  });
});
