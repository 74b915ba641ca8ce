import {expect} from 'chai';
import fc from 'fast-check';
import {dueBy, intendedAt} from '../../../src/signals/load/pacer.js';

const rates = fc.double({min: 0.01, max: 1_000_000, noNaN: true});
const elapsed = fc.double({min: 0, max: 86_400e6, noNaN: true});

describe('the pacer', () => {
  it('has the first request due at once and nothing before the start', () => {
    expect(dueBy(0, 100)).to.equal(1);
    expect(dueBy(-1, 100)).to.equal(0);
  });

  it('has a hundred requests due in the first second at 100/s, and the next one at its end', () => {
    expect(dueBy(999_999, 100)).to.equal(100);
    expect(dueBy(1_000_000, 100)).to.equal(101);
  });

  it('agrees with the intended times for every rate: all that is due is not in the future, the next one is', () => {
    fc.assert(
      fc.property(elapsed, rates, (us, rate) => {
        const due = dueBy(us, rate);
        expect(intendedAt(due - 1, rate)).to.be.at.most(us);
        expect(intendedAt(due, rate)).to.be.greaterThan(us);
      }),
    );
  });

  it('never takes a request back as time goes on', () => {
    fc.assert(
      fc.property(elapsed, fc.double({min: 0, max: 1e6, noNaN: true}), rates, (us, more, rate) => {
        expect(dueBy(us + more, rate)).to.be.at.least(dueBy(us, rate));
      }),
    );
  });
});
