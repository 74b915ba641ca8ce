import {expect} from 'chai';
import fc from 'fast-check';
import {betaCdf, betaQuantile} from '../../../src/statistics/distributions/beta.js';
import {hypergeometricTail} from '../../../src/statistics/distributions/hypergeometric.js';
import {normalCdf, normalQuantile} from '../../../src/statistics/distributions/normal.js';
import {studentCdf, studentQuantile} from '../../../src/statistics/distributions/student.js';

/** Reference values are those of SciPy 1.17. */
function near(actual: number, expected: number, relative = 1e-9): void {
  expect(Math.abs(actual - expected)).to.be.at.most(relative * Math.abs(expected), `${actual} is not ${expected}`);
}

describe('distributions', () => {
  it('agree with SciPy about the normal distribution, far into its tails', () => {
    near(normalCdf(1.3), 0.9031995154143897);
    near(normalCdf(-6), 9.865876450376946e-10);
    near(normalCdf(-8.5), 9.47953482220325e-18, 1e-6);
    near(normalQuantile(0.995), 2.5758293035489004);
    near(normalQuantile(1e-9), -5.9978070150076865);
    near(normalQuantile(1e-30), -11.464024688443613);
    expect(normalQuantile(0)).to.equal(-Infinity);
    expect(normalQuantile(1)).to.equal(Infinity);
    expect(normalQuantile(2)).to.satisfy(Number.isNaN);
  });

  it("agree with SciPy about Student's t, also for fractions of degrees of freedom", () => {
    near(studentCdf(2.5, 6.3), 0.9776663975075336);
    near(studentQuantile(0.99, 6.3), 3.093189975370528);
    near(studentQuantile(0.995, 12), 3.0545395893929013);
    near(studentQuantile(0.8, 3), 0.9784723123633042);
    near(studentQuantile(0.9999, 1.5), 242.26409884652412, 1e-8);
    near(studentQuantile(0.99, 3000), 2.327591534565257);
    near(studentQuantile(0.05, 5), -2.015048372669157, 1e-9);
  });

  it('agree with SciPy about beta and hypergeometric', () => {
    near(betaCdf(0.3, 20, 40), 0.29982167525229364);
    near(betaQuantile(0.01, 3, 3000), 0.000145289405477141);
    near(hypergeometricTail(7, {total: 6000, marked: 7, drawn: 3000}), 0.007785174489802749);
    near(hypergeometricTail(40, {total: 200_000, marked: 50, drawn: 100_000}), 1.1904230230090595e-5);
    near(hypergeometricTail(30, {total: 2000, marked: 48, drawn: 1000}), 0.053553245609834946);
  });

  it('quantiles undo their distribution functions', () => {
    fc.assert(
      fc.property(
        fc.double({min: 0.001, max: 0.999, noNaN: true}),
        fc.double({min: 0.8, max: 500, noNaN: true}),
        (p, df) => {
          expect(studentCdf(studentQuantile(p, df), df)).to.be.closeTo(p, 1e-9);
          expect(normalCdf(normalQuantile(p))).to.be.closeTo(p, 1e-12);
        },
      ),
    );
  });
});
