import {expect} from 'chai';
import fc from 'fast-check';
import {seededRandom} from '../../../src/quantities/random.js';
import {
  benjaminiHochberg,
  holm,
  judgeMetrics,
  overallVerdict,
  steadyState,
  type Bins,
  type JudgedMetric,
  type LatencySecond,
} from '../../../src/statistics/index.js';
import {secondOf} from '../../../scripts/calibrate/counts.js';
import {autoregressiveNoise} from '../../../scripts/calibrate/noise.js';

const noise = (bins: number, seed: number, times = 1) =>
  autoregressiveNoise(0.3)
    .make(bins, seededRandom(seed))
    .map(value => value * times);

const metric = (baseline: Bins, fault: Bins, overrides: Partial<JudgedMetric> = {}): JudgedMetric => ({
  name: 'latency',
  measured: {kind: 'bins', baseline, fault},
  worse: 'higher',
  by: 0.1,
  critical: 0.5,
  primary: true,
  ...overrides,
});

const rules = () => ({alpha: 0.01, random: seededRandom(1)});
const judgeOne = (one: JudgedMetric) => judgeMetrics([one], rules())[0]!;

describe('the verdict about a metric', () => {
  it('is held only when the whole interval is inside what is allowed', () => {
    expect(judgeOne(metric(noise(300, 1), noise(300, 2)))).to.deep.include({verdict: 'held', grade: null, doubts: []});
    const short = judgeOne(metric(noise(60, 1), noise(60, 2)));
    expect(short).to.deep.include({verdict: 'inconclusive', doubts: ['wide-interval']});
    expect(short.settles).to.be.within(60, 1000);
  });

  it('suggests no window that nobody would choose, and none where it is not the length that is missing', () => {
    const [base, same] = [noise(60, 1), noise(60, 2)];
    // Beyond what is allowed, or so near to it that days would be needed.
    for (const times of [1.055, 1.06, 1.065, 1.07, 1.1]) {
      expect(judgeOne(metric(base, noise(60, 2, times)))).to.deep.include({verdict: 'inconclusive', settles: null});
    }
    // A trend is still there in a longer window.
    const rising = [...base, ...same].map((value, i) => value * (1 + i / 100));
    expect(judgeOne(metric(rising.slice(0, 60), rising.slice(60), {by: 2, critical: 9})).settles).to.equal(null);
    // Ten times as long at the most, whatever the noise.
    for (let seed = 1; seed < 40; seed++) {
      const {settles} = judgeOne(metric(noise(60, seed), noise(60, 100 + seed)));
      expect(settles ?? 61).to.be.within(61, 600);
    }
  });

  it('does not take one event of two seconds for the noise of the next run', () => {
    const withEvent = (values: number[]) => values.map((value, i) => (i === 20 || i === 21 ? 10 * value : value));
    const judged = judgeOne(metric(noise(60, 1), withEvent(noise(60, 2)), {by: 0.22}));
    expect(judged.verdict).to.equal('inconclusive');
    expect(judged.settles).to.be.within(61, 200);
    // Two days of seconds, if that noise were to stay.
    const near = judgeOne(metric(noise(60, 3), withEvent(noise(60, 5)), {by: 0.2}));
    expect(near).to.deep.include({verdict: 'inconclusive', settles: null});
  });

  it('is deviated when the whole interval is beyond it, and failed when it is beyond the critical change', () => {
    const base = noise(60, 3);
    expect(judgeOne(metric(base, noise(60, 4, 1.45)))).to.include({
      verdict: 'deviated',
      grade: 'degraded',
      transient: false,
    });
    expect(judgeOne(metric(base, noise(60, 4, 3)))).to.include({verdict: 'deviated', grade: 'failed'});
  });

  it('holds for a metric that never moves, also at zero, of which no share is allowed, and deviates when it does', () => {
    for (const level of [0, 5]) {
      const still = new Array<number>(60).fill(level);
      expect(judgeOne(metric(still, still))).to.deep.include({verdict: 'held', doubts: []});
      expect(judgeOne(metric(still, new Array<number>(60).fill(level + 1))).verdict).to.equal('deviated');
    }
  });

  it('looks in the direction that is worse, or in both', () => {
    const [base, fewer] = [noise(120, 5), noise(120, 6, 0.5)];
    expect(judgeOne(metric(base, fewer)).verdict).to.equal('held');
    expect(judgeOne(metric(base, fewer, {worse: 'lower', critical: 0.9})).grade).to.equal('degraded');
    expect(judgeOne(metric(base, fewer, {worse: 'either'})).verdict).to.equal('deviated');
    expect(judgeOne(metric(noise(300, 5), noise(300, 6), {worse: 'either'})).verdict).to.equal('held');
  });

  it('finds a transient that the mean of the window hides, and says that it is one', () => {
    const fault = noise(300, 8).map((value, i) => (i >= 100 && i < 106 ? value * 4 : value));
    const judged = judgeOne(metric(noise(300, 7), fault));
    expect(judged).to.include({verdict: 'deviated', grade: 'degraded', transient: true});
    expect(judged.detection!.detected).to.be.within(101, 106);
    expect(judged.detection!.onset).to.be.at.most(101);
  });

  it('is not proven by latencies that only look longer because requests left late', () => {
    const [base, same, more] = [noise(300, 1), noise(300, 2), noise(300, 2, 1.5)];
    expect(judgeOne(metric(base, more, {late: 'during'}))).to.deep.include({
      verdict: 'inconclusive',
      doubts: ['late-during'],
      settles: null,
    });
    expect(judgeOne(metric(base, same, {late: 'before'}))).to.deep.include({
      verdict: 'inconclusive',
      doubts: ['late-before'],
    });
    // Lateness before the fault makes a change look smaller, during it makes what held look worse.
    expect(judgeOne(metric(base, more, {late: 'before'})).verdict).to.equal('deviated');
    expect(judgeOne(metric(base, same, {late: 'during'})).verdict).to.equal('held');
    expect(judgeOne(metric(base, same, {late: 'both'})).verdict).to.equal('inconclusive');
  });

  it('is never held without enough values, or enough independent ones', () => {
    const still = new Array<number>(20).fill(5);
    expect(judgeOne(metric(still, still))).to.deep.include({
      verdict: 'inconclusive',
      doubts: ['few-values'],
      settles: 30,
    });
    const slow = autoregressiveNoise(0.97).make(240, seededRandom(9));
    const judged = judgeOne(metric(slow.slice(0, 120), slow.slice(120), {by: 30, critical: 40}));
    expect(judged.doubts).to.include('few-independent-values');
    expect(judged.settles).to.be.above(120);
  });

  it('says how many values would do where few of them are far beyond what is allowed', () => {
    const bins = (seconds: number, events: number) => Array.from({length: seconds}, () => ({events, trials: 50}));
    const measured = {kind: 'counts', baseline: bins(32, 0), fault: bins(4, 50)} as const;
    const {verdict, doubts, settles} = judgeOne(metric([], [], {measured, by: 0.01, critical: 0.05}));
    expect({verdict, settles}).to.deep.equal({verdict: 'inconclusive', settles: 30});
    expect(doubts).to.include('few-values');
  });

  it('is never deviated on the ground of a handful of values', () => {
    const few = (level: number) => Array.from({length: 7}, (_, i) => level + (i % 2));
    expect(judgeOne(metric(few(10), few(90))).verdict).to.equal('inconclusive');
  });

  it('is inconclusive for lost signals, gaps, moving averages and unsteady baselines, whatever the numbers say', () => {
    const [base, bad] = [noise(100, 10), noise(100, 11, 5)];
    expect(judgeOne(metric(base, new Array<null>(100).fill(null))).doubts).to.deep.equal(['signal-lost']);
    expect(judgeOne(metric([], [])).doubts).to.deep.equal(['nothing-measured']);
    const gaps = bad.map((value, i) => (i % 3 === 0 ? null : value));
    expect(judgeOne(metric(base, gaps))).to.deep.include({verdict: 'inconclusive', settles: null});
    expect(judgeOne(metric(base, bad, {smoothed: true})).doubts).to.deep.equal(['smoothed']);
    expect(judgeOne(metric(base, bad, {unsteady: true})).verdict).to.equal('inconclusive');
  });

  it('judges failed requests exactly, with what is allowed as a difference of shares', () => {
    const bins = (events: number) => Array.from({length: 60}, () => ({events, trials: 50}));
    const counts = (before: number, after: number): JudgedMetric['measured'] => ({
      kind: 'counts',
      baseline: bins(before),
      fault: bins(after),
    });
    const shares = (measured: JudgedMetric['measured'], by: number) =>
      judgeOne(metric([], [], {measured, by, critical: 0.2})).verdict;
    expect(shares(counts(0, 0), 0.01)).to.equal('held');
    expect(shares(counts(0, 2), 0.01)).to.equal('deviated');
    expect(shares(counts(0, 1), 0)).to.equal('deviated');
    expect(shares(counts(0, 0), 0.0001)).to.equal('inconclusive');
  });

  it('judges quantiles of latency over all requests, and unanswered requests as slower than all', () => {
    const random = seededRandom(3);
    const second = (times: number, unanswered = 0): LatencySecond =>
      secondOf(
        Array.from({length: 50}, () => times * 10_000 * (0.8 + 0.4 * random())),
        unanswered,
      );
    const latency = (fault: LatencySecond[]) =>
      judgeOne(
        metric([], [], {
          measured: {kind: 'latency', quantile: 0.95, baseline: Array.from({length: 60}, () => second(1)), fault},
        }),
      );
    expect(latency(Array.from({length: 60}, () => second(1))).verdict).to.equal('held');
    expect(latency(Array.from({length: 60}, () => second(1.4)))).to.include({verdict: 'deviated', grade: 'degraded'});
    const dead = latency(Array.from({length: 60}, () => second(1, 10)));
    expect(dead).to.include({verdict: 'deviated', grade: 'failed'});
    expect(latency([]).verdict).to.equal('inconclusive');
  });
});

describe('the verdict about several metrics', () => {
  it('is deviated when a primary one is, and held when all primary ones are', () => {
    const good = metric(noise(300, 20), noise(300, 21), {name: 'good'});
    const bad = metric(noise(300, 22), noise(300, 23, 2), {name: 'bad'});
    const open = metric(noise(30, 24), noise(30, 25), {name: 'open'});
    const overall = (...metrics: JudgedMetric[]) => overallVerdict(judgeMetrics(metrics, rules()));
    expect(overall(good, bad)).to.equal('deviated');
    expect(overall(good, good)).to.equal('held');
    expect(overall(good, open)).to.equal('inconclusive');
    expect(overall(good, {...bad, primary: false})).to.equal('held');
    expect(overall({...bad, primary: false})).to.equal(null);
  });

  it('shows secondary metrics that moved', () => {
    const bad = metric(noise(300, 22), noise(300, 23, 2), {primary: false});
    const good = metric(noise(300, 20), noise(300, 21), {primary: false});
    expect(judgeMetrics([bad, good], rules()).map(({moved}) => moved)).to.deep.equal([true, false]);
  });

  it('is the same in another unit, in another order, and beside a gap of one bin', () => {
    const cases = [1, 1.15, 1.3, 2].map((times, i) =>
      metric(noise(90, 40 + i), noise(90, 50 + i, times), {name: String(times)}),
    );
    const verdicts = (metrics: readonly JudgedMetric[]) =>
      Object.fromEntries(judgeMetrics(metrics, rules()).map(({name, verdict, grade}) => [name, [verdict, grade]]));
    const plain = verdicts(cases);
    const changed = (change: (bins: Bins) => Bins) =>
      cases.map(one => {
        const {baseline, fault} = one.measured as {baseline: Bins; fault: Bins};
        return metric(change(baseline), change(fault), {name: one.name});
      });
    expect(verdicts(changed(bins => bins.map(value => value! * 1000)))).to.deep.equal(plain);
    expect(verdicts(changed(bins => bins.map(value => value! / 1e6)))).to.deep.equal(plain);
    expect(verdicts([...cases].reverse())).to.deep.equal(plain);
    expect(verdicts(changed(bins => [...bins, null]))).to.deep.equal(plain);
    expect(verdicts(changed(bins => [...bins, NaN].map(value => (Number.isNaN(value) ? null : value))))).to.deep.equal(
      plain,
    );
  });

  it('does not become worse because a metric is given twice', () => {
    const bad = metric(noise(60, 60), noise(60, 61, 3), {name: 'bad'});
    const [first, second] = judgeMetrics([bad, {...bad, name: 'again'}], rules());
    expect([first!.verdict, second!.verdict]).to.deep.equal(['deviated', 'deviated']);
  });
});

describe('several tests at once', () => {
  it('Holm goes on as long as the next p-value is small enough for the ones that are left', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005], 0.05)).to.deep.equal([true, false, false, true]);
    expect(holm([0.001, 0.002], 0.01)).to.deep.equal([true, true]);
    expect(holm([], 0.01)).to.deep.equal([]);
    expect(holm([NaN], 0.01)).to.deep.equal([false]);
  });

  it('Benjamini and Hochberg take all up to the last that is small enough', () => {
    expect(benjaminiHochberg([0.01, 0.03, 0.035, 0.2], 0.05)).to.deep.equal([true, true, true, false]);
    expect(benjaminiHochberg([0.6], 0.05)).to.deep.equal([false]);
  });

  it('never reject more than plain tests at alpha, and at least what Bonferroni does', () => {
    fc.assert(
      fc.property(fc.array(fc.double({min: 0, max: 1, noNaN: true}), {minLength: 1, maxLength: 8}), chances => {
        holm(chances, 0.05).forEach((rejected, i) => {
          expect(!rejected || chances[i]! <= 0.05).to.equal(true);
          expect(rejected || chances[i]! > 0.05 / chances.length).to.equal(true);
        });
      }),
    );
  });
});

describe('the gate before the injection', () => {
  const plan = {worse: 'higher', by: 0.1, critical: 0.5, faultBins: 60, alpha: 0.01} as const;

  it('lets a steady baseline pass, with the change that will be seen and the window that sees the allowed one', () => {
    const gate = steadyState(noise(120, 70), plan);
    expect(gate.state).to.equal('steady');
    expect(gate.detectable).to.be.within(0.08, 0.4);
    expect(gate.windowForAllowed).to.be.above(gate.windowForCritical!);
  });

  it('stops a baseline that changes in the middle', () => {
    expect(steadyState([...noise(60, 71), ...noise(60, 72, 2)], plan).state).to.equal('not-steady');
    expect(steadyState([...noise(60, 71), ...noise(60, 72, 0.5)], plan).state).to.equal('not-steady');
  });

  it('asks for more when there is too little to know', () => {
    expect(steadyState(noise(20, 73), plan).state).to.equal('too-short');
    expect(steadyState([null], plan)).to.include({state: 'too-short', detectable: null});
  });

  it('refuses an experiment that could not even see the critical change', () => {
    const coarse = noise(120, 74).map((value, i) => value * (i % 7 === 0 ? 8 : 1));
    const gate = steadyState(coarse, {...plan, faultBins: 8});
    expect(gate.state).to.equal('underpowered');
    expect(gate.detectable).to.be.above(0.5);
  });

  it('warns of a drift that would pass for an effect', () => {
    const drifting = noise(200, 75).map((value, i) => value * (1 + i / 600));
    expect(steadyState(drifting, {...plan, by: 0.2}).drift).to.deep.include({warn: true});
    expect(steadyState(noise(200, 76), plan).drift).to.deep.include({warn: false});
  });
});
