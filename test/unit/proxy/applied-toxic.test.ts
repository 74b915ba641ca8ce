import {expect} from 'chai';
import fc from 'fast-check';
import {AppliedToxic} from '../../../src/proxy/applied-toxic.js';

function drawn(share: number, seed: number, count: number): boolean[] {
  const request = {type: 'down', attributes: {}, direction: 'both', share, seed, ttlMs: 1000} as const;
  const toxic = new AppliedToxic('t', request, {type: 'down', counts: 'connections'}, () => undefined);
  const draws = Array.from({length: count}, () => toxic.draw());
  toxic.stop();
  return draws;
}

const seeds = fc.integer({min: 0, max: 0xffff_ffff});

describe('share of connections', () => {
  it('hits share × n of any n connections, within four', () => {
    fc.assert(
      fc.property(
        fc.double({min: 0.01, max: 1, noNaN: true}),
        seeds,
        fc.integer({min: 1, max: 300}),
        (share, seed, n) => {
          const hit = drawn(share, seed, n).filter(Boolean).length;
          expect(Math.abs(hit - share * n)).to.be.at.most(4);
        },
      ),
    );
  });

  it('hits all of them at 100 %', () => {
    fc.assert(fc.property(seeds, seed => !drawn(1, seed, 50).includes(false)));
  });

  it('hits the same ones for the same seed', () => {
    fc.assert(
      fc.property(seeds, seed => {
        expect(drawn(0.4, seed, 50)).to.deep.equal(drawn(0.4, seed, 50));
      }),
    );
  });
});
