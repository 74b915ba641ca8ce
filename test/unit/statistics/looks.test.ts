import {expect} from 'chai';
import fc from 'fast-check';
import {alphaAtLook, lookTimes, partAtLook} from '../../../src/statistics/decisions/looks.js';

describe('The looks at an injection that may go on', () => {
  it('are at its planned end, at its limit, and between them in equal ratios', () => {
    expect(lookTimes(60_000, 300_000)).to.deep.equal([60_000, 89_721, 134_164, 200_622, 300_000]);
    expect(lookTimes(120_000, 300_000)).to.deep.equal([120_000, 189_737, 300_000]);
  });

  it('are never more than five, and one where the limit leaves no room', () => {
    expect(lookTimes(1_000, 600_000)).to.have.length(5).and.include.members([1_000, 600_000]);
    for (const limit of [10_000, 60_000, 65_000]) expect(lookTimes(60_000, limit)).to.deep.equal([60_000]);
  });

  it('spend the whole error together, most of it at the last, and all of it where there is one', () => {
    expect(partAtLook(1, 1)).to.equal(1);
    expect(alphaAtLook(0.01, 1, 5)).to.be.closeTo(0.0005, 1e-12);
    expect(alphaAtLook(0.01, 5, 5)).to.equal(0.008);
    fc.assert(
      fc.property(
        fc.integer({min: 1_000, max: 600_000}),
        fc.integer({min: 1_000, max: 3_600_000}),
        (planned, limit) => {
          const looks = lookTimes(planned, limit);
          expect(looks).to.deep.equal([...new Set(looks)].sort((a, b) => a - b));
          const spent = looks.reduce((sum, _, i) => sum + partAtLook(i + 1, looks.length), 0);
          expect(spent).to.be.closeTo(1, 1e-12);
        },
      ),
    );
  });
});
