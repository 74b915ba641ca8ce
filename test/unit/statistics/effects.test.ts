import {expect} from 'chai';
import fc from 'fast-check';
import {autoregressive, autoregressiveNoise, normals} from '../../../scripts/calibrate/noise.js';
import {seededRandom} from '../../../src/quantities/random.js';
import {hasTrend} from '../../../src/statistics/series/trend.js';
import {lengthToSettle} from '../../../src/statistics/decisions/settles.js';
import {
  chanceAbove,
  cliffsDelta,
  compareCounts,
  detectableShift,
  dispersionOf,
  effectOf,
  hodgesLehmann,
  judgeMetrics,
  limitsOf,
  meanShift,
  shareLimits,
  trendOf,
  steadyState,
  type Bins,
} from '../../../src/statistics/index.js';

/** Two lists of SciPy's generator; what follows from them was computed by an independent program with NumPy. */
const X = [
  32.698, 16.718, 17.142, 14.558, 26.04, 10.07, 33.901, 15.985, 22.103, 18.638, 31.144, 10.826, 18.234, 17.9, 28.223,
  14.44, 19.073, 15.435, 20.342, 23.923, 14.437, 28.316, 26.324, 23.354, 26.318, 16.361, 19.359, 15.169, 18.534, 23.55,
  16.322, 17.832, 16.344, 15.587, 16.422, 20.009, 14.365, 21.549, 33.047, 25.094,
];
const Y = [
  23.161, 18.797, 19.606, 40.761, 24.909, 20.265, 25.979, 46.066, 25.433, 29.523, 26.844, 22.072, 17.413, 22.092,
  23.042, 29.253, 31.554, 32.438, 26.727, 31.994, 19.564, 35.725, 28.614, 22.434, 28.405, 23.983, 34.449, 38.704, 47.26,
  16.136, 15.907, 21.087, 25.739, 31.908, 26.969,
];

const positive = fc.array(fc.double({min: 0.1, max: 1000, noNaN: true}), {minLength: 4, maxLength: 40});

describe('the effect of a fault on the mean of a metric', () => {
  it('agrees with an independent implementation in estimate, error, degrees of freedom and limits', () => {
    const {shift, relative} = effectOf(X, Y, {alpha: 0.01})!;
    expect(shift.estimate).to.be.closeTo(0.29589855682643185, 1e-12);
    // Full covariance matrices and the mixture of SciPy's t, solved by Brent's method.
    expect(shift.standardError).to.be.closeTo(0.0718077190344966, 1e-6);
    expect(shift.freedom).to.be.closeTo(4.216190997264145, 1e-4);
    expect(relative!.estimate).to.be.closeTo(0.34433378, 1e-8);
    expect(relative!.lower).to.be.closeTo(0.03489925, 1e-6);
    expect(relative!.upper).to.be.closeTo(0.74628911, 1e-6);
  });

  it('agrees in the unit of the metric, with what is allowed there', () => {
    const judge = (by: number) => {
      const measured = {kind: 'bins', baseline: X, fault: Y} as const;
      const metric = {name: 'm', measured, worse: 'higher', by, critical: 100, absolute: true, primary: true} as const;
      return judgeMetrics([metric], {alpha: 0.01, random: () => 0.5})[0]!;
    };
    const [direction] = judge(5).comparison!.directions;
    // By the same independent program, of the values themselves, to a thousandth of the reach: the lower limit at 1 %,
    // the upper one at 5 %.
    expect(direction!.estimate).to.be.closeTo(6.888221428571434, 1e-12);
    expect(direction!.lower).to.be.closeTo(0.4817634159232682, 0.007);
    expect(direction!.upper).to.be.closeTo(10.56034681929135, 0.004);
    expect([0.05, 5, 11].map(by => judge(by).verdict)).to.deep.equal(['deviated', 'inconclusive', 'held']);
  });

  it('is the same in any unit', () => {
    fc.assert(
      fc.property(positive, positive, fc.double({min: 1e-6, max: 1e6, noNaN: true}), (before, after, unit) => {
        const plain = effectOf(before, after, {alpha: 0.01})!;
        const other = effectOf(
          before.map(v => v * unit),
          after.map(v => v * unit),
          {alpha: 0.01},
        )!;
        expect(other.shift.estimate).to.be.closeTo(plain.shift.estimate, 1e-6);
        expect(other.shift.standardError).to.be.closeTo(plain.shift.standardError, 1e-6);
        expect(other.cliffsDelta).to.be.closeTo(plain.cliffsDelta, 0.05);
      }),
    );
  });

  it('does not take what rounding leaves of equal values for noise', () => {
    const [before, after] = [
      [0.1, 0.1, 0.10000000000000005, 0.1],
      [0.1, 0.1, 0.1, 0.10000188522998009],
    ];
    const errors = [1, 0.00011780553642091436].map(
      unit =>
        effectOf(
          before.map(v => v * unit),
          after.map(v => v * unit),
          {alpha: 0.01},
        )!.shift.standardError,
    );
    expect(errors[1]).to.be.closeTo(errors[0]!, 1e-9);
  });

  it('turns its sign and nothing else when the windows are swapped', () => {
    fc.assert(
      fc.property(positive, positive, (before, after) => {
        const forth = meanShift(before, after)!;
        const back = meanShift(after, before)!;
        expect(back.estimate).to.be.closeTo(-forth.estimate, 1e-9);
        expect(back.standardError).to.be.closeTo(forth.standardError, 1e-9);
        expect(cliffsDelta(after, before)).to.be.closeTo(-cliffsDelta(before, after), 1e-12);
        expect(hodgesLehmann(after, before)).to.be.closeTo(-hodgesLehmann(before, after), 1e-9);
      }),
    );
  });

  it('takes a bin without a value for nothing, wherever it stands at the end of a window', () => {
    const gap: Bins = [...X, null];
    const with0 = effectOf(X, Y, {alpha: 0.01})!;
    const withGap = effectOf(gap, Y, {alpha: 0.01})!;
    expect(withGap.shift.estimate).to.equal(with0.shift.estimate);
    expect(withGap.shift.standardError).to.be.closeTo(with0.shift.standardError, 0.01);
    expect(withGap.cliffsDelta).to.equal(with0.cliffsDelta);
  });

  it('compares differences where a value is not above zero, and is relative only where the baseline is clear of zero', () => {
    const wave = (level: number) => Array.from({length: 40}, (_, i) => level + Math.sin(i * 2.4));
    const near0 = effectOf(wave(0), wave(5), {alpha: 0.01})!;
    expect(near0).to.include({scale: 'level', relative: null});
    expect(near0.absolute.estimate).to.be.closeTo(5, 0.1);
    const negative = effectOf(wave(-10), wave(-5), {alpha: 0.01})!;
    expect(negative.relative!.estimate).to.be.closeTo(0.5, 0.02);
    expect(negative.relative!.lower).to.be.below(0.5);
    expect(negative.relative!.upper).to.be.above(0.5);
  });

  it('is proven to be small nearly as often as if the noise were known, and wrongly no more often than it says', () => {
    const normal = normals(seededRandom(7));
    const bins = {baseline: 120, fault: 60};
    // The error of the difference of two windows of an AR(1) of 0.5, from its covariance matrix in NumPy.
    const error = 0.27028791233711424;
    const shares = (louder: number) => {
      const uppers = Array.from({length: 600}, () => {
        const noise = Array.from(autoregressive(bins.baseline + bins.fault, 0.5, normal));
        const fault = noise.slice(bins.baseline).map(value => value * louder);
        return limitsOf(meanShift(noise.slice(0, bins.baseline), fault)!, 0.05).upper;
      });
      const below = (truth: number) => uppers.filter(upper => upper < truth).length / uppers.length;
      // A normal test that knows the error proves 54.7 % at 1.763 of it: 1.645 for the level, and the rest of the way.
      return {held: below(1.763 * error), wrong: below(0)};
    };
    const [alike, louder, twice] = [1, 1.25, 2].map(shares);
    expect(alike!.held).to.be.above(0.85 * 0.547);
    // 5 % and three standard errors of a share of 600.
    for (const {wrong} of [alike!, louder!, twice!]) expect(wrong).to.be.below(0.05 + 0.027);
  });

  it('is exact for metrics that never move', () => {
    const still = effectOf(new Array<number>(30).fill(3), new Array<number>(30).fill(3), {alpha: 0.01})!;
    expect(still.relative).to.deep.equal({estimate: 0, lower: 0, upper: 0});
    expect(still.shift.baseline.effective).to.equal(30);
    const moved = meanShift(new Array<number>(30).fill(3), new Array<number>(30).fill(4))!;
    expect(limitsOf(moved, 0.01)).to.deep.equal({lower: 1, upper: 1});
    expect([chanceAbove(moved, 0), chanceAbove(moved, 2)]).to.deep.equal([0, 1]);
  });

  it('is not known from a single value', () => {
    expect(effectOf([1], Y, {alpha: 0.01})).to.equal(undefined);
    expect(effectOf(X, [null, null, 3], {alpha: 0.01})).to.equal(undefined);
  });

  it('has a p-value that is at alpha where the limit touches', () => {
    const shift = meanShift(X, Y)!;
    expect(chanceAbove(shift, limitsOf(shift, 0.01).lower)).to.be.closeTo(0.01, 1e-9);
    expect(chanceAbove(shift, limitsOf(shift, 0.01).upper)).to.be.closeTo(0.99, 1e-9);
  });
});

describe('sizes without a test', () => {
  it("Cliff's delta and the Hodges-Lehmann shift agree with an independent implementation", () => {
    expect(cliffsDelta(X, Y)).to.be.closeTo(0.53, 1e-12);
    expect(hodgesLehmann(X, Y)).to.be.closeTo(6.508, 1e-9);
  });

  it('are those of all pairs, with ties and in lists of any length', () => {
    const small = fc.array(fc.integer({min: -5, max: 5}), {minLength: 1, maxLength: 12});
    fc.assert(
      fc.property(small, small, (xs, ys) => {
        const pairs = ys.flatMap(y => xs.map(x => y - x)).sort((a, b) => a - b);
        const middle = (pairs[Math.floor(pairs.length / 2)]! + pairs[Math.ceil(pairs.length / 2) - 1]!) / 2;
        expect(hodgesLehmann(xs, ys)).to.be.closeTo(middle, 1e-9);
        const wins = pairs.filter(d => d > 0).length - pairs.filter(d => d < 0).length;
        expect(cliffsDelta(xs, ys)).to.be.closeTo(wins / pairs.length, 1e-12);
      }),
    );
  });
});

describe('the window that is needed', () => {
  const shift = meanShift(X, Y)!;

  it('shrinks with the square of the change that is to be seen', () => {
    const windowFor = (by: number) =>
      steadyState(X, {worse: 'higher', by, critical: 1, faultBins: 60, alpha: 0.01}).windowForAllowed;
    expect(windowFor(0.1)! / windowFor(0.2)!).to.be.within(3, 5);
    expect(windowFor(0)).to.equal(null);
    expect(windowFor(1e-6)).to.equal(null);
  });

  it('is about the present one where the estimate is as far from what is allowed as what can be detected, and none where it is there', () => {
    const {upper, lower} = limitsOf(shift, 0.05);
    const {estimate} = shift;
    const lengthFor = (margin: number) =>
      lengthToSettle({directions: [{estimate, lower, upper, margin, critical: 1, chance: 1}], values: 35});
    expect(lengthFor(estimate + detectableShift(shift, 0.05))).to.be.within(30, 55);
    expect(lengthFor(estimate)).to.equal(null);
    expect(lengthFor(estimate - 0.01)).to.equal(null);
  });
});

describe('a trend', () => {
  it('is the least-squares slope, with limits that hold a steady metric', () => {
    expect(trendOf(Y, 0.01)!.slope).to.be.closeTo(0.06600812324929971, 1e-12);
    const {lower, upper} = trendOf(Y, 0.01)!;
    expect(lower).to.be.below(0);
    expect(upper).to.be.above(0);
    const rising = trendOf(
      X.map((value, i) => value + 5 * i),
      0.01,
    )!;
    expect(rising.lower).to.be.above(4);
    expect(trendOf([1, null, 2], 0.01)).to.equal(undefined);
  });

  it('is hardly ever seen in windows that only vary, and is in those that rise', () => {
    const random = seededRandom(2);
    const windows = Array.from({length: 200}, () => autoregressiveNoise(0.3).make(60, random));
    // At most one of a hundred; of 200 that may be six by chance.
    expect(windows.filter(hasTrend).length).to.be.below(7);
    const rising = windows.map(window => window.map((value, i) => value + 2 * i));
    expect(rising.filter(hasTrend).length).to.be.above(150);
  });
});

describe('counts of errors', () => {
  const window = (events: number, trials: number, seconds = 20) =>
    Array.from({length: seconds}, (_, i) => ({
      events: Math.floor(((i + 1) * events) / seconds) - Math.floor((i * events) / seconds),
      trials: trials / seconds,
    }));

  it('agree with SciPy: exact limits of a share, and Fisher’s exact test', () => {
    const {lower, upper} = shareLimits({events: 7, trials: 300}, 0.01);
    expect(lower).to.be.closeTo(0.007815363150215335, 1e-12);
    expect(upper).to.be.closeTo(0.05253686802610693, 1e-12);
    expect(shareLimits({events: 0, trials: 300}, 0.01).lower).to.equal(0);
    expect(shareLimits({events: 300, trials: 300}, 0.01).upper).to.equal(1);
    const effect = compareCounts(window(18, 1000), window(30, 1000), 0.01)!;
    expect(effect.dispersion).to.deep.equal({least: 1, most: 1});
    expect(effect.chanceAbove(0)).to.be.closeTo(0.053553245609834946, 1e-9);
    expect(effect.difference.lower).to.be.closeTo(-0.004303847061285691, 1e-9);
    expect(effect.difference.upper).to.be.closeTo(0.029037604521505174, 1e-9);
  });

  it('have a p-value for a margin that is at alpha where the limit touches', () => {
    const effect = compareCounts(window(5, 1000), window(60, 1000), 0.01)!;
    expect(effect.chanceAbove(effect.difference.lower)).to.be.closeTo(0.01, 1e-4);
    expect(effect.chanceBelow(effect.difference.upper)).to.be.closeTo(0.01, 1e-4);
    expect(effect.chanceAbove(0.9)).to.equal(1);
  });

  it('say how many requests were lost, above what the baseline would have lost anyway', () => {
    const {excess} = compareCounts(window(10, 1000), window(110, 1000), 0.01)!;
    expect(excess.estimate).to.be.closeTo(100, 1e-9);
    expect(excess.lower).to.be.within(60, 100);
    expect(excess.upper).to.be.within(100, 150);
  });

  it('weigh less when errors come in bursts', () => {
    const bursts = Array.from({length: 60}, (_, i) => ({events: i % 20 < 2 ? 10 : 0, trials: 50}));
    expect(dispersionOf(bursts)).to.be.above(5);
    expect(dispersionOf(window(60, 3000, 60))).to.equal(1);
    const once = [...window(0, 3000, 59), {events: 4, trials: 50}];
    expect(dispersionOf(once)).to.equal(1);
  });

  it('say nothing without requests', () => {
    expect(compareCounts([], window(3, 100), 0.01)).to.equal(undefined);
  });
});
