import {expect} from 'chai';
import fc from 'fast-check';
import {LOAD_MEASURES} from '../../../src/signals/load/spec.js';
import {bucketOf} from '../../../src/quantities/histogram.js';
import {measureLoad, secondsSeenBy} from '../../../src/signals/load/measure.js';
import {loadMetric, second} from '../../support/signals.js';

describe('measuring a load', () => {
  it('is null with the reason where nothing was sent', () => {
    for (const measure of LOAD_MEASURES) {
      expect(measureLoad([], measure)).to.deep.equal({sent: 0, intended: 0, value: null, why: 'no request was sent'});
      expect(measureLoad([second(0, {unsent: 5})], measure)).to.include({value: null, intended: 5, sent: 0});
    }
  });

  it('takes a ratio of sums over the seconds, not a mean of ratios', () => {
    const seconds = [second(0, {ok: 90, failed: 10}), second(1, {ok: 900})];
    expect(measureLoad(seconds, 'errors.ratio').value).to.equal(10 / 1000);
    expect(measureLoad(seconds, 'errors.rate').value).to.equal(5);
    expect(measureLoad(seconds, 'throughput').value).to.equal(495);
  });

  it('merges the histograms before it takes a quantile', () => {
    const seconds = [second(0, {ok: 99, latencyMs: 10}), second(1, {ok: 1, latencyMs: 1000})];
    expect(measureLoad(seconds, 'latency.p50').value).to.be.closeTo(10, 0.1);
    expect(measureLoad(seconds, 'latency.p99').value).to.be.closeTo(10, 0.1);
    expect(measureLoad(seconds, 'latency.max').value).to.be.closeTo(1000, 8);
    expect(measureLoad(seconds, 'latency.mean').value).to.be.closeTo(19.9, 0.3);
  });

  it('counts the latency of failures: failing slowly is slow', () => {
    const seconds = [
      {...second(0, {ok: 50, latencyMs: 10}), outcomes: {ok: [[128, 50]], timeout: [[1000, 50]]}},
    ] as const;
    expect(measureLoad(seconds, 'latency.p99').value).to.be.greaterThan(measureLoad(seconds, 'latency.p50').value ?? 0);
  });

  it('leaves out what was not sent, but tells how much was', () => {
    const figure = measureLoad([second(0, {ok: 10, unsent: 90})], 'errors.ratio');
    expect(figure).to.deep.equal({value: 0, sent: 10, intended: 100});
  });

  it('does not depend on how the requests are spread over seconds', () => {
    const counts = fc.array(fc.record({ok: fc.nat(50), failed: fc.nat(50)}), {minLength: 1, maxLength: 8});
    fc.assert(
      fc.property(counts, fc.constantFrom('errors.ratio', 'latency.p95', 'latency.mean'), (parts, measure) => {
        const spread = parts.map((part, i) => second(i, part));
        const sum = (key: 'ok' | 'failed') => parts.reduce((total, part) => total + part[key], 0);
        const together = [second(0, {ok: sum('ok'), failed: sum('failed')})];
        expect(measureLoad(spread, measure).value).to.equal(measureLoad(together, measure).value);
      }),
    );
  });

  it('counts a failed check as an error with a latency', () => {
    const answered = {...second(0, {ok: 50, latencyMs: 10}), sent: 100, intended: 100};
    const checked = {...answered, outcomes: {...answered.outcomes, 'check-sold': [[bucketOf(500_000), 50]] as const}};
    expect(measureLoad([checked], 'errors.ratio').value).to.equal(0.5);
    expect(measureLoad([checked], 'latency.p95').value).to.be.closeTo(500, 5);
  });

  it('sees of a load only the request that the metric names, as often as it is asked', () => {
    const home = {intended: 3, sent: 3, outcomes: {ok: [[100, 3]] as const}};
    const seconds = [{...second(0, {ok: 50}), requests: {home}}, second(1, {ok: 50})];
    const metric = loadMetric({parameters: {of: 'checkout', request: 'home', measure: 'throughput'}});
    const seen = secondsSeenBy(metric, seconds);
    expect(seen.map(({intended, sent}) => [intended, sent])).to.deep.equal([
      [3, 3],
      [0, 0],
    ]);
    expect(secondsSeenBy(metric, seen)).to.deep.equal(seen);
    expect(secondsSeenBy(loadMetric(), seconds)).to.equal(seconds);
  });
});
