import {expect} from 'chai';
import {seededRandom} from '../../../src/quantities/random.js';
import {
  areaOf,
  binned,
  BURN_ALERTS,
  budgetSpent,
  burnAlertAt,
  burnRate,
  burnRateForCap,
  detectChange,
  lostRequests,
  missingShare,
  present,
  recoveryTime,
  thresholdsFor,
} from '../../../src/statistics/index.js';
import {earliestOnset} from '../../../src/statistics/times/onset.js';
import {climbs} from '../../../scripts/calibrate/climbs.js';
import {autoregressive, normals} from '../../../scripts/calibrate/noise.js';

const gauss = (bins: number, seed: number) => Array.from(autoregressive(bins, 0, normals(seededRandom(seed))));

describe('bins', () => {
  it('are the medians of what was sampled inside each second; a second without a number is missing', () => {
    const sample = (t: number, value: number | null) => ({
      t: t * 1e6,
      d: 0,
      value,
      ...(value === null ? {why: 'x'} : {}),
    });
    const samples = [sample(0.5, 9), sample(1.1, 1), sample(1.2, 5), sample(1.3, 2), sample(3.9, null), sample(4.2, 7)];
    const bins = binned(samples, {fromUs: 1e6, toUs: 5.5e6});
    expect(bins).to.deep.equal([2, null, null, 7]);
    expect(present(bins)).to.deep.equal([2, 7]);
    expect([missingShare(bins), missingShare([])]).to.deep.equal([0.5, 1]);
    expect(binned(samples, {fromUs: 1e6, toUs: 5e6}, 2e6)).to.deep.equal([2, 7]);
  });
});

describe('the detector', () => {
  const rules = {margin: 0, sign: 1, alpha: 0.01} as const;

  it('says when a change began and when it was proven', () => {
    const fault = gauss(60, 2).map((z, i) => (i >= 20 ? z + 8 : z));
    const found = detectChange(gauss(60, 1), fault, rules)!;
    expect(found.onset).to.be.at.most(20);
    expect(found.detected).to.be.within(21, 24);
    expect(found.beyond).to.be.above(0.5);
  });

  it('sees a small lasting change by the sum of the scores', () => {
    const found = detectChange(
      gauss(120, 3),
      gauss(120, 4).map(z => z + 1.5),
      rules,
    )!;
    expect(found.alarm).to.equal('sum');
    expect(found.detected).to.be.within(4, 40);
  });

  it('does not tell a beginning that is later than the true one for a small change', () => {
    const [runs, from] = [200, 15];
    let [found, late] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const noise = gauss(120, 1000 + run);
      const fault = noise.slice(60).map((value, bin) => value + (bin >= from ? 1 : 0));
      const detection = detectChange(noise.slice(0, 60), fault, rules);
      if (detection === undefined || detection.detected < from) continue;
      found++;
      if (earliestOnset(noise.slice(0, 60), fault, {...rules, detection}) > from) late++;
    }
    expect(found).to.be.above(runs / 5);
    expect(late / found).to.be.below(0.1);
  });

  it('looks to the worse side only, and beyond the margin only', () => {
    const lower = gauss(60, 6).map(z => z - 8);
    expect(detectChange(gauss(60, 5), lower, rules)).to.equal(undefined);
    expect(detectChange(gauss(60, 5), lower, {...rules, sign: -1})).to.not.equal(undefined);
    expect(detectChange(gauss(60, 5), lower, {...rules, sign: -1, margin: 9})).to.equal(undefined);
    expect(detectChange(gauss(60, 5), lower, {...rules, sign: -1, margin: Infinity})).to.equal(undefined);
  });

  it('does not take three values in a row for three when one between them is missing', () => {
    const fault = gauss(30, 8).map((z, i): number | null => (i === 11 ? null : i >= 10 && i < 13 ? z + 20 : z));
    expect(detectChange(gauss(60, 7), fault, rules)).to.equal(undefined);
  });

  it('does not alarm where three spikes meet, of which the baseline has as high ones by themselves', () => {
    const spiky = (seed: number, spikes: (bin: number) => boolean) =>
      gauss(300, seed).map((z, bin) => (spikes(bin) ? 12 : z));
    const meeting = spiky(12, bin => bin >= 150 && bin < 153);
    expect(
      detectChange(
        spiky(11, bin => bin % 20 === 7),
        meeting,
        rules,
      ),
    ).to.equal(undefined);
    expect(detectChange(gauss(300, 11), meeting, rules)).to.include({onset: 150, detected: 152, alarm: 'three'});
  });

  it('says nothing on the ground of fewer than 15 values', () => {
    expect(
      detectChange(
        gauss(14, 9),
        gauss(60, 10).map(z => z + 50),
        rules,
      ),
    ).to.equal(undefined);
  });

  it('sees errors where there never were any', () => {
    const found = detectChange(
      new Array<number>(60).fill(0),
      [...new Array<number>(10).fill(0), ...new Array<number>(20).fill(0.5)],
      rules,
    )!;
    expect(found).to.include({onset: 10, detected: 12, alarm: 'three'});
  });
});

describe('the shipped thresholds', () => {
  it('are those that the procedure gives when it is simulated again', () => {
    for (const [correlation, baseline, window] of [
      [0, 60, 2],
      [0.4, 30, 1],
      [0.6, 120, 3],
    ] as const) {
      const windows = [15, 30, 60, 120].slice(0, window + 1);
      const cell = climbs({correlation, baseline, windows, runs: 3000, seed: 99})[window]!;
      const shipped = thresholdsFor({baseline, window: windows[window]!, correlation, alpha: 0.01});
      expect(cell.sum[0]! / shipped.sum).to.be.within(0.82, 1.22);
      expect(cell.three[0]! / shipped.three).to.be.within(0.88, 1.14);
    }
  });

  it('grow with the window, the correlation and the certainty that is asked for', () => {
    const usual = {baseline: 90, window: 90, correlation: 0.5, alpha: 0.01};
    const {sum, three} = thresholdsFor(usual);
    for (const harder of [
      {...usual, window: 400},
      {...usual, window: 7200},
      {...usual, correlation: 0.75},
      {...usual, alpha: 0.001},
    ]) {
      expect(thresholdsFor(harder).sum).to.be.above(sum);
      expect(thresholdsFor(harder).three).to.be.above(three);
    }
    expect(thresholdsFor({...usual, baseline: 5000})).to.deep.equal(thresholdsFor({...usual, baseline: 600}));
    expect(thresholdsFor({...usual, correlation: 0.99})).to.deep.equal(thresholdsFor({...usual, correlation: 0.95}));
  });
});

describe('the time to recover', () => {
  const rules = {margin: 0.1, sign: 1, alpha: 0.025} as const;
  const quiet = (bins: number, seed: number) => gauss(bins, seed).map(z => 0.03 * z);

  it('is an interval around the truth', () => {
    const after = quiet(90, 12).map((z, i) => (i < 30 ? z + 1 : z));
    const {took, episodes} = recoveryTime(quiet(120, 11), after, rules)!;
    expect(took.atLeast).to.be.within(22, 30);
    expect(took.atMost).to.be.within(30, 38);
    expect(episodes).to.have.length(1);
  });

  it('has no upper end when it was not back before the watch ended', () => {
    const {took, watched} = recoveryTime(
      quiet(120, 11),
      quiet(40, 13).map(z => z + 1),
      rules,
    )!;
    expect(took).to.deep.equal({atLeast: 31, atMost: null});
    expect(watched).to.equal(40);
  });

  it('needs good looks that stay good', () => {
    const brief = quiet(60, 14).map((z, i) => (i >= 20 && i < 32 ? z : z + 1));
    expect(recoveryTime(quiet(120, 11), brief, rules)!.took.atMost).to.equal(null);
  });

  it('reopens with a relapse, and tells both', () => {
    const after = quiet(140, 15).map((z, i) => (i < 10 || (i >= 60 && i < 80) ? z + 1 : z));
    const {took, episodes} = recoveryTime(quiet(120, 11), after, rules)!;
    expect(episodes).to.have.length(2);
    expect(episodes[0]!.atMost).to.be.within(9, 18);
    expect(took.atLeast).to.be.within(70, 80);
    expect(took.atMost).to.be.within(80, 88);
  });

  it('does not believe what was not measured', () => {
    const after = [...quiet(20, 16).map(z => z + 1), ...new Array<null>(60).fill(null)];
    expect(recoveryTime(quiet(120, 11), after, rules)!.took.atMost).to.equal(null);
    expect(recoveryTime([1], after, rules)).to.equal(undefined);
  });
});

describe('the area of degradation', () => {
  const level = (bins: number, seed: number, by = 0) => gauss(bins, seed).map(z => 100 + by + 5 * z);

  it('is deviation times duration, with limits, in shares and in units', () => {
    const {relative, absolute} = areaOf(level(120, 21), level(60, 22, 30), {sign: 1, binSeconds: 1, alpha: 0.01})!;
    expect(absolute.estimate).to.be.closeTo(1800, 90);
    expect(relative!.estimate).to.be.closeTo(18, 0.9);
    expect(relative!.lower).to.be.below(18);
    expect(relative!.upper).to.be.above(18);
  });

  it('does not take the step by which a fault comes and goes for noise', () => {
    const after = [...level(30, 24, 100), ...level(30, 25)];
    const {relative} = areaOf(level(120, 21), after, {sign: 1, binSeconds: 1, alpha: 0.01})!;
    expect(relative!.lower).to.be.within(25, 30);
    expect(relative!.upper).to.be.within(30, 35);
  });

  it('is signed: what gets better counts against what gets worse, and worse may be lower', () => {
    const better = areaOf(level(120, 21), level(60, 23, -30), {sign: 1, binSeconds: 1, alpha: 0.01})!;
    expect(better.absolute.estimate).to.be.closeTo(-1800, 90);
    const lost = areaOf(level(120, 21), level(60, 23, -30), {sign: -1, binSeconds: 2, alpha: 0.01})!;
    expect(lost.absolute.estimate).to.be.closeTo(3600, 180);
    expect(lost.absolute.lower).to.be.below(lost.absolute.upper);
  });
});

describe('lost requests', () => {
  /** A second with so many of 50 requests failing, each with this chance. */
  const second = (random: () => number, chance: number) => ({
    events: Array.from({length: 50}, random).filter(value => value < chance).length,
    trials: 50,
  });

  it('have an interval that holds what the fault really cost', () => {
    const random = seededRandom(17);
    const runs = 300;
    let held = 0;
    for (let run = 0; run < runs; run++) {
      const usual = () => second(random, 0.02);
      const baseline = Array.from({length: 60}, usual);
      const asUsual = Array.from({length: 30}, usual);
      // 10 requests a second are lost for 15 s, among those that would have been fine.
      const affected = asUsual.map(({events, trials}, i) => ({events: events + (i < 15 ? 10 : 0), trials}));
      const {lower, upper} = lostRequests(baseline, affected, 0.01)!;
      if (lower <= 150 && upper >= 150) held++;
    }
    expect(held / runs).to.be.at.least(0.97);
  });

  it('are none without requests to compare with', () => {
    expect(lostRequests([], [{events: 1, trials: 5}], 0.01)).to.equal(undefined);
    expect(lostRequests([{events: 1, trials: 5}], [{events: 0, trials: 0}], 0.01)).to.equal(undefined);
  });
});

describe('the error budget', () => {
  const objective = {target: 0.999, periodSeconds: 30 * 86_400};
  const bins = (events: number, seconds: number) => Array.from({length: seconds}, () => ({events, trials: 100}));

  it('burns by the share of bad events over the allowed share', () => {
    expect(burnRate(bins(1, 60), objective)).to.be.closeTo(10, 1e-9);
    expect(budgetSpent(bins(1, 3600), objective, 1)).to.be.closeTo(10 / 720, 1e-9);
    expect([burnRate([], objective), budgetSpent([], objective, 1)]).to.deep.equal([null, null]);
  });

  it('spends the published shares at the published rates, and the cap at the rate for it', () => {
    const spent = BURN_ALERTS.map(({longSeconds, rate}) => (rate * longSeconds) / objective.periodSeconds);
    expect(spent[0]).to.be.closeTo(0.02, 1e-9);
    expect(spent[1]).to.be.closeTo(0.05, 1e-9);
    expect(spent[2]).to.be.closeTo(0.1, 1e-9);
    expect(burnRateForCap(0.001, objective, 120)).to.be.closeTo(21.6, 1e-9);
  });

  it('fires when the long and the short window burn, and not on what is over', () => {
    const [page] = BURN_ALERTS;
    const watch = {objective, binSeconds: 1};
    const quiet = bins(0, 3600);
    // 2 % of the requests fail: the hour burns at 14.4 after 0.0144/0.02 of it.
    const at = burnAlertAt([...quiet, ...bins(2, 3600)], page!, watch);
    expect(at).to.be.within(3600 + 2590, 3600 + 2595);
    expect(burnAlertAt([...quiet, ...bins(2, 2500), ...quiet], page!, watch)).to.equal(null);
  });
});
