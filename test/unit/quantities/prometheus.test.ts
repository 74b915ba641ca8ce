import {expect} from 'chai';
import fc from 'fast-check';
import {countsPerBin, mergedCounts, quantileOfCounts} from '../../../src/quantities/prometheus/classic-histogram.js';
import {increasePerBin, increasesOf, sumOfSeries} from '../../../src/quantities/prometheus/counter.js';
import {growthPerBin} from '../../../src/quantities/prometheus/growth.js';
import type {Life} from '../../../src/quantities/prometheus/life.js';
import {rangeTraps} from '../../../src/quantities/prometheus/range-trap.js';
import {badOfTotal} from '../../../src/quantities/prometheus/ratio.js';

const at = (...pairs: readonly (readonly [seconds: number, value: number])[]) =>
  pairs.map(([seconds, value]) => ({atMs: seconds * 1000, value}));
const lives = (...samples: readonly Life['samples'][]): readonly Life[] =>
  samples.map((of, i) => ({labels: {instance: String(i)}, samples: of, state: 'present'}));
const grid = (bins: number, binMs = 1000) => ({fromMs: 0, binMs, bins});

describe('counters of Prometheus', () => {
  it('grow by the difference of neighbours, and by the whole value after a restart', () => {
    const increases = increasesOf(at([0, 10], [1, 15], [2, 3], [3, 3]), 5000);
    expect(increases.map(({by}) => by)).to.deep.equal([5, 3, 0]);
  });

  it('say nothing about a gap, nor about what is no number', () => {
    expect(increasesOf(at([0, 1], [60, 600], [61, 605]), 5000)).to.deep.equal([{fromMs: 60_000, toMs: 61_000, by: 5}]);
    expect(increasesOf(at([0, 1], [1, NaN], [2, 3]), 5000)).to.deep.equal([]);
    expect(increasesOf(at([1, 1], [1, 2]), 5000)).to.deep.equal([]);
  });

  it('are spread over the bins between two scrapes; what is not covered is missing, never zero', () => {
    const increases = increasesOf(at([0.5, 0], [2.5, 20], [10, 95], [11, 105]), 5000);
    expect(increasePerBin(increases, grid(4))).to.deep.equal([10, 10, 10, null]);
    expect(increasePerBin(increases, {fromMs: 9000, binMs: 1000, bins: 2})).to.deep.equal([null, 10]);
  });

  it('keep their sum, however far apart the scrapes are', () => {
    const steps = fc.array(fc.tuple(fc.integer({min: 1, max: 9}), fc.nat(100)), {minLength: 1, maxLength: 20});
    fc.assert(
      fc.property(steps, scrapes => {
        let [second, value] = [0, 0];
        const samples = [
          [second, value] as const,
          ...scrapes.map(([s, by]) => [(second += s), (value += by)] as const),
        ];
        const bins = increasePerBin(increasesOf(at(...samples), 60_000), grid(second));
        expect(bins.reduce<number>((sum, by) => sum + (by ?? NaN), 0)).to.be.closeTo(value, 1e-6);
      }),
    );
  });

  it('of several series are differenced one by one: a restart of one is no jump of the sum', () => {
    const one = at([0, 1000], [1, 1010], [2, 5], [3, 15]);
    const two = at([0, 500], [1, 505], [2, 510], [3, 515]);
    expect(growthPerBin(lives(one, two), grid(3), 5000)).to.deep.equal([15, 10, 15]);
  });

  it('of an instance that comes or goes count while it lives; a hole in its life is a hole in the sum', () => {
    expect(
      sumOfSeries([
        [1, 1, 1, 1],
        [null, 2, 2, null],
      ]),
    ).to.deep.equal([1, 3, 3, 1]);
    expect(
      sumOfSeries([
        [1, 1, 1],
        [2, null, 2],
      ]),
    ).to.deep.equal([3, null, 3]);
    expect(sumOfSeries([[null], [null]])).to.deep.equal([null]);
    expect(sumOfSeries([])).to.deep.equal([]);
  });
});

describe('an error ratio', () => {
  it('without traffic is nothing, not zero', () => {
    expect(badOfTotal([0, 1, 0, null, 5], [0, 10, 3, 10, 4])).to.deep.equal([
      {bad: 0, total: 0},
      {bad: 1, total: 10},
      {bad: 0, total: 3},
      null,
      {bad: 4, total: 4},
    ]);
  });
});

describe('histograms of Prometheus', () => {
  const bucket = (le: string, samples: Life['samples'], instance = 'a'): Life => ({
    labels: {instance, le},
    samples,
    state: 'present',
  });
  const buckets = [
    bucket('0.1', at([0, 0], [1, 50], [2, 50])),
    bucket('0.2', at([0, 0], [1, 90], [2, 90])),
    bucket('0.5', at([0, 0], [1, 99], [2, 99])),
    bucket('+Inf', at([0, 0], [1, 100], [2, 100])),
  ];

  it('give the quantiles of histogram_quantile', () => {
    const [first, second] = countsPerBin(buckets, grid(2), 5000);
    expect(quantileOfCounts(first!, 0.5)).to.be.closeTo(0.1, 1e-12);
    expect(quantileOfCounts(first!, 0.25)).to.be.closeTo(0.05, 1e-12);
    expect(quantileOfCounts(first!, 0.9)).to.be.closeTo(0.2, 1e-12);
    expect(quantileOfCounts(first!, 0.945)).to.be.closeTo(0.35, 1e-12);
    expect(quantileOfCounts(first!, 1)).to.equal(0.5);
    expect(quantileOfCounts(second!, 0.5)).to.equal(null);
    expect(quantileOfCounts({bounds: [-1, Infinity], counts: [5, 5]}, 0.5)).to.equal(-1);
  });

  it('are merged by adding counts, and missing where a bucket is', () => {
    const bins = countsPerBin(buckets, grid(2), 5000).filter(bin => bin !== null);
    expect(mergedCounts(bins)!.counts).to.deep.equal([50, 90, 99, 100]);
    expect(mergedCounts([])).to.equal(undefined);
    expect(countsPerBin(buckets.slice(0, 3), grid(2), 5000)).to.deep.equal([null, null]);
    expect(countsPerBin([bucket('0.1', []), ...buckets.slice(1)], grid(1), 5000)).to.deep.equal([null]);
  });
});

describe('the range-query trap', () => {
  const ranges = (query: string, stepMs = 1000) => rangeTraps(query, stepMs).map(({range}) => range);

  it('is a range that is longer than the step', () => {
    expect(rangeTraps('sum(rate(http_requests_total[5m]))', 1000)).to.deep.equal([
      {range: '5m', rangeMs: 300_000, fn: 'rate', at: 28},
    ]);
    expect(ranges('rate(a[1m30s]) / rate(b[90])', 60_000)).to.deep.equal(['1m30s', '90']);
    expect(ranges('avg_over_time(up[2s])')).to.deep.equal(['2s']);
    expect(ranges('max_over_time(rate(a[1s])[10m:1s])')).to.deep.equal(['10m']);
    expect(ranges('rate(a{b="c"}[5m] offset 1h)')).to.deep.equal(['5m']);
  });

  it('is none where the range is the step, where two samples are used, or where a variable stands', () => {
    expect(ranges('rate(a[15s])', 15_000)).to.deep.equal([]);
    expect(ranges('irate(a[5m])')).to.deep.equal([]);
    expect(ranges('last_over_time(a[5m])')).to.deep.equal([]);
    expect(ranges('rate(a[${__interval}]) + rate(b[$__range:1s])')).to.deep.equal([]);
    expect(ranges('rate(a[$__rate_interval])')).to.deep.equal([]);
    expect(ranges('up')).to.deep.equal([]);
  });

  it('is found in queries as people write them', () => {
    const latency = `histogram_quantile(
      0.99, # 99 % of "all" [1h]
      sum by (le, route) (rate(http_seconds_bucket{route=~'/(a|b)[0-9]+', code!~"5.."} [ 5m ] offset 1w))
    )`;
    expect(rangeTraps(latency, 1000)).to.deep.include({
      range: '5m',
      rangeMs: 300_000,
      fn: 'rate',
      at: latency.indexOf('[ 5m ]'),
    });
    expect(rangeTraps(latency, 1000)).to.have.length(1);
    expect(rangeTraps('max_over_time((rate(a[1s]))[1h:] @ end())', 1000)[0]).to.include({
      range: '1h',
      fn: 'max_over_time',
    });
    expect(ranges('increase(a[2m] @ 1609746000) / ignoring (x) group_left delta(b[500ms])')).to.deep.equal(['2m']);
    expect(ranges('quantile_over_time(0.5, a{}[1m] offset -5m)')).to.deep.equal(['1m']);
    expect(ranges('avg_over_time(irate(a[5m])[30s:1s])')).to.deep.equal(['30s']);
    expect(ranges("rate(a{b='it\\'s [1h]'}[1s]) # don't: [5m]\n + rate(c[3m])")).to.deep.equal(['3m']);
    expect(ranges('sum(rate(a[1w2d3h4m5s6ms]))')).to.deep.equal(['1w2d3h4m5s6ms']);
  });

  it('is not seen in strings and comments', () => {
    expect(ranges('rate(a{x="[5m]", y=\'[1h]\', z=`[2h]`}[1s]) # rate(b[5m])')).to.deep.equal([]);
    expect(ranges('count(a{x="say \\"[5m]\\""})')).to.deep.equal([]);
  });
});
