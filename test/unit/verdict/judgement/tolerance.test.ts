import {expect} from 'chai';
import {
  describeBounds,
  describeTolerance,
  distanceOutside,
  isWithin,
  shareOfBound,
} from '../../../../src/verdict/judgement/tolerance.js';

describe('bounds', () => {
  it('leave the bound itself out, or have it inside', () => {
    expect([1, 2, 3].map(value => isWithin(value, {above: 1, below: 3}))).to.deep.equal([false, true, false]);
    expect([0, 1, 2, 3, 4].map(value => isWithin(value, {atLeast: 1, atMost: 3}))).to.deep.equal([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(isWithin(NaN, {})).to.equal(false);
  });

  it('are told as people say them, and when they apply', () => {
    expect(describeBounds({atLeast: 0.4, atMost: 0.6}, 'ratio')).to.equal('40% to 60%');
    expect(describeBounds({atLeast: 2}, 'count')).to.equal('at least 2');
    expect(describeBounds({above: 1, atMost: 3}, 'count')).to.equal('above 1 and at most 3');
    expect(describeTolerance({equals: 1, during: ['fault']}, 'count')).to.equal('exactly 1 while a fault is in force');
  });

  it('say how far out a value is, and how much of the way to the bound it used', () => {
    expect(distanceOutside(0.7, {atLeast: 0.4, atMost: 0.5})).to.be.closeTo(0.2, 1e-9);
    expect(distanceOutside(0.1, {atLeast: 0.4, atMost: 0.5})).to.be.closeTo(0.3, 1e-9);
    expect(distanceOutside(0.45, {atLeast: 0.4, atMost: 0.5})).to.equal(0);
    expect(shareOfBound(9, {atMost: 10})).to.equal(0.9);
  });
});
