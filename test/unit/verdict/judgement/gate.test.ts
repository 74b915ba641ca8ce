import {expect} from 'chai';
import type {MetricSpec} from '../../../../src/experiment/experiment.js';
import {seededRandom, type Random} from '../../../../src/quantities/random.js';
import {driftWarning, gateProblem, gatesIn, seenWords} from '../../../../src/verdict/gate-words.js';
import {steadyCounts} from '../../../../src/statistics/decisions/steady-counts.js';
import {steadyLatencies} from '../../../../src/statistics/decisions/steady-latencies.js';
import {shortestWindow} from '../../../../src/statistics/effects/detectable.js';
import {detectableShare, windowForShare} from '../../../../src/statistics/effects/detectable-share.js';
import {gateOf, type MetricGate} from '../../../../src/verdict/judgement/gate.js';
import {
  compareCounts,
  compareQuantiles,
  drawQuantile,
  type CountBin,
  type LatencySecond,
} from '../../../../src/statistics/index.js';
import {loadMetric, sampledMetric, second, series, span} from '../../../support/signals.js';
import {secondOf} from '../../../../scripts/calibrate/counts.js';
import {autoregressiveNoise} from '../../../../scripts/calibrate/noise.js';

const ALPHA = 0.01;
const noise = (bins: number, seed: number) => autoregressiveNoise(0.3).make(bins, seededRandom(seed));

function binomial(trials: number, share: number, random: Random): number {
  let events = 0;
  for (let i = 0; i < trials; i++) if (random() < share) events++;
  return events;
}

const errors = (seconds: number, {share, rate, random}: {share: number; rate: number; random: Random}): CountBin[] =>
  Array.from({length: seconds}, () => ({events: binomial(rate, share, random), trials: rate}));

/** Seconds of log-normal latencies around 20 ms. */
function latencies(seconds: number, random: Random, times = 1): LatencySecond[] {
  const latency = () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return 20_000 * times * Math.exp(0.4 * normal);
  };
  return Array.from({length: seconds}, () => secondOf(Array.from({length: 40}, latency)));
}

describe('the power of a comparison of counts', () => {
  it('is what it says: a rise of the detectable size is seen in about four of five runs', () => {
    for (const [share, rate] of [
      [0, 50],
      [0.02, 50],
    ] as const) {
      const [seconds, random] = [60, seededRandom(7)];
      const rules = {worse: 'higher', by: 0.01, critical: 0.5, faultBins: seconds, alpha: ALPHA} as const;
      let seen = 0;
      for (let run = 0; run < 300; run++) {
        const before = errors(seconds, {share, rate, random});
        const rise = steadyCounts(before, rules).detectable ?? NaN;
        const after = errors(seconds, {share: share + rise, rate, random});
        if ((compareCounts(before, after, ALPHA)?.difference.lower ?? 0) > 0) seen++;
      }
      // One standard error of 300 runs is 2.3 %.
      expect(seen / 300, `at ${share}`).to.be.within(0.72, 0.92);
    }
  });

  it('grows with the windows: the window for a rise is the shortest that sees it', () => {
    const perBin = {events: 0.5, trials: 50};
    const bins = windowForShare(perBin, 0.02, ALPHA) ?? NaN;
    const at = (length: number) =>
      detectableShare({events: perBin.events * length, trials: perBin.trials * length}, perBin.trials * length, ALPHA);
    expect(at(bins)).to.be.at.most(0.02);
    expect(at(bins - 1)).to.be.above(0.02);
    expect(windowForShare(perBin, 0.000_001, ALPHA)).to.equal(null);
  });

  it('finds that window in a few looks, whatever stays however long it is', () => {
    let looks = 0;
    for (const [size, power, rest] of [
      [1, 0.5, 0],
      [30, 0.5, 0],
      [30, 0.4, 0.01],
      [0.01, 0.5, 0],
      [5, 0.2, 0.05],
      [900, 0.5, 0.09],
    ] as const) {
      const least = (bins: number) => {
        looks++;
        return size / bins ** power + rest;
      };
      const exact = Math.max(1, Math.ceil((size / (0.1 - rest)) ** (1 / power)));
      const found = shortestWindow(least, 0.1);
      if (exact > 604_800) expect(found).to.equal(null);
      else expect(found).to.be.within(exact, exact * 1.001 + 1);
    }
    expect(looks).to.be.below(60);
    expect(shortestWindow(() => 0, 0)).to.equal(1);
    expect(shortestWindow(() => Infinity, 1)).to.equal(null);
  });

  it('knows nothing without traffic', () => {
    expect(detectableShare({events: 0, trials: 0}, 100, ALPHA)).to.equal(null);
    expect(windowForShare({events: 0, trials: 0}, 0.1, ALPHA)).to.equal(null);
  });
});

describe('the gate for a share of failures', () => {
  const rules = {worse: 'higher', by: 0.01, critical: 0.05, faultBins: 60, alpha: ALPHA} as const;
  const quiet = (seconds: number, share = 0.005) => errors(seconds, {share, rate: 50, random: seededRandom(3)});

  it('lets a quiet baseline pass, also one without a single error', () => {
    expect(steadyCounts(quiet(60), rules)).to.deep.include({state: 'steady'});
    const clean = steadyCounts(quiet(60, 0), rules);
    expect(clean.state).to.equal('steady');
    expect(clean.detectable).to.be.within(0.001, 0.01);
  });

  it('stops where one half fails more than the other by more than is allowed', () => {
    expect(steadyCounts([...quiet(40), ...quiet(40, 0.06)], rules).state).to.equal('not-steady');
    expect(steadyCounts([...quiet(40, 0.06), ...quiet(40)], rules).state).to.equal('not-steady');
  });

  it('refuses what could not even see the critical change, and says what would do', () => {
    const slow = errors(40, {share: 0.02, rate: 2, random: seededRandom(4)});
    const gate = steadyCounts(slow, {...rules, faultBins: 10});
    expect(gate.state).to.equal('underpowered');
    expect(gate.detectable).to.be.above(0.05);
    expect(gate.windowForCritical).to.be.above(40);
  });

  it('asks for more seconds, and for any traffic at all', () => {
    expect(steadyCounts(quiet(12), rules).state).to.equal('too-short');
    const idle = Array.from({length: 60}, () => ({events: 0, trials: 0}));
    expect(steadyCounts(idle, rules)).to.deep.include({state: 'too-short', detectable: null});
  });
});

describe('the gate for a quantile', () => {
  const rules = {worse: 'higher', by: 0.1, critical: 0.5, faultBins: 30, alpha: ALPHA} as const;
  const baseline = (seconds: readonly LatencySecond[]) => ({seconds, quantile: 0.95, perSecond: []});
  const gate = (seconds: readonly LatencySecond[], more: Partial<typeof rules> = {}) =>
    steadyLatencies(baseline(seconds), {...rules, ...more, random: seededRandom(1)});

  it('lets a steady baseline pass, with the change that the comparison will see in about four of five runs', () => {
    const random = seededRandom(11);
    let [seen, passed] = [0, 0];
    for (let run = 0; run < 60; run++) {
      const seconds = latencies(60, random);
      const {state, detectable} = gate(seconds);
      passed += state === 'steady' ? 1 : 0;
      const before = drawQuantile(seconds, 0.95, random)!;
      const after = drawQuantile(latencies(30, random, 1 + (detectable ?? NaN)), 0.95, random)!;
      if (compareQuantiles(before, after, ALPHA)!.log.lower > 0) seen++;
    }
    // One standard error of 60 runs is 5 %.
    expect(seen / 60).to.be.within(0.65, 0.95);
    expect(passed).to.be.at.least(57);
  });

  it('stops a baseline that gets slower in the middle, refuses what sees too little, and asks for more', () => {
    const random = seededRandom(12);
    expect(gate([...latencies(30, random), ...latencies(30, random, 1.6)]).state).to.equal('not-steady');
    expect(gate(latencies(40, random), {faultBins: 1, by: 0.02, critical: 0.05} as never).state).to.equal(
      'underpowered',
    );
    expect(gate(latencies(20, random)).state).to.equal('too-short');
    expect(gate([])).to.deep.include({state: 'too-short', detectable: null});
  });
});

describe('the gate over the metrics of an experiment', () => {
  const deviation = {by: 0.1, critical: 0.5};
  const depth = sampledMetric({deviation, worse: 'higher'});
  const {tolerance: _tolerance, ...bare} = depth;
  const rules = {baseline: span(0, 60), faultMs: 60_000, alpha: ALPHA, random: seededRandom(1)};
  const look = (metric: MetricSpec, data: Parameters<typeof gateOf>[1], all: readonly MetricSpec[] = [metric]) =>
    gateOf([metric], data, {...rules, all});

  it('answers for every subject by itself', () => {
    const data = {
      series: [
        series(noise(60, 1), {subject: 'a', id: 1}),
        series([...noise(30, 2), ...noise(30, 3).map(value => value * 2)], {subject: 'b', id: 2}),
      ],
      loads: [],
    };
    expect(look(bare, data).map(({subject, state}) => [subject, state])).to.deep.equal([
      ['a', 'steady'],
      ['b', 'not-steady'],
    ]);
  });

  it('says what was not measured, or not often enough', () => {
    expect(look(bare, {series: [], loads: []})[0]).to.include({state: 'unmeasured', bins: 0});
    const holes = noise(60, 4).map((value, i) => (i % 3 === 0 ? null : value));
    expect(look(bare, {series: [series(holes)], loads: []})[0]).to.include({state: 'unmeasured', bins: 40});
  });

  it('suggests no length for a trend, and none that nobody would choose', () => {
    const rising = noise(60, 1).map((value, i) => value * (1 + i / 60));
    const [trend] = look({...bare, deviation: {by: 2, critical: 9}}, {series: [series(rising)], loads: []});
    const lengths = ({allowedNeedsMs, criticalNeedsMs, noiseNeedsMs}: MetricGate) => [
      allowedNeedsMs,
      criticalNeedsMs,
      noiseNeedsMs,
    ];
    expect(trend!.trend).to.equal(true);
    expect(lengths(trend!)).to.deep.equal([null, null, null]);
    const [steady] = look({...bare, deviation: {by: 0.001, critical: 9}}, {series: [series(noise(60, 1))], loads: []});
    expect(steady!.trend).to.equal(undefined);
    expect(steady!.allowedNeedsMs).to.equal(null);
    expect(steady!.criticalNeedsMs).to.be.within(1, 60_000);
  });

  it('counts failures of a load, and looks at the noise of its quantiles', () => {
    const loads = Array.from({length: 60}, (_, i) => second(i, {ok: 50, latencyMs: 20 + (i % 5)}));
    const {tolerance: _, ...load} = loadMetric({deviation: {by: 0.01, critical: 0.05}});
    expect(look(load, {series: [], loads})[0]).to.include({state: 'steady', of: 'share', bins: 60});
    const p95 = {...load, parameters: {of: 'checkout', measure: 'latency.p95'}, deviation};
    expect(look(p95, {series: [], loads})[0]).to.include({state: 'steady', of: 'relative'});
  });

  it('judges a metric with a control group by the distance to it: what moves both is steady', () => {
    const day = (i: number) => (i < 30 ? 1 : 1.6);
    const data = {
      series: [
        series(
          noise(60, 5).map((value, i) => value * day(i)),
          {metric: 'queue depth', id: 1},
        ),
        series(
          noise(60, 6).map((value, i) => value * day(i)),
          {metric: 'depth elsewhere', id: 2},
        ),
      ],
      loads: [],
    };
    const control = {...bare, name: 'depth elsewhere', judge: []};
    expect(look(bare, data)[0]?.state).to.equal('not-steady');
    const beside = {...bare, control: 'depth elsewhere'};
    expect(look(beside, data, [beside, control])[0]?.state).to.equal('steady');
  });

  it('tells a metric that can be zero in shares of its mean, and one that always is in units', () => {
    const around = noise(60, 7).map((value, i) => (i === 5 ? 0 : value));
    expect(look(bare, {series: [series(around)], loads: []})[0]).to.include({of: 'relative'});
    const zero = look(bare, {series: [series(new Array(60).fill(0) as number[])], loads: []})[0];
    expect(zero).to.include({of: 'unit', state: 'steady', detectable: 0});
  });
});

describe('what the gate says', () => {
  const gate: MetricGate = {
    metric: 'checkout latency',
    state: 'underpowered',
    of: 'relative',
    detectable: 0.7231,
    allowed: 0.1,
    critical: 0.5,
    bins: 40,
    binMs: 1000,
    allowedNeedsMs: 900_000,
    criticalNeedsMs: 249_001,
    noiseNeedsMs: 30_000,
    change: 0.31,
    drift: 0.2,
    driftWarns: true,
  };

  it('names the figure, the critical change and what would do', () => {
    expect(gateProblem(gate)).to.equal(
      'this run could only see a change of 72% in checkout latency, the critical change is 50%; a baseline and faults of 4m10s would do',
    );
    expect(gateProblem({...gate, criticalNeedsMs: null})).to.match(
      /; longer windows would hardly do: a steadier load or a larger `critical` change would$/,
    );
    expect(gateProblem({...gate, criticalNeedsMs: null, trend: true})).to.match(
      /; it has a trend, which a longer time would not end: let it settle first, with a longer warm-up$/,
    );
    expect(gateProblem({...gate, blocks: true})).to.match(/; a fault that is on for 4m10s would do$/);
    expect(gateProblem({...gate, of: 'share', detectable: null})).to.include('could see no change at all');
  });

  it('names what is not steady, not known, not measured, or drifting', () => {
    expect(gateProblem({...gate, state: 'not-steady', subject: 'pod-1'})).to.equal(
      'checkout latency of pod-1 is not steady: the second half of the baseline differs from the first by 31%, allowed 10%',
    );
    expect(gateProblem({...gate, state: 'too-short'})).to.equal(
      'checkout latency was measured too few times to know how it varies by itself (40 values of 1s); a baseline of 30s would do',
    );
    expect(gateProblem({...gate, state: 'unmeasured', bins: 0})).to.match(/nothing was measured$/);
    expect(driftWarning(gate)).to.match(/^checkout latency has a trend: if it goes on, it moves by 20%/);
    expect(driftWarning({...gate, driftWarns: false})).to.equal(undefined);
  });

  it('tells what the run can see, of the subjects of a metric the coarsest', () => {
    const fine = {...gate, subject: 'a', detectable: 0.06};
    const shares = {...gate, metric: 'errors', of: 'share', detectable: 0.008} as const;
    expect(seenWords([fine, {...fine, subject: 'b', detectable: 0.12}, shares])).to.equal(
      'changes from 12% in checkout latency of b and 0.8% of the requests in errors',
    );
    expect(seenWords([fine, {...shares, detectable: 0}])).to.equal(
      'changes from 6% in checkout latency of a; any change in errors',
    );
    expect(seenWords([{...shares, detectable: 0}])).to.equal('any change in errors');
    expect(seenWords([{...gate, detectable: null}])).to.equal(undefined);
  });

  it('is found again in the record, and records of earlier versions have none', () => {
    expect(
      gatesIn([
        {metric: 'x', gates: [{...gate}]},
        {metric: 'y', value: 1},
      ]),
    ).to.deep.equal([gate]);
    for (const basis of [null, 'x', {a: 1}, [1, null, 'x']]) expect(gatesIn(basis)).to.deep.equal([]);
  });
});
