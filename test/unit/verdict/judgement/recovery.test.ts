import {expect} from 'chai';
import fc from 'fast-check';
import {recoveredSince} from '../../../../src/verdict/judgement/recovery.js';
import {loadMetric, sampledMetric, second, seconds, series} from '../../../support/signals.js';

const US = 1_000_000;
const search = (from: number, now: number) => ({fromUs: from * US, nowUs: now * US, stableUs: 5 * US});

describe('recovery', () => {
  it('is back-dated to the first good second once it has lasted five', () => {
    const loads = [...seconds(0, 3, {ok: 10, failed: 40}), ...seconds(3, 8, {ok: 50})];
    const state = recoveredSince([loadMetric()], {series: [], loads}, search(0, 8));
    expect(state.state).to.equal('yes');
    expect(state.sinceUs).to.deep.equal([2 * US, 4 * US]);
  });

  it('is not there while it has lasted for less than five seconds', () => {
    const loads = [...seconds(0, 3, {ok: 10, failed: 40}), ...seconds(3, 7, {ok: 50})];
    expect(recoveredSince([loadMetric()], {series: [], loads}, search(0, 7)).state).to.equal('not-yet');
  });

  it('starts again after a relapse', () => {
    const loads = [...seconds(0, 4, {ok: 50}), ...seconds(4, 6, {failed: 50}), ...seconds(6, 9, {ok: 50})];
    expect(recoveredSince([loadMetric()], {series: [], loads}, search(0, 9)).state).to.equal('not-yet');
  });

  it('is not started again by one failed request that the whole tolerates', () => {
    const loads = [...seconds(0, 7, {ok: 50}), second(7, {ok: 49, failed: 1}), ...seconds(8, 10, {ok: 50})];
    const state = recoveredSince([loadMetric()], {series: [], loads}, search(0, 10));
    expect(state.sinceUs).to.deep.equal([0, US]);
  });

  it('is unknown while nothing fresh is measured', () => {
    const loads = seconds(0, 8, {ok: 50});
    expect(recoveredSince([loadMetric()], {series: [], loads}, search(0, 60)).state).to.equal('unknown');
    expect(recoveredSince([sampledMetric()], {series: [], loads: []}, search(0, 60)).state).to.equal('unknown');
  });

  it('waits for every metric, and the last one back dates it', () => {
    const loads = seconds(0, 12, {ok: 50});
    const depth = series([500, 500, 500, 500, 1, 1, 1, 1, 1, 1, 1, 1]);
    const state = recoveredSince([loadMetric(), sampledMetric()], {series: [depth], loads}, search(0, 12));
    expect(state.state).to.equal('yes');
    expect(state.sinceUs?.[0]).to.equal(3 * US);
    expect(state.basis).to.include({lastBack: 'queue depth'});
  });

  it('watches only metrics that are judged in recovery', () => {
    const fault = sampledMetric({judge: ['fault']});
    expect(recoveredSince([fault], {series: [], loads: []}, search(0, 10)).state).to.equal('unknown');
    const state = recoveredSince([fault, loadMetric()], {series: [], loads: seconds(0, 10, {ok: 5})}, search(0, 10));
    expect(state.state).to.equal('yes');
  });

  it('does not count time that nobody watched', () => {
    const loads = [...seconds(0, 2, {ok: 50}), ...seconds(6, 8, {ok: 50})];
    expect(recoveredSince([loadMetric()], {series: [], loads}, search(0, 8)).state).to.equal('not-yet');
    const depth = {...series([1, 1]), samples: [...series([1, 1]).samples, ...series([1, 1], {from: 8}).samples]};
    expect(recoveredSince([sampledMetric()], {series: [depth], loads: []}, search(0, 10)).state).to.equal('not-yet');
  });

  it('takes the pauses of a slow pace for what they are', () => {
    const loads = Array.from({length: 8}, (_, i) => second(i, i % 2 === 0 ? {ok: 1} : {}));
    expect(recoveredSince([loadMetric()], {series: [], loads}, search(0, 8)).state).to.equal('yes');
    const idle = seconds(0, 8, {});
    expect(recoveredSince([loadMetric()], {series: [], loads: idle}, search(0, 8)).state).to.not.equal('yes');
  });

  it('never comes from missing data', () => {
    const missing = fc.constantFrom(null, NaN, Infinity);
    fc.assert(
      fc.property(fc.array(missing, {maxLength: 40}), fc.integer({min: 0, max: 60}), (values, now) => {
        const state = recoveredSince([sampledMetric()], {series: [series(values)], loads: []}, search(0, now));
        expect(state.state).to.not.equal('yes');
      }),
    );
  });

  it('when it is there, all that was measured since is good or a lone outlier', () => {
    const value = fc.constantFrom(1, 1, 1, 1, 500, null);
    fc.assert(
      fc.property(fc.array(value, {maxLength: 40}), values => {
        const data = {series: [series(values)], loads: []};
        const state = recoveredSince([sampledMetric()], data, search(0, values.length));
        const since = (state.sinceUs?.[1] ?? Infinity) / US;
        const after = values.slice(Math.floor(since));
        expect(after.includes(null)).to.equal(false);
        expect(after.some((v, i) => v === 500 && after[i + 1] === 500)).to.equal(false);
      }),
    );
  });
});
