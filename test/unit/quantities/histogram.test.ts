import {expect} from 'chai';
import fc from 'fast-check';
import {bucketMiddle, bucketOf, mergeHistograms, quantileOf} from '../../../src/quantities/histogram.js';

describe('histogram', () => {
  it('keeps every value within 0.8 % (or half a µs) of its bucket middle', () => {
    fc.assert(
      fc.property(fc.integer({min: 0, max: 2 ** 39}), us => {
        expect(Math.abs(bucketMiddle(bucketOf(us)) - us)).to.be.at.most(Math.max(0.5, us * 0.0081));
      }),
    );
  });

  it('never gives a larger value a smaller bucket', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.nat(10_000_000), (a, b) => {
        expect(bucketOf(Math.min(a, b))).to.be.at.most(bucketOf(Math.max(a, b)));
      }),
    );
  });

  it('gives the same quantile for merged seconds as for all values at once', () => {
    const one = [
      [3, 1],
      [9, 2],
    ] as const;
    const two = [
      [3, 4],
      [12, 1],
    ] as const;
    expect(quantileOf(mergeHistograms([one, two]), 0.5)).to.equal(3);
    expect(quantileOf(mergeHistograms([one, two]), 1)).to.equal(12);
    expect(quantileOf([], 0.5)).to.equal(null);
  });
});
