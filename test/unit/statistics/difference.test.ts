import {expect} from 'chai';
import {seededRandom} from '../../../src/quantities/random.js';
import {normalQuantile} from '../../../src/statistics/distributions/normal.js';
import {differenceOf} from '../../../src/statistics/effects/difference.js';

const LEVELS = {given: 0.05, asked: 0.01};
const Z = normalQuantile(0.95);

describe('the difference of two estimates', () => {
  it('is the normal one where the limits are symmetric', () => {
    const first = {estimate: 1, lower: 1 - 3 * Z, upper: 1 + 3 * Z};
    const second = {estimate: 11, lower: 11 - 4 * Z, upper: 11 + 4 * Z};
    const {estimate, lower, upper, chance} = differenceOf(first, second, LEVELS);
    expect(estimate).to.equal(10);
    expect([lower, upper].map(limit => Number(limit.toFixed(6)))).to.deep.equal([
      Number((10 - 5 * normalQuantile(0.99)).toFixed(6)),
      Number((10 + 5 * normalQuantile(0.99)).toFixed(6)),
    ]);
    expect(chance).to.be.closeTo(0.0455, 0.0001);
    expect(differenceOf(second, first, LEVELS).chance).to.be.closeTo(chance, 1e-12);
  });

  it('takes the nearer limits of each where they are not', () => {
    const low = {estimate: 0, lower: -10, upper: 1};
    const high = {estimate: 5, lower: 4, upper: 50};
    expect(differenceOf(low, high, LEVELS).lower).to.be.within(2.9, 3.1);
    expect(differenceOf(low, high, LEVELS).upper).to.be.above(50);
  });

  it('is proven beyond every limit only where the limits do not meet', () => {
    const finite = {estimate: 0.1, lower: 0, upper: 0.2};
    const beyond = {estimate: Infinity, lower: 3, upper: Infinity};
    expect(differenceOf(finite, beyond, LEVELS)).to.deep.equal({
      estimate: Infinity,
      lower: 2.8,
      upper: Infinity,
      chance: 0,
    });
    expect(differenceOf(beyond, beyond, LEVELS).chance).to.equal(1);
    const open = {estimate: 1, lower: -Infinity, upper: Infinity};
    expect(differenceOf(open, finite, LEVELS)).to.include({chance: 1, lower: -Infinity, upper: Infinity});
  });

  it('knows equal estimates without any uncertainty as equal, and others as different', () => {
    const sure = (estimate: number) => ({estimate, lower: estimate, upper: estimate});
    expect(differenceOf(sure(0), sure(0), LEVELS)).to.include({estimate: 0, chance: 1});
    expect(differenceOf(sure(0), sure(1), LEVELS)).to.include({estimate: 1, chance: 0});
  });

  it('is called different of two alike in no more than the level asks for', () => {
    const random = seededRandom(7);
    const draw = () => {
      const estimate = normalQuantile(random());
      return {estimate, lower: estimate - Z, upper: estimate + Z};
    };
    const proven = Array.from({length: 20_000}, () => differenceOf(draw(), draw(), LEVELS)).filter(
      ({chance}) => chance <= 0.02,
    );
    expect(proven.length / 20_000).to.be.within(0.015, 0.025);
  });
});
