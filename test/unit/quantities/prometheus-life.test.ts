import {expect} from 'chai';
import {growthPerBin, valuesPerBin} from '../../../src/quantities/prometheus/growth.js';
import {bucketOfQuantile, mergedCounts} from '../../../src/quantities/prometheus/classic-histogram.js';
import {knownUntil, lifeOf, needsUp, timingOf} from '../../../src/quantities/prometheus/life.js';
import {parseSelector} from '../../../src/quantities/prometheus/selector.js';
import {scrapeIntervalOf} from '../../../src/quantities/prometheus/series.js';

const at = (...pairs: readonly (readonly [seconds: number, value: number])[]) =>
  pairs.map(([seconds, value]) => ({atMs: seconds * 1000, value}));
const every = (from: number, to: number, value: (second: number) => number) =>
  at(...Array.from({length: to - from + 1}, (_, i) => [from + i, value(from + i)] as const));
const labels = {job: 'shop', instance: 'a'};
const grid = (from: number, bins: number) => ({fromMs: from * 1000, binMs: 1000, bins});
/** Scrapes each second; 2.5 s are a gap, a sample shows up within 2 s. */
const timing = (nowSeconds: number) => timingOf(1000, nowSeconds * 1000);
const counter = (samples: ReturnType<typeof at>, up: ReturnType<typeof at>, now: number) =>
  lifeOf({labels, samples}, up, 'counter', timing(now));

describe('the life of a series', () => {
  const up = every(0, 9, () => 1);

  it('begins at zero where its target was scraped without it before', () => {
    const born = counter(
      every(6, 9, second => (second - 5) * 10),
      up,
      9.5,
    );
    expect(growthPerBin([born], grid(4, 5), 2500)).to.deep.equal([0, 10, 10, 10, 10]);
  });

  it('begins at its first sample where nobody knows what was before', () => {
    const found = counter(
      every(6, 9, second => second * 10),
      [],
      9.5,
    );
    expect(growthPerBin([found], grid(4, 5), 2500)).to.deep.equal([null, null, 10, 10, 10]);
  });

  it('goes on from zero when it comes back lower after a time without it, and from where it was when it does not', () => {
    const lower = counter([...every(0, 2, () => 100), ...every(7, 9, second => second - 5)], up, 9.5);
    expect(growthPerBin([lower], grid(6, 3), 2500)).to.deep.equal([2, 1, 1]);
    const higher = counter([...every(0, 2, () => 100), ...every(7, 9, () => 500)], up, 9.5);
    expect(growthPerBin([higher], grid(6, 3), 2500)).to.deep.equal([null, 0, 0]);
  });

  it('is over when its target is scraped without it, or is no longer there', () => {
    expect(
      counter(
        every(0, 5, () => 1),
        up,
        9.5,
      ).state,
    ).to.equal('ended');
    expect(
      counter(
        every(0, 5, () => 1),
        up.slice(0, 6),
        11,
      ).state,
    ).to.equal('ended');
  });

  it('goes on unseen while its target cannot be scraped, and for five minutes where there is no `up`', () => {
    const away = [...every(0, 5, () => 1), ...every(6, 12, () => 0)];
    expect(
      counter(
        every(0, 5, () => 1),
        away,
        9,
      ).state,
    ).to.equal('present');
    expect(
      counter(
        every(0, 5, () => 1),
        away,
        12,
      ).state,
    ).to.equal('unseen');
    expect(
      counter(
        every(0, 5, () => 1),
        [],
        12,
      ).state,
    ).to.equal('unseen');
    expect(
      counter(
        every(0, 5, () => 1),
        [],
        320,
      ).state,
    ).to.equal('ended');
  });

  it('that goes on unseen is missing in the sum, one that is over is not', () => {
    const steady = counter(
      every(0, 12, second => second * 10),
      [],
      12,
    );
    const away = counter(
      every(0, 5, second => second),
      [...every(0, 5, () => 1), ...every(6, 12, () => 0)],
      12,
    );
    expect(growthPerBin([steady, away], grid(3, 6), 2500)).to.deep.equal([11, 11, null, null, null, null]);
    const over = counter(
      every(0, 5, second => second),
      every(0, 12, () => 1),
      12,
    );
    expect(growthPerBin([steady, over], grid(3, 6), 2500)).to.deep.equal([11, 11, 10, 10, 10, 10]);
  });

  it('that comes back after a hole was there before the first bin too', () => {
    const steady = counter(
      every(0, 20, second => second * 10),
      [],
      20,
    );
    const back = counter([...every(0, 2, second => second), ...every(18, 20, second => second)], [], 20);
    expect(growthPerBin([steady, back], grid(15, 5), 2500)).to.deep.equal([null, null, null, 11, 11]);
  });

  it('decides how far everything is known', () => {
    const present = counter(
      every(0, 8, () => 1),
      [],
      9,
    );
    expect(knownUntil([present], timing(9))).to.equal(8000);
    expect(knownUntil([], timing(9))).to.equal(7000);
    expect(knownUntil([{...present, state: 'ended'}], timing(9))).to.equal(7000);
  });

  it('is doubtful when it begins, breaks off or is behind the others', () => {
    const about = {sinceMs: 0, newestMs: 9000, known: false};
    const doubtful = (samples: ReturnType<typeof at>, more: Partial<typeof about> = {}) =>
      needsUp({labels, samples}, {...about, ...more}, timing(9.5));
    expect(doubtful(every(1, 9, () => 1))).to.equal(false);
    expect(doubtful(every(4, 9, () => 1))).to.equal(true);
    expect(
      doubtful(
        every(4, 9, () => 1),
        {known: true},
      ),
    ).to.equal(false);
    expect(doubtful(every(1, 7, () => 1))).to.equal(true);
    expect(doubtful(at([1, 1], [6, 1], [7, 1], [8, 1], [9, 1]))).to.equal(true);
  });
});

describe('gauges of Prometheus', () => {
  it('are the median of what was scraped in a bin, of one series', () => {
    const one = lifeOf({labels, samples: at([0.2, 1], [0.4, 9], [0.6, 2], [2.5, NaN])}, [], 'gauge', timing(3));
    const two = lifeOf({labels: {instance: 'b'}, samples: at([1.5, 4])}, [], 'gauge', timing(3));
    expect(valuesPerBin([one, two], grid(0, 3))).to.deep.equal([2, 4, null]);
    expect(valuesPerBin([one, one], grid(0, 1))).to.deep.equal(['several']);
  });
});

describe('histograms of several bins', () => {
  it('are added at the bounds that all of them have', () => {
    const merged = mergedCounts([
      {bounds: [0.1, 0.5, Infinity], counts: [1, 2, 3]},
      {bounds: [0.1, 0.2, 0.5, Infinity], counts: [10, 20, 30, 40]},
    ]);
    expect(merged).to.deep.equal({bounds: [0.1, 0.5, Infinity], counts: [11, 32, 43]});
  });

  it('know of a quantile only its bucket', () => {
    const counts = {bounds: [0.1, 0.5, Infinity], counts: [50, 90, 100]};
    expect(bucketOfQuantile(counts, 0.5)).to.deep.equal([0, 0.1]);
    expect(bucketOfQuantile(counts, 0.7)).to.deep.equal([0.1, 0.5]);
    expect(bucketOfQuantile(counts, 0.95)).to.deep.equal([0.5, Infinity]);
    expect(bucketOfQuantile({...counts, counts: [0, 0, 0]}, 0.5)).to.equal(null);
  });
});

describe('the distance of scrapes', () => {
  const of = (...seconds: readonly number[]) =>
    scrapeIntervalOf([{labels, samples: at(...seconds.map(s => [s, 1] as const))}]);

  it('is the usual one, whatever jitters or is lost', () => {
    expect(of(0, 15.002, 29.999, 60, 75.001)).to.equal(15_000);
    expect(of(0, 0.201, 0.4)).to.equal(200);
    expect(of(0)).to.equal(undefined);
  });
});

describe('a selector', () => {
  it('is a name with matchers', () => {
    expect(parseSelector(' orders_total ')).to.deep.equal({name: 'orders_total', labels: []});
    expect(parseSelector('job:x:rate5m{a="(b", c=~\'[5m]\', d!~`e@`,}')).to.deep.equal({
      name: 'job:x:rate5m',
      labels: ['a', 'c', 'd'],
    });
    expect(parseSelector('a{}')).to.deep.equal({name: 'a', labels: []});
  });

  it('is no calculation, no range and no other time', () => {
    const instead = (text: string) => {
      const parsed = parseSelector(text);
      return 'instead' in parsed ? parsed.instead : undefined;
    };
    expect(instead('rate(a[5m])')).to.equal('a calculation');
    expect(instead('a{b="c"}[5m]')).to.equal('a range');
    expect(instead('a offset 5m')).to.equal('another time');
    expect(instead('a @ 1600000000')).to.equal('another time');
    expect(instead('{job="shop"}')).to.equal('labels without a name');
    expect(instead('a{b=c}')).to.equal('labels that cannot be read');
    expect(instead('a + b')).to.equal('something else');
    expect(instead('')).to.equal('something else');
  });
});
