import {expect} from 'chai';
import {compareFacets} from '../../../../src/run/safety/leak-check.js';

const before = {a: {paused: false, restarts: 0}};
const ours = {a: new Set(['paused'])};

describe('the comparison of facets', () => {
  it('takes a facet that our changes were allowed to alter for a left-over, and any other for collateral', () => {
    expect(compareFacets(before, {a: {paused: true, restarts: 1}}, ours)).to.deep.equal({
      touched: [{target: 'a', facet: 'paused', before: false, after: true}],
      collateral: [{target: 'a', facet: 'restarts', before: 0, after: 1}],
    });
  });

  it('finds nothing where everything reads the same', () => {
    expect(compareFacets(before, {a: {paused: false, restarts: 0}}, ours)).to.deep.equal({touched: [], collateral: []});
  });

  for (const [how, after] of [
    ['is not answered', {}],
    ['is answered as gone', {a: {exists: false}}],
  ] as const) {
    it(`finds nothing of ours on a target that ${how}: nothing can be left on it`, () => {
      expect(compareFacets(before, after, ours)).to.deep.equal({
        touched: [],
        collateral: [{target: 'a', facet: 'exists', before: true, after: false}],
      });
    });
  }
});
