import {expect} from 'chai';
import fc from 'fast-check';
import {judgeGuard} from '../../../../src/verdict/judgement/guard.js';
import {loadMetric, sampledMetric, seconds, series} from '../../../support/signals.js';

const US = 1_000_000;
const guard = {metric: 'checkout errors', above: 0.25, forMs: 5000};
const depthGuard = {metric: 'queue depth', above: 100, forMs: 0};

describe('a guard', () => {
  it('trips once its limit has been exceeded for long enough', () => {
    const loads = [...seconds(0, 5, {ok: 50}), ...seconds(5, 12, {ok: 25, failed: 25})];
    const at = (now: number) => judgeGuard(guard, loadMetric(), {series: [], loads}, now * US);
    expect(at(10)).to.equal('ok');
    expect(at(11)).to.equal('tripped');
  });

  it('starts to count again after a good value', () => {
    const loads = [...seconds(0, 4, {failed: 50}), ...seconds(4, 5, {ok: 50}), ...seconds(5, 8, {failed: 50})];
    expect(judgeGuard(guard, loadMetric(), {series: [], loads}, 8 * US)).to.equal('ok');
  });

  it('trips at once without a duration', () => {
    const data = {series: [series([1, 1, 500])], loads: []};
    expect(judgeGuard(depthGuard, sampledMetric(), data, 2 * US)).to.equal('tripped');
    expect(judgeGuard(depthGuard, sampledMetric(), data, 1 * US)).to.equal('ok');
  });

  it('trips for any one subject', () => {
    const data = {series: [series([1, 1]), series([1, 500], {id: 2, subject: 'b'})], loads: []};
    expect(judgeGuard(depthGuard, sampledMetric(), data, 2 * US)).to.equal('tripped');
  });

  it('guards a lower limit', () => {
    const low = {metric: 'queue depth', below: 2, forMs: 0};
    expect(judgeGuard(low, sampledMetric(), {series: [series([5, 1])], loads: []}, 2 * US)).to.equal('tripped');
  });

  it('is blind without any value, and without a fresh one', () => {
    expect(judgeGuard(depthGuard, sampledMetric(), {series: [], loads: []}, 2 * US)).to.equal('blind');
    const data = {series: [series([1, 1, null, null, null, null, null, null, null])], loads: []};
    expect(judgeGuard(depthGuard, sampledMetric(), data, 6 * US)).to.equal('ok');
    expect(judgeGuard(depthGuard, sampledMetric(), data, 6.1 * US)).to.equal('blind');
  });

  it('allows a slow metric three of its own periods before it is blind', () => {
    const slow = sampledMetric({everyMs: 10_000});
    const data = {series: [series([1])], loads: []};
    expect(judgeGuard(depthGuard, slow, data, 30 * US)).to.equal('ok');
    expect(judgeGuard(depthGuard, slow, data, 31 * US)).to.equal('blind');
  });

  it('is never ok when the last value is over the limit for longer than allowed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({min: 0, max: 200}), {minLength: 1, maxLength: 30}), values => {
        const now = (values.length - 1) * US;
        const answer = judgeGuard(depthGuard, sampledMetric(), {series: [series(values)], loads: []}, now);
        expect(answer).to.equal((values.at(-1) ?? 0) > 100 ? 'tripped' : 'ok');
      }),
    );
  });
});
