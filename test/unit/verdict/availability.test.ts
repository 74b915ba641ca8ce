import {expect} from 'chai';
import type {MetricSpec} from '../../../src/experiment/experiment.js';
import type {Series} from '../../../src/record/evidence.js';
import {noValue, type Reason} from '../../../src/signals/missing.js';
import {compareAttempts, type Attempts} from '../../../src/verdict/judgement/availability.js';
import {recoveredSince} from '../../../src/verdict/judgement/recovery.js';
import type {MetricInterval, Result} from '../../../src/verdict/result.js';
import {
  BASELINE,
  deviating,
  deviationFile,
  FAULT,
  judged,
  levels,
  recorded,
  seriesFor,
  switchedBack,
} from '../../support/deviations.js';
import {loadMetric, sampledMetric, second, span} from '../../support/signals.js';

/** The fault of these records is judged from second 63 to 122: 60 samples. */
const FIRST = 63;

/** A series in which some seconds have no value for a reason. */
function failing(
  values: readonly (number | null)[],
  reasons: Readonly<Record<number, Reason>>,
  metric = 'latency',
): Series {
  const series = seriesFor(values, {metric});
  const samples = series.samples.map((sample, at) =>
    reasons[at] === undefined ? sample : {...sample, ...noValue(reasons[at], 'as the probe says')},
  );
  return {...series, samples};
}

const between = (from: number, to: number, reason: Reason): Record<number, Reason> =>
  Object.fromEntries(Array.from({length: to - from}, (_, i) => [from + i, reason]));

function run(
  reasons: Readonly<Record<number, Reason>>,
  metric: MetricSpec = deviating({deviation: {by: 0.5, critical: 2.5}}),
): Result {
  const series = failing(levels({before: 100}), reasons, metric.name);
  return judged(recorded(deviationFile([metric]), {series: [series]}));
}

const during = ({metrics}: Result, at = 0): MetricInterval => metrics[at]!.intervals.find(({kind}) => kind === 'on')!;

const latency = (overrides: Partial<MetricSpec> = {}) =>
  sampledMetric({
    name: 'latency',
    unit: 'ms',
    source: 'http',
    tolerance: {below: 400, settlesWithinMs: 0},
    ...overrides,
  });

const attempts = (failed: number, all: number): Attempts => ({
  bins: Array.from({length: all}, (_, i) => ({events: i < failed ? 1 : 0, trials: 1})),
  failures: [],
  unclear: false,
});

describe('the availability of what a metric measures', () => {
  it('got worse where 7 of 40 attempts failed and none of 45 before, and may have where 3 did', () => {
    const seven = compareAttempts({before: attempts(0, 45), during: attempts(7, 40)}, 0.01, 0.01);
    // Newcombe's lower limit at 1 % (Wilson at z = 2.326): 0.0297.
    expect(seven.effect!.difference.lower).to.be.closeTo(0.0297, 0.0005);
    expect(seven.chance).to.be.below(0.01);
    const three = compareAttempts({before: attempts(0, 45), during: attempts(3, 40)}, 0.01, 0.01);
    expect(three.chance).to.be.above(0.01);
    expect(three.inDoubt).to.equal(true);
  });

  it('is no worse with a single failure among many attempts, or with no more than before', () => {
    expect(compareAttempts({before: attempts(0, 45), during: attempts(1, 40)}, 0.01, 0.01).inDoubt).to.equal(false);
    expect(compareAttempts({before: attempts(4, 40), during: attempts(4, 40)}, 0.01, 0.01).inDoubt).to.equal(false);
    expect(compareAttempts({before: attempts(0, 10), during: attempts(1, 10)}, 0.01, 0.01).inDoubt).to.equal(true);
  });

  it('is not known where so much is missing because of us that the failures may be ours', () => {
    const unclear = {...attempts(20, 40), unclear: true};
    const compared = compareAttempts({before: attempts(0, 45), during: unclear}, 0.01, 0.01);
    expect(compared.chance).to.equal(1);
    expect(compared.inDoubt).to.equal(true);
  });
});

describe('a metric that is judged by its deviation', () => {
  it('deviates where the target failed for 12 of 60 seconds, and says how often, how and when', () => {
    const result = run(between(80, 92, 'status-503'));
    const text = '12 of 60 attempts failed: 503 ×12, from 09:01:20 to 09:01:31 (0 of 60 before, allowed +1%)';
    expect(result.exit).to.equal(7);
    expect(during(result).availability).to.deep.include({
      verdict: 'deviated',
      before: {failed: 0, attempts: 60},
      during: {failed: 12, attempts: 60},
      reasons: [{reason: 'status-503', count: 12, from: 80, to: 91}],
      text,
    });
    expect(during(result).verdict).to.equal('deviated');
    expect(result.headline).to.include(text);
    expect(result.metrics[0]!.explanation).to.include(text);
    expect(result.reasons[0]).to.include(text);
    expect(result.findings.map(({code}) => code))
      .to.include('hypothesis-broken')
      .and.not.include('signal-lost');
  });

  it('deviates where nothing came any more, which is no lost signal', () => {
    const result = run(between(FIRST, 123, 'refused'));
    expect(result.exit).to.equal(7);
    expect(during(result).deviation).to.include({verdict: 'deviated', grade: 'failed'});
    expect(result.headline).to.include('60 of 60 attempts failed: connection refused ×60');
    expect(result.findings.map(({code}) => code)).to.not.include('signal-lost');
  });

  it('says in words why TLS failed, and of records of older versions only that it did', () => {
    const {headline} = run(between(FIRST, 123, 'tls-CERT_HAS_EXPIRED'));
    expect(headline).to.include('60 of 60 attempts failed: TLS failed: the certificate has expired ×60');
    expect(run(between(FIRST, 123, 'tls')).headline).to.include('60 of 60 attempts failed: TLS failed ×60');
  });

  it('is open where the target may have failed more often than is allowed', () => {
    const result = run({70: 'timeout', 90: 'status-502', 110: 'timeout'});
    expect(result.verdict).to.equal('inconclusive');
    expect(during(result).deviation!.doubts.map(({code}) => code)).to.deep.equal(['target-failed']);
    expect(result.headline).to.include('3 of 60 attempts failed: timed out ×2, 502 ×1, from 09:01:10 to 09:01:50');
  });

  it('holds with a single failure, and tells it', () => {
    const result = run({30: 'reset', 90: 'reset'});
    expect(result.verdict).to.equal('held');
    expect(result.metrics[0]!.explanation).to.include(
      '1 of 60 attempts failed: connection reset ×1, at 09:01:30 (1 of 60 before',
    );
  });

  it('is not blamed for what is missing because of us, nor for what a record of an older version does not say', () => {
    const ours = run(between(80, 90, 'late'));
    expect(ours.verdict).to.equal('held');
    expect(during(ours)).to.not.have.property('availability');
    const values = levels({before: 100, during: at => (at >= 80 && at < 90 ? null : 100)});
    const old = judged(
      recorded(deviationFile([deviating({deviation: {by: 0.5, critical: 2.5}})]), {series: [seriesFor(values)]}),
    );
    expect(old.verdict).to.equal('held');
    expect(during(old)).to.not.have.property('availability');
    const gone = run(between(FIRST, 123, 'between'));
    expect(gone.verdict).to.equal('inconclusive');
    expect(gone.findings.map(({code}) => code)).to.include('signal-lost');
  });

  it('is not worse for its own failures where its control group failed as well', () => {
    const metric = deviating({deviation: {by: 0.5, critical: 2.5}, control: 'others'});
    const control = deviating({name: 'others', judge: [], deviation: {by: 0.5, critical: 2.5}});
    const series = ['latency', 'others'].map((name, id) => ({
      ...failing(levels({before: 100}), between(80, 92, 'timeout'), name),
      id,
    }));
    const result = judged(recorded(deviationFile([metric, control]), {series}));
    expect(during(result).availability).to.include({verdict: 'held'});
  });

  it('deviates over the blocks of a switchback in which its target failed', () => {
    const order = [true, false, false, true, true, false, true, false, false, true, true, false];
    const evidence = switchedBack({order, level: () => 100});
    const onAt = evidence.events.flatMap(event => (event.type === 'change.confirmed' ? [event.at.mono / 1e6] : []));
    const reasons = Object.fromEntries(onAt.flatMap(at => [4, 5].map(s => [Math.floor(at) + s, 'refused' as const])));
    const series = evidence.series.map(one => ({
      ...one,
      samples: one.samples.map((sample, at) =>
        reasons[at] === undefined ? sample : {...sample, ...noValue('refused', 'no')},
      ),
    }));
    const result = judged({...evidence, series});
    expect(result.metrics[0]!.overall).to.include({verdict: 'deviated'});
    expect(result.headline).to.match(/12 of \d+ attempts failed: connection refused ×12/);
  });
});

describe('a metric that is judged by its tolerance', () => {
  it('deviates where its target failed for 12 of 60 seconds, although every value was inside', () => {
    const result = run(between(80, 92, 'status-503'), latency());
    expect(result.exit).to.equal(7);
    expect(during(result).withinTolerance).to.equal(null);
    expect(result.headline).to.include('12 of 60 attempts failed: 503 ×12');
    const finding = result.findings.find(({code}) => code === 'hypothesis-broken')!;
    expect(finding.title).to.include('latency went without values');
    expect(finding.formula).to.include('20% of attempts to measure it failed');
    expect(finding.impact).to.match(/^latency was without values: 12 of 60 attempts failed: 503 ×12/);
  });

  it('deviates where nothing came any more', () => {
    const result = run(between(FIRST, 123, 'timeout'), latency());
    expect(result.exit).to.equal(7);
    expect(result.headline).to.include('60 of 60 attempts failed: timed out ×60');
  });

  it('forgives what failed before it had to have settled', () => {
    const patient = latency({tolerance: {below: 400, settlesWithinMs: 20_000}});
    expect(run(between(FIRST, 75, 'refused'), patient).verdict).to.equal('held');
    expect(run(between(90, 102, 'refused'), patient).exit).to.equal(7);
  });

  it('is not held by the values that came after the recovery', () => {
    const metric = latency();
    const series = failing(levels({before: 100}), between(120, 154, 'refused'));
    const result = judged(recorded(deviationFile([metric]), {series: [series], back: null}));
    const after = result.metrics[0]!.intervals.find(({kind}) => kind === 'recovery')!;
    expect(after.verdict).to.equal('deviated');
    expect(result.reasons.join()).to.include('latency still went without values');
  });
});

describe('the latency of a load', () => {
  const p95 = (overrides: Partial<MetricSpec>) =>
    loadMetric({name: 'p95', unit: 'ms', parameters: {of: 'checkout', measure: 'latency.p95'}, ...overrides});
  const byTolerance = p95({tolerance: {below: 400, settlesWithinMs: 0}});
  const loads = Array.from({length: 154}, (_, at) =>
    second(at, at >= BASELINE.to && at < FAULT.to ? {ok: 97, failed: 3} : {ok: 100}),
  );

  it('deviates where requests failed, although the failures were fast', () => {
    const result = judged(recorded(deviationFile([byTolerance]), {loads}));
    expect(result.exit).to.equal(7);
    expect(during(result).availability!.text).to.match(
      /^177 of 5900 requests failed: 503 ×177, from .* \(0 of 6000 before, allowed \+1%\)$/,
    );
  });

  it('is allowed the failures that the file allows the errors of the load, and settles with them', () => {
    const errors = loadMetric({tolerance: {below: 0.05, settlesWithinMs: 0}});
    const result = judged(recorded(deviationFile([byTolerance, errors]), {loads}));
    expect(result.verdict).to.equal('held');
    // 5 a second of 100 are the same 5 %.
    const rate = loadMetric({
      unit: 'per-second',
      parameters: {of: 'checkout', measure: 'errors.rate'},
      tolerance: {below: 5, settlesWithinMs: 0},
    });
    const asRate = judged(recorded(deviationFile([byTolerance, rate]), {loads}));
    expect(during(asRate).availability).to.include({verdict: 'held', allowed: 0.05});
    const strict = loadMetric({tolerance: {below: 0.01, settlesWithinMs: 60_000}});
    const settling = judged(recorded(deviationFile([byTolerance, strict]), {loads}));
    expect(settling.exit).to.not.equal(7);
  });

  it('is not blamed for requests that were never sent', () => {
    const unsent = loads.map((one, at) =>
      at >= BASELINE.to && at < FAULT.to ? second(at, {ok: 70, unsent: 30}) : one,
    );
    const result = judged(recorded(deviationFile([byTolerance]), {loads: unsent}));
    expect(during(result)).to.not.have.property('availability');
    expect(result.verdict).to.equal('inconclusive');
  });
});

describe('the recovery of a metric whose target fails', () => {
  const search = (nowSeconds: number) => ({
    fromUs: 30e6,
    nowUs: nowSeconds * 1e6,
    stableUs: 5e6,
    baseline: span(0, 30),
  });
  const at = (metric: MetricSpec, reasons: Readonly<Record<number, Reason>>, now: number) => {
    const values = Array.from({length: now}, (_, i) => 100 + (i % 3));
    return recoveredSince([metric], {series: [failing(values, reasons)], loads: []}, search(now));
  };
  const everyOther: Record<number, Reason> = Object.fromEntries(
    Array.from({length: 15}, (_, i) => [30 + 2 * i, 'refused' as const]),
  );

  for (const metric of [latency(), deviating()]) {
    const by = metric.tolerance === undefined ? 'deviation' : 'tolerance';
    it(`has not come back while it fails, by ${by}`, () => {
      expect(at(metric, between(30, 60, 'refused'), 60)).to.deep.include({state: 'not-yet'});
      expect(at(metric, {...between(30, 50, 'refused'), ...between(57, 60, 'refused')}, 60).state).to.equal('not-yet');
    });

    it(`has come back when it was answered for long enough after the last failures, by ${by}`, () => {
      const state = at(metric, between(33, 36, 'refused'), 75);
      expect(state.state).to.equal('yes');
      expect(state.sinceUs![1]).to.be.within(36e6, 75e6);
    });
  }

  it('has not come back when every other attempt fails, by deviation', () => {
    expect(at(deviating(), everyOther, 60).state).to.equal('not-yet');
  });

  it('has not come back while requests of its load fail', () => {
    const p95 = loadMetric({
      name: 'p95',
      unit: 'ms',
      parameters: {of: 'checkout', measure: 'latency.p95'},
      tolerance: {below: 400, settlesWithinMs: 0},
    });
    const loads = (until: number) =>
      Array.from({length: 60}, (_, s) => second(s, s >= 30 && s < until ? {ok: 30, failed: 20} : {ok: 50}));
    const ask = (until: number) => recoveredSince([p95], {series: [], loads: loads(until)}, search(60));
    expect(ask(60)).to.deep.equal({state: 'not-yet', basis: {waitingFor: ['p95: its target still fails']}});
    expect(ask(40)).to.deep.include({state: 'yes', sinceUs: [39e6, 41e6]});
  });
});
