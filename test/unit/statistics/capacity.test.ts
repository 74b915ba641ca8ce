import {expect} from 'chai';
import {seededRandom} from '../../../src/quantities/random.js';
import {
  bestConcurrency,
  compareCapacities,
  capacityOf,
  fitScalability,
  saturationOf,
  throughputAt,
  type LoadPoint,
  type ScalabilityLaw,
} from '../../../src/statistics/index.js';

/** Measurements of Gunther's book and what the library usl-rs publishes as their fit. */
const PUBLISHED = [
  955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7, 9047.84,
  9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806, 12089.37, 12075.41,
  12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
].map((throughput, i): LoadPoint => ({concurrency: i + 1, throughput}));

const close = (actual: number, expected: number, relative: number) =>
  expect(actual).to.be.closeTo(expected, relative * expected);

function squaresOf(points: readonly LoadPoint[], law: ScalabilityLaw): number {
  return points.reduce((sum, {concurrency, throughput}) => sum + (throughput - throughputAt(law, concurrency)) ** 2, 0);
}

/**
 * The least squares of all laws by a grid over σ and κ, zeros included, that is made finer around its best; the best λ
 * is a quotient.
 */
function leastSquares(points: readonly LoadPoint[]): number {
  const at = (sigma: number, kappa: number) => {
    const shape = points.map(({concurrency}) => throughputAt({lambda: 1, sigma, kappa}, concurrency));
    const lambda =
      points.reduce((sum, {throughput}, i) => sum + throughput * shape[i]!, 0) /
      shape.reduce((sum, value) => sum + value ** 2, 0);
    return squaresOf(points, {lambda, sigma, kappa});
  };
  // In powers, so that all sizes are looked at; the lowest power stands for zero.
  const valueOf = (power: number) => (power <= -9 ? 0 : 10 ** power);
  let best = {squares: Infinity, sigma: 0, kappa: 0};
  for (let [reach, centre] = [5, {sigma: -4, kappa: -4}]; reach > 1e-6; reach *= 0.6) {
    for (let i = -12; i <= 12; i++) {
      for (let j = -12; j <= 12; j++) {
        const [sigma, kappa] = [centre.sigma + (i * reach) / 12, centre.kappa + (j * reach) / 12];
        const squares = at(valueOf(sigma), valueOf(kappa));
        if (squares < best.squares) best = {squares, sigma, kappa};
      }
    }
    centre = best;
  }
  return best.squares;
}

describe('the universal scalability law', () => {
  it('fits the published measurements as usl-rs does', () => {
    const law = fitScalability(PUBLISHED)!;
    close(law.sigma, 0.02671591, 1e-5);
    close(law.kappa, 7.690945e-4, 1e-5);
    close(law.lambda, 995.6486, 1e-5);
    expect(Math.floor(bestConcurrency(law))).to.equal(35);
    close(throughputAt(law, 35), 12341.7454, 1e-5);
    close(throughputAt(law, 20), 11063.6331, 1e-5);
  });

  it('finds the least squares of a seven-point sweep', () => {
    const points = [
      [1, 65],
      [18, 996],
      [36, 1652],
      [72, 1853],
      [108, 1829],
      [144, 1775],
      [216, 1702],
    ] as const;
    const law = fitScalability(points.map(([concurrency, throughput]) => ({concurrency, throughput})))!;
    close(law.sigma, 0.02773, 1e-3);
    close(law.kappa, 1.0435e-4, 1e-3);
    close(law.lambda, 89.99, 1e-3);
    expect(Math.floor(bestConcurrency(law))).to.equal(96);
  });

  it('gives back a law from its own points, with and without limits', () => {
    for (const [sigma, kappa] of [
      [0, 0],
      [0.05, 0],
      [0.2, 0.001],
      [0.01, 0.01],
    ] as const) {
      const law = {lambda: 100, sigma, kappa};
      const points = [1, 2, 4, 8, 12, 16, 24, 32].map(n => ({concurrency: n, throughput: throughputAt(law, n)}));
      const fitted = fitScalability(points)!;
      points.forEach(({concurrency, throughput}) => close(throughputAt(fitted, concurrency), throughput, 1e-3));
    }
    expect(capacityOf({lambda: 100, sigma: 0.05, kappa: 0})).to.be.closeTo(2000, 1e-9);
    expect(capacityOf({lambda: 100, sigma: 0, kappa: 0})).to.equal(Infinity);
  });

  it('finds the least squares where no pair has to agree: the edge of the laws that can exist', () => {
    const points = [
      [1, 101.762],
      [2, 163.811],
      [4, 255.242],
      [8, 332.78],
      [12, 364.867],
      [16, 383.782],
      [24, 420.954],
      [32, 463.705],
    ].map(([concurrency = 0, throughput = 0]) => ({concurrency, throughput}));
    const law = fitScalability(points)!;
    close(law.lambda, 98.39, 1e-4);
    close(law.sigma, 0.1968, 1e-3);
    expect(law.kappa).to.equal(0);
    expect(squaresOf(points, law)).to.be.closeTo(806.9, 0.1);
    expect(bestConcurrency(law)).to.equal(Infinity);
    close(capacityOf(law), 500, 1e-3);
  });

  it('finds no more than the least squares that a search over all laws finds, whatever the data', () => {
    const random = seededRandom(5);
    for (let run = 0; run < 24; run++) {
      const law = {
        lambda: 10 ** (1 + 3 * random()),
        sigma: run % 3 === 0 ? 0 : random() ** 2,
        kappa: run % 4 === 0 ? 0 : 10 ** (-1 - 5 * random()),
      };
      const spread = [0, 0.02, 0.1, 0.4][run % 4]!;
      const points = [1, 2, 3, 4, 8, 12, 16, 24, 32, 64].map(concurrency => ({
        concurrency,
        throughput: throughputAt(law, concurrency) * (1 + spread * (2 * random() - 1)),
      }));
      const least = leastSquares(points);
      const scale = 1e-9 * squaresOf(points, {...law, lambda: 0});
      expect(squaresOf(points, fitScalability(points)!)).to.be.at.most(least * (1 + 1e-6) + scale);
      // From the law of other points, as a bootstrap does.
      expect(squaresOf(points, fitScalability(points, law)!)).to.be.at.most(least * (1 + 1e-6) + scale);
    }
  });

  it('is not fitted to fewer than six points, or fewer than three concurrencies', () => {
    expect(fitScalability(PUBLISHED.slice(0, 5))).to.equal(undefined);
    expect(fitScalability([1, 1, 1, 2, 2, 2].map(n => ({concurrency: n, throughput: n * 90})))).to.equal(undefined);
  });

  it('gives the saturation point and the loss of capacity with limits', () => {
    const points = PUBLISHED.filter((_, i) => i % 3 === 0);
    const sides = (all: readonly LoadPoint[]) => ({below: all.slice(0, 7), beyond: all.slice(7)});
    const base = saturationOf(sides(points), 0.025, seededRandom(1))!;
    expect(base.throughput.lower).to.be.within(11_500, 12_400);
    expect(base.throughput.upper).to.be.within(12_300, 14_500);
    expect(base.concurrency.lower).to.be.below(base.concurrency.estimate);
    const slowed = points.map(({concurrency, throughput}) => ({concurrency, throughput: throughput * 0.6}));
    const after = saturationOf(sides(slowed), 0.025, seededRandom(2))!;
    const {relative, chanceOfLess, chanceOfMore} = compareCapacities(base.throughput, after.throughput, 0.025)!;
    expect(relative.estimate).to.be.closeTo(-0.4, 0.01);
    expect(relative.lower).to.be.within(-0.5, -0.4);
    expect(relative.upper).to.be.within(-0.4, -0.3);
    expect(chanceOfLess(0.2)).to.be.below(0.02);
    expect(chanceOfLess(0.6)).to.equal(1);
    expect(chanceOfMore(0)).to.equal(1);
  });

  it('proves no change between draws that have no limit', () => {
    const draws = Array.from({length: 499}, () => Infinity);
    const {relative, chanceOfLess, chanceOfMore} = compareCapacities(
      {estimate: 500, draws},
      {estimate: 400, draws},
      0.025,
    )!;
    expect([relative.lower, relative.upper]).to.deep.equal([-1, Infinity]);
    expect([chanceOfLess(0.1), chanceOfMore(0.1)]).to.deep.equal([1, 1]);
  });
});
