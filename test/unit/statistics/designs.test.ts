import {expect} from 'chai';
import fc from 'fast-check';
import {combinations} from '../../../src/quantities/combinations.js';
import {seededRandom} from '../../../src/quantities/random.js';
import {
  backToBaseline,
  differenceInDifferences,
  limitsOf,
  switchbackOrder,
  switchbackTest,
  type Bins,
  type Block,
} from '../../../src/statistics/index.js';
import {autoregressiveNoise} from '../../../scripts/calibrate/noise.js';

const noise = (bins: number, seed: number, times = 1) =>
  autoregressiveNoise(0.3)
    .make(bins, seededRandom(seed))
    .map(value => value * times);

describe('A-B-A', () => {
  it('tells a window that is back from one that is not, and from one that cannot say', () => {
    const state = (baseline: Bins, fault: Bins) =>
      backToBaseline({kind: 'bins', baseline, fault}, {by: 0.1, alpha: 0.01, random: seededRandom(1)});
    expect(state(noise(300, 1), noise(300, 2))).to.equal('back');
    expect(state(noise(120, 1), noise(120, 2, 1.5))).to.equal('confounded-with-time');
    expect(state(noise(120, 1), noise(120, 2, 0.6))).to.equal('confounded-with-time');
    expect(state(noise(30, 1), noise(30, 2))).to.equal('open');
    expect(state(noise(120, 1), noise(7, 2, 5))).to.equal('open');
    expect(state([1], [])).to.equal('open');
  });
});

describe('difference in differences', () => {
  it('leaves the fault and takes away what hits both groups', () => {
    const common = noise(240, 5).map((value, i) => value * (i < 120 ? 1 : 2));
    const group = (seed: number, times: number) => {
      const own = noise(240, seed).map((value, i) => (value / 100) * common[i]! * (i < 120 ? 1 : times));
      return {baseline: own.slice(0, 120), fault: own.slice(120)};
    };
    const {scale, shift} = differenceInDifferences(group(6, 1.5), group(7, 1))!;
    const {lower, upper} = limitsOf(shift, 0.01);
    expect(scale).to.equal('ratio');
    expect(Math.exp(shift.estimate)).to.be.closeTo(1.5, 0.15);
    expect(lower).to.be.within(0, Math.log(1.5));
    expect(upper).to.be.above(Math.log(1.5));
  });

  it('needs bins that both groups have', () => {
    const hit = {baseline: [1, null, 3], fault: [1, 2, 3]};
    const control = {baseline: [null, 2, 3], fault: [1, 2, 3]};
    expect(differenceInDifferences(hit, control)).to.equal(undefined);
  });
});

describe('switchback', () => {
  it('draws balanced orders, each as likely as any other', () => {
    const random = seededRandom(1);
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = switchbackOrder(4, random);
      expect(order.filter(Boolean)).to.have.length(2);
      seen.set(order.join(), (seen.get(order.join()) ?? 0) + 1);
    }
    expect(seen.size).to.equal(6);
    for (const count of seen.values()) expect(count).to.be.within(850, 1150);
    expect(switchbackOrder(5, random).filter(Boolean)).to.have.length(2);
  });

  it('has the exact p-value of the order that was drawn', () => {
    const blocks: Block[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((mean, i) => ({on: i >= 5, mean}));
    const best = switchbackTest(blocks, 0.01, seededRandom(1))!;
    expect(combinations(10, 5)).to.equal(252);
    expect(best.estimate).to.equal(5);
    expect(best.chanceAbove(0)).to.be.closeTo(1 / 252, 1e-12);
    expect(best.leastChance).to.be.closeTo(1 / 252, 1e-12);
    const worst = switchbackTest(
      blocks.map(({on, mean}) => ({on: !on, mean})),
      0.01,
      seededRandom(1),
    )!;
    expect(worst.chanceAbove(0)).to.equal(1);
    expect(switchbackTest(blocks.slice(0, 5), 0.01, seededRandom(1))).to.equal(undefined);
  });

  it('has limits at which its p-value passes alpha', () => {
    const values = fc.array(fc.double({min: -10, max: 10, noNaN: true}), {minLength: 8, maxLength: 8});
    fc.assert(
      fc.property(values, fc.integer(), (means, seed) => {
        const order = switchbackOrder(8, seededRandom(seed));
        const test = switchbackTest(
          means.map((mean, i) => ({on: order[i]!, mean})),
          0.1,
          seededRandom(1),
        )!;
        expect(test.chanceAbove(test.lower - 1e-3)).to.be.at.most(0.1);
        expect(test.chanceAbove(test.lower + 1e-3)).to.be.above(0.1);
        expect(test.lower).to.be.at.most(test.estimate + 1e-9);
        expect(test.upper).to.be.at.least(test.estimate - 1e-9);
      }),
      {numRuns: 60},
    );
  });

  it('has no limits where so few blocks cannot reach alpha', () => {
    const blocks = [1, 2, 3, 4].map((mean, i) => ({on: i % 2 === 0, mean}));
    expect(switchbackTest(blocks, 0.01, seededRandom(1))).to.deep.include({lower: -Infinity, upper: Infinity});
  });

  it('samples the orders where there are too many to look at', () => {
    const random = seededRandom(4);
    const order = switchbackOrder(24, random);
    const test = switchbackTest(
      order.map((on, i) => ({on, mean: (on ? 3 : 0) + Math.sin(i * 5)})),
      0.01,
      random,
    )!;
    expect(combinations(24, 12)).to.equal(2_704_156);
    expect(test.chanceAbove(0)).to.be.below(0.001);
    expect(test.lower).to.be.within(1, 3.2);
  });
});
