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
    expect(recoveredSince([loadMetric()], {series: [], loads}, search(0, 7)).state).to.equal('unknown');
  });

  it('starts again after a relapse', () => {
    const loads = [...seconds(0, 4, {ok: 50}), ...seconds(4, 6, {failed: 50}), ...seconds(6, 9, {ok: 50})];
    expect(recoveredSince([loadMetric()], {series: [], loads}, search(0, 9)).state).to.equal('unknown');
  });

  it('is a no only when values outside were seen at the end, not when it only lacked the time', () => {
    const state = (values: readonly (number | null)[]) =>
      recoveredSince([sampledMetric()], {series: [series(values)], loads: []}, search(0, values.length)).state;
    expect(state([1, 1])).to.equal('unknown');
    expect(state([1, 500])).to.equal('unknown');
    expect(state([1, 500, 500])).to.equal('not-yet');
    expect(state([500])).to.equal('not-yet');
    expect(state([])).to.equal('unknown');
  });

  it('is a no when one metric is outside, whatever is not known of the others', () => {
    const loads = seconds(0, 8, {failed: 50});
    const state = recoveredSince([loadMetric(), sampledMetric()], {series: [], loads}, search(0, 20));
    expect(recoveredSince([sampledMetric()], {series: [], loads: []}, search(0, 20)).state).to.equal('unknown');
    expect(recoveredSince([loadMetric()], {series: [], loads}, search(0, 8)).state).to.equal('not-yet');
    expect(state.state).to.equal('unknown');
    expect(recoveredSince([loadMetric(), sampledMetric()], {series: [], loads}, search(0, 8)).state).to.equal(
      'not-yet',
    );
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
    expect(recoveredSince([loadMetric()], {series: [], loads}, search(0, 8)).state).to.equal('unknown');
    const depth = {...series([1, 1]), samples: [...series([1, 1]).samples, ...series([1, 1], {from: 8}).samples]};
    expect(recoveredSince([sampledMetric()], {series: [depth], loads: []}, search(0, 10)).state).to.equal('unknown');
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

describe('recovery of metrics without a tolerance', () => {
  const {tolerance: _, ...byDeviation} = sampledMetric({deviation: {by: 0.1, critical: 0.5}});
  const {tolerance: __, ...loadByDeviation} = loadMetric({deviation: {by: 0.01, critical: 0.05}});
  /** About 100, a little different from second to second. */
  const around = (level: number, from: number, to: number) =>
    Array.from(
      {length: to - from},
      (_, i) => level * (1 + 0.02 * Math.sin(7 * (from + i)) + 0.02 * Math.cos(3 * (from + i))),
    );
  const doubledFor = (seconds: number, to: number) =>
    series([...around(100, 0, 60), ...around(200, 60, 60 + seconds), ...around(100, 60 + seconds, to)]);
  const after = (now: number) => ({...search(60, now), baseline: {fromUs: 0, toUs: 50 * US}});
  const at = (lasts: number, now: number) =>
    recoveredSince([byDeviation], {series: [doubledFor(lasts, now)], loads: []}, after(now));

  for (const truth of [12, 35, 70]) {
    it(`is an interval that holds the true time of ${truth} s, and is not told before`, () => {
      const state = at(truth, 60 + truth + 20);
      expect(state.state).to.equal('yes');
      const [lo, hi] = state.sinceUs!;
      expect(lo)
        .to.be.at.most((60 + truth) * US)
        .and.at.least((60 + truth - 10) * US);
      expect(hi)
        .to.be.at.least((60 + truth) * US)
        .and.at.most((60 + truth + 10) * US);
      expect(at(truth, 60 + truth + 2).state).to.not.equal('yes');
    });
  }

  it('is a no while it is proven outside, and not known while it may be either', () => {
    expect(at(40, 90)).to.deep.include({state: 'not-yet'});
    expect(at(40, 90).basis).to.deep.equal({
      waitingFor: ['queue depth: outside the allowed change of its baseline'],
    });
    expect(at(40, 63).state).to.equal('unknown');
  });

  it('is never there without a baseline, without enough of one, or without values', () => {
    const data = {series: [doubledFor(5, 120)], loads: []};
    expect(recoveredSince([byDeviation], data, search(60, 120)).state).to.equal('unknown');
    const brief = {...after(120), baseline: {fromUs: 0, toUs: 6 * US}};
    expect(recoveredSince([byDeviation], data, brief).state).to.equal('unknown');
    expect(recoveredSince([byDeviation], {series: [], loads: []}, after(120)).state).to.equal('unknown');
    expect(recoveredSince([byDeviation], data, after(200)).state).to.equal('unknown');
    const lost = series([...around(100, 0, 60), ...Array.from({length: 60}, () => null)]);
    expect(recoveredSince([byDeviation], {series: [lost], loads: []}, after(120)).state).to.equal('unknown');
  });

  it('waits for every subject', () => {
    const both = [
      {...doubledFor(5, 90), subject: 'a'},
      {...doubledFor(25, 90), id: 2, subject: 'b'},
    ];
    const state = recoveredSince([byDeviation], {series: both, loads: []}, after(90));
    expect(JSON.stringify(state.basis)).to.include('queue depth of b').and.not.include('queue depth of a');
  });

  it('takes shares of errors as differences of shares, also from a baseline without any', () => {
    const loads = [...seconds(0, 60, {ok: 50}), ...seconds(60, 75, {ok: 40, failed: 10}), ...seconds(75, 95, {ok: 50})];
    const state = recoveredSince([loadByDeviation], {series: [], loads}, after(95));
    expect(state.state).to.equal('yes');
    expect(state.sinceUs![0]).to.be.at.most(75 * US);
    expect(state.sinceUs![1]).to.be.at.least(75 * US);
  });

  it('does not move together what a gap in the load separates', () => {
    const loads = [...seconds(0, 60, {ok: 50}), ...seconds(60, 66, {ok: 50}), ...seconds(90, 99, {ok: 50})];
    expect(recoveredSince([loadByDeviation], {series: [], loads}, after(99)).state).to.not.equal('yes');
  });
});
