import {expect} from 'chai';
import {hodgesLehmann} from '../../../src/statistics/index.js';
import {rankSumZ} from '../../../scripts/calibrate/rivals.js';

/* What R says about two pairs of samples, as Kayenta's tests publish it (Apache-2.0): its estimates are found by a root finder, which stops up to
 * 1e-4 beside the jump that is the answer. */

const CONTROL = [
  1.5, 6, 5, 2.5, 2.5, 2, 2, 3.5, 3, 3, 3, 2, 3, 8, 4, 2.5, 3, 2.5, 2.5, 2, 2.5, 2, 2, 2.5, 3.5, 3, 1.5, 5, 2.5, 5.5, 2,
  2.5, 3.5, 2, 2.5, 4, 2, 2, 2, 2, 5.5, 4.5, 4, 3, 3, 3.5, 2.5, 3, 2.5, 4, 6, 2, 5, 6, 3.5, 3, 54.5, 3, 5, 6, 3.5, 4.5,
  2.5, 2, 6, 5, 2.5, 3.5, 2, 3, 2.5, 3.5, 3.5, 2.5, 3, 4.5, 3, 15.5, 5, 2.5, 3, 4, 3.5, 4, 4, 2, 4.5, 2.5, 4, 3,
];
const EXPERIMENT = [
  2.5, 2.5, 2, 2.5, 3.5, 2, 3.5, 1.5, 3, 3, 2.5, 3.5, 2, 2.5, 2, 2, 5, 3, 2, 1.5, 2, 4, 3, 2.5, 3, 2, 2, 2, 2.5, 3.5,
  1.5, 1.5, 3.5, 2, 2.5, 2.5, 3, 3.5, 2.5, 6.5, 2.5, 4, 2.5, 3, 2.5, 6.5, 2.5, 3, 1.5, 2, 2.5, 3, 7.5, 1.5, 2, 4, 2.5,
  2, 2.5, 3.5, 4, 2.5, 3, 2.5, 2, 3.5, 3, 16.5, 3, 3, 7, 4.5, 5, 2, 3.5, 6, 1.5, 3, 2.5, 4, 3, 1.5, 5, 3, 2.5, 5.5, 3,
  1.5, 2.5, 6,
];
const R = {lower: -0.500002521696696, upper: -3.486287505871302e-5, estimate: -0.4999393907180323};
const Z_95 = 1.959963984540054;

describe('against R, by the figures that Kayenta publishes', () => {
  it('the Hodges-Lehmann shift is the estimate of R', () => {
    expect(hodgesLehmann(CONTROL, EXPERIMENT)).to.be.closeTo(R.estimate, 1e-4);
    expect(hodgesLehmann(CONTROL, EXPERIMENT)).to.equal(-0.5);
  });

  it('the rank-sum statistic of the comparison passes ±z where R says that the interval ends', () => {
    const z = (shift: number) => rankSumZ(EXPERIMENT, CONTROL, shift);
    expect(z(R.lower - 1e-3)).to.be.above(Z_95);
    expect(z(R.lower + 1e-3)).to.be.below(Z_95);
    expect(z(R.upper - 1e-3)).to.be.above(-Z_95);
    expect(z(R.upper + 1e-3)).to.be.below(-Z_95);
  });
});
