import {expect} from 'chai';
import fc from 'fast-check';
import {judgeWindow, settledWindow} from '../../../../src/verdict/judgement/window.js';
import {loadMetric, sampledMetric, second, seconds, series, span} from '../../../support/signals.js';

const judgeSeries = (values: readonly (number | null)[]) =>
  judgeWindow(sampledMetric(), {series: [series(values)], loads: []}, span(0, values.length));

describe('judging one window of a load metric', () => {
  const judge = (loads: ReturnType<typeof seconds>, to = 10, metric = loadMetric()) =>
    judgeWindow(metric, {series: [], loads}, span(0, to));

  it('holds when the ratio over all requests is inside the tolerance', () => {
    const judgement = judge(seconds(0, 10, {ok: 50}));
    expect(judgement).to.include({verdict: 'held', withinTolerance: true, value: 0, samples: 500, missing: 0});
  });

  it('deviates by the ratio of sums, not by the mean of the seconds', () => {
    const judgement = judge([...seconds(0, 9, {ok: 100}), second(9, {ok: 0, failed: 1})]);
    expect(judgement.verdict).to.equal('held');
    expect(judgement.max).to.equal(1);
    expect(judge([...seconds(0, 9, {ok: 100}), second(9, {ok: 0, failed: 20})]).verdict).to.equal('deviated');
  });

  it('says what the failed requests came to, of TLS the reason in words', () => {
    const judgement = judge(seconds(0, 10, {ok: 40, failed: 10}));
    expect(judgement.why).to.equal('20% over 500 requests (100 status-503), allowed below 1%');
    const expired = seconds(0, 10, {failed: 10}).map(one => ({
      ...one,
      outcomes: {'tls-CERT_HAS_EXPIRED': [[0, 10]] as const},
    }));
    expect(judge(expired).why).to.equal(
      '100% over 100 requests (100 tls: the certificate has expired), allowed below 1%',
    );
    const latency = loadMetric({unit: 'ms', parameters: {of: 'checkout', measure: 'latency.p95'}});
    expect(judge(expired, 10, latency).why).to.equal('no request was answered (100 tls: the certificate has expired)');
    expect(judge(seconds(0, 10, {ok: 1000, failed: 1})).why).to.equal('0.0999% over 10010 requests, allowed below 1%');
  });

  it('leaves out seconds that lie only partly inside the window', () => {
    const loads = [second(0, {failed: 50}), ...seconds(1, 9, {ok: 50}), second(9, {failed: 50})];
    const judgement = judgeWindow(loadMetric(), {series: [], loads}, {fromUs: 500_000, toUs: 9_500_000});
    expect(judgement).to.include({verdict: 'held', samples: 400});
  });

  it('is inconclusive without any request, and says so', () => {
    expect(judge([])).to.include({verdict: 'inconclusive', value: null});
    const idle = judge(seconds(0, 10, {}));
    expect(idle).to.include({verdict: 'inconclusive', withinTolerance: null});
    expect(idle.why).to.include('no request');
  });

  it('is inconclusive when most seconds of the window are not on record', () => {
    const judgement = judge(seconds(0, 4, {ok: 50}));
    expect(judgement.verdict).to.equal('inconclusive');
    expect(judgement.why).to.include('only 4 of 10 seconds');
  });

  it('is inconclusive when the generator sent less than 95 % of what was intended', () => {
    const judgement = judge(seconds(0, 10, {ok: 45, unsent: 5}));
    expect(judgement).to.include({verdict: 'inconclusive', withinTolerance: null, missing: 50});
    expect(judgement.why).to.include('450 of 500');
  });

  it('still deviates when even the requests that could not be sent would not have saved it', () => {
    expect(judge(seconds(0, 10, {ok: 10, failed: 10, unsent: 30})).verdict).to.equal('deviated');
  });

  it('blames a late generator, not the system', () => {
    expect(judge(seconds(0, 10, {ok: 10, failed: 10, unsent: 30, lagMs: 900})).verdict).to.equal('inconclusive');
  });

  describe('when the generator was late', () => {
    const latency = loadMetric({
      parameters: {of: 'checkout', measure: 'latency.p95'},
      unit: 'ms',
      tolerance: {below: 100, settlesWithinMs: 0},
    });

    it('does not blame the system for latencies that are too high', () => {
      const judgement = judge(seconds(0, 10, {ok: 50, latencyMs: 200, lagMs: 60}), 10, latency);
      expect(judgement).to.include({verdict: 'inconclusive', withinTolerance: null});
      expect(judgement.why).to.include('generator-limited');
    });

    it('still believes latencies that are fine, and says so', () => {
      const judgement = judge(seconds(0, 10, {ok: 50, latencyMs: 90, lagMs: 60}), 10, latency);
      expect(judgement).to.include({verdict: 'held', withinTolerance: true});
      expect(judgement.why).to.include('although generator-limited');
    });

    it('takes no notice of lateness below 5 ms, or below a tenth of the latencies', () => {
      expect(judge(seconds(0, 10, {ok: 50, latencyMs: 101, lagMs: 4.9}), 10, latency).verdict).to.equal('deviated');
      expect(judge(seconds(0, 10, {ok: 50, latencyMs: 900, lagMs: 80}), 10, latency).verdict).to.equal('deviated');
    });

    it('judges errors all the same: lateness makes none', () => {
      expect(judge(seconds(0, 10, {ok: 25, failed: 25, lagMs: 60})).verdict).to.equal('deviated');
    });
  });

  it('only observes a metric without a tolerance', () => {
    const {tolerance: _, ...observed} = loadMetric();
    expect(judge(seconds(0, 10, {ok: 50}), 10, observed)).to.include({verdict: null, withinTolerance: null, value: 0});
  });

  it('measures latency from the merged histograms in milliseconds', () => {
    const metric = loadMetric({
      parameters: {of: 'checkout', measure: 'latency.p95'},
      unit: 'ms',
      tolerance: {below: 400, settlesWithinMs: 0},
    });
    const judgement = judge(
      [...seconds(0, 9, {ok: 50, latencyMs: 20}), second(9, {ok: 50, latencyMs: 900})],
      10,
      metric,
    );
    expect(judgement.verdict).to.equal('deviated');
    expect(judgement.value).to.be.closeTo(900, 9);
  });

  it('never holds below 95 % sent, whatever was answered', () => {
    fc.assert(
      fc.property(fc.integer({min: 0, max: 90}), fc.integer({min: 0, max: 90}), (ok, failed) => {
        const unsent = Math.ceil((ok + failed) * 0.06) + 1;
        expect(judge(seconds(0, 10, {ok, failed, unsent})).verdict).to.not.equal('held');
      }),
    );
  });
});

describe('judging one window of a sampled metric', () => {
  it('holds when all samples are inside', () => {
    expect(judgeSeries([1, 2, 3, 4])).to.include({verdict: 'held', value: 2.5, min: 1, max: 4, samples: 4});
  });

  it('deviates when two samples in a row are outside', () => {
    expect(judgeSeries([1, 200, 300, 1]).verdict).to.equal('deviated');
  });

  it('reports a single outlier as a near miss and holds', () => {
    const judgement = judgeSeries([1, 2, 500, 3, 4]);
    expect(judgement).to.include({verdict: 'held', withinTolerance: true});
    expect(judgement.outside).to.deep.equal({count: 1, of: 5, worst: 500});
    expect(judgement.why).to.include('near miss');
  });

  it('deviates when the only sample is outside', () => {
    expect(judgeSeries([500]).verdict).to.equal('deviated');
  });

  it('is inconclusive with fewer than three samples', () => {
    expect(judgeSeries([1, 2]).verdict).to.equal('inconclusive');
    expect(judgeSeries([]).verdict).to.equal('inconclusive');
  });

  it('is inconclusive when more than a fifth is missing, and repeats the reason', () => {
    const judgement = judgeSeries([1, null, 2, 3]);
    expect(judgement).to.include({verdict: 'inconclusive', samples: 3, missing: 1});
    expect(judgement.why).to.include('the probe timed out');
  });

  it('takes NaN and infinity as missing', () => {
    expect(judgeSeries([NaN, Infinity, 1, 2]).verdict).to.equal('inconclusive');
  });

  it('is inconclusive when the metric was never measured', () => {
    const judgement = judgeWindow(sampledMetric(), {series: [], loads: []}, span(0, 10));
    expect(judgement).to.include({verdict: 'inconclusive', why: 'nothing was measured'});
  });

  it('judges every subject on its own and lets the worst decide', () => {
    const data = {
      series: [series([1, 1, 1], {subject: 'a'}), series([500, 500, 500], {subject: 'b', id: 2})],
      loads: [],
    };
    const judgement = judgeWindow(sampledMetric(), data, span(0, 3));
    expect(judgement).to.include({verdict: 'deviated', subject: 'b', value: 500});
    expect(judgement.why).to.match(/^b: /);
  });

  it('takes the bound itself as outside', () => {
    expect(judgeSeries([100, 100, 100]).verdict).to.equal('deviated');
  });

  it('never holds when every sample has no value or is outside', () => {
    const bad = fc.oneof(fc.constant(null), fc.constant(NaN), fc.integer({min: 100, max: 1e6}));
    fc.assert(
      fc.property(fc.array(bad), values => {
        expect(judgeSeries(values).verdict).to.not.equal('held');
      }),
    );
  });

  it('does not change when all values and bounds change their unit', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({min: 0, max: 200})), {minLength: 1}), values => {
        const scaled = values.map(value => (value === null ? null : value * 1024));
        const metric = sampledMetric({tolerance: {below: 100 * 1024, settlesWithinMs: 0}});
        const judgement = judgeWindow(metric, {series: [series(scaled)], loads: []}, span(0, values.length));
        expect(judgement.verdict).to.equal(judgeSeries(values).verdict);
      }),
    );
  });
});

describe('the settled window', () => {
  it('starts after settlesWithin and is never negative', () => {
    const metric = sampledMetric({tolerance: {below: 1, settlesWithinMs: 15_000}});
    expect(settledWindow(metric, span(10, 60))).to.deep.equal(span(25, 60));
    expect(settledWindow(metric, span(10, 20))).to.deep.equal(span(20, 20));
  });
});
