import {expect} from 'chai';
import type {MetricSpec, TimeLimitSpec, ToleranceTime} from '../../../src/experiment/experiment.js';
import {judge} from '../../../src/verdict/judge.js';
import {
  debt,
  done,
  experiment,
  occurrence,
  settled,
  traffic,
  untilBaseline,
  untilEnd,
  untilInForce,
  untilUndone,
} from '../../support/records.js';
import {loadMetric, sampledMetric, series} from '../../support/signals.js';

/** In force from 10 s to 30 s; a load of 50 requests a second of which 20 fail from 10 s to `badUntil`. */
function judged(limit: TimeLimitSpec, badUntil = 32) {
  const file = experiment({expect: {recovery: {withinMs: 30_000}, checks: [], times: [limit], verdict: 'held'}});
  const bad = traffic({from: 10, to: badUntil, failed: 20});
  const result = judge(untilEnd(untilUndone(untilInForce(untilBaseline(file)))).evidence([], bad));
  return {...result.timeLimits![0]!, all: result};
}

const ERRORS = {name: 'outage', metric: 'checkout errors'} as const;

describe('times with a limit of their own', () => {
  it('are told as an interval beside the limit, also where it was kept', () => {
    const outside = judged({...ERRORS, of: 'outside', limitMs: 30_000});
    expect(outside).to.deep.include({
      name: 'outage',
      what: 'checkout errors not below 1%, in all',
      limitSeconds: 30,
      tookSeconds: {atLeast: 20, atMost: 22},
      verdict: 'held',
      why: '20s to 22s (allowed: 30s)',
    });
    expect(outside.all.lessons.well).to.include('Outage: 20s to 22s (allowed: 30s).');
  });

  it('allow for how long the reads took that saw it outside first, and inside again', () => {
    const limit: TimeLimitSpec = {name: 'backlog', metric: 'queue depth', of: 'outside', limitMs: 30_000};
    const file = experiment({
      steadyState: [sampledMetric({tolerance: {below: 100, settlesWithinMs: 0}})],
      expect: {recovery: {withinMs: 30_000}, checks: [], times: [limit], verdict: 'held'},
    });
    const read = series(Array.from({length: 39}, (_, at) => (at >= 12 && at < 22 ? 500 : 5)));
    const slow = {...read, samples: read.samples.map(sample => ({...sample, d: 400_000}))};
    const record = untilEnd(untilUndone(untilInForce(untilBaseline(file))));
    expect(judge(record.evidence([slow], traffic())).timeLimits![0]!.tookSeconds).to.deep.equal({
      atLeast: 8.6,
      atMost: 11.4,
    });
  });

  it('count from the injection, or from the undo', () => {
    const after = judged({...ERRORS, of: 'inside', from: 'injection', limitMs: 30_000});
    expect(after.verdict).to.equal('held');
    expect(after.tookSeconds!.atLeast).to.be.closeTo(20.8, 0.01);
    expect(after.tookSeconds!.atMost).to.be.within(22.9, 23.1);
    expect(after.occurrence).to.equal('freeze-1');
    const back = judged({...ERRORS, of: 'inside', from: 'undo', limitMs: 5_000});
    expect(back.what).to.equal('until checkout errors was below 1% and stayed so, after the undo');
    expect(back.verdict).to.equal('held');
    expect(back.tookSeconds!.atMost).to.be.within(2, 3);
  });

  it('are missed only where they were surely longer, and open where that cannot be told', () => {
    const missed = judged({...ERRORS, of: 'outside', limitMs: 10_000});
    expect(missed.verdict).to.equal('deviated');
    expect(missed.all).to.deep.include({exit: 7});
    expect(missed.all.banner.text).to.include('outage took 20s to 22s (allowed: 10s)');
    const [finding] = missed.all.findings.filter(({code}) => code === 'time-limit-missed');
    expect(finding).to.deep.include({severity: 'SEV2', title: '"outage" took longer than allowed'});
    const coarse = judged({...ERRORS, of: 'outside', limitMs: 21_000});
    expect(coarse).to.deep.include({
      verdict: 'inconclusive',
      why: '20s to 22s (allowed: 21s); that is too coarse to tell',
    });
    const never = judged({...ERRORS, of: 'inside', from: 'injection', limitMs: 20_000}, 39);
    expect(never.verdict).to.equal('deviated');
    expect(never.tookSeconds!.atMost).to.equal(null);
  });

  it('go on over an injection that comes while another one is in force', () => {
    const file = experiment({
      expect: {
        recovery: {withinMs: 30_000},
        checks: [],
        times: [{...ERRORS, of: 'inside', from: 'injection', limitMs: 30_000}],
        verdict: 'held',
      },
    });
    const [first, second] = [occurrence(), occurrence({id: 'freeze-2'})];
    const owed = debt({id: 'second', occurrence: 'freeze-2'});
    const script = untilInForce(untilInForce(untilBaseline(file, [first, second]), first), second, 14, owed);
    const undone = untilUndone(script)
      .at(30.41, {type: 'hold.ended', occurrence: 'freeze-2', why: 'its time is over'})
      .at(30.41, {type: 'undo.requested', occurrence: 'freeze-2', why: done})
      .at(30.45, {type: 'debts.settled', occurrence: 'freeze-2', settled: [settled('undone', 'second')]});
    const result = judge(untilEnd(undone).evidence([], traffic({from: 10, to: 32, failed: 20})));
    expect(result.timeLimits![0]).to.deep.include({verdict: 'held', occurrence: 'freeze-1'});
  });

  it('and impact and detection look at a metric only where its tolerance applies', () => {
    const [metric] = experiment().steadyState;
    const told = (during?: readonly ToleranceTime[]) => {
      const tolerance = {below: 0.01, settlesWithinMs: 0, ...(during === undefined ? {} : {during})};
      const file = experiment({steadyState: [{...metric!, tolerance, judge: ['fault']}]});
      const bad = traffic({from: 31, to: 35, failed: 20});
      const {impact, detection} = judge(untilEnd(untilUndone(untilInForce(untilBaseline(file)))).evidence([], bad));
      return {impact: impact.join(' '), detection};
    };
    expect(told().impact).to.include('outside its tolerance for 4s in all');
    expect(told(['fault']).impact).to.not.include('outside its tolerance for');
    expect(told(['fault']).detection).to.include('No metric left its tolerance');
  });

  it('are told to the millisecond where they would read like the limit', () => {
    const undo = judged({name: 'restored', of: 'undo', fault: 'freeze', limitMs: 200});
    expect(undo).to.include({verdict: 'held', why: '200ms (allowed: 200ms)'});
  });

  it('of an undo are until it was verified', () => {
    const undo = judged({name: 'restored', of: 'undo', fault: 'freeze', limitMs: 1_000});
    expect(undo.what).to.equal('the undo of freeze, until it was verified');
    expect(undo.verdict).to.equal('held');
    expect(undo.tookSeconds!.atLeast).to.equal(undo.tookSeconds!.atMost);
  });

  describe('of samples', () => {
    const promoted = (during?: readonly ('fault' | 'recovery')[]) =>
      sampledMetric({
        name: 'promoted',
        tolerance: {atLeast: 1, settlesWithinMs: 0, ...(during === undefined ? {} : {during})},
      });
    const limited = (metric: MetricSpec, values: readonly number[], limit: TimeLimitSpec) => {
      const file = experiment({
        steadyState: [loadMetric(), metric],
        expect: {recovery: {withinMs: 30_000}, checks: [], times: [limit], verdict: 'held'},
      });
      const samples = values.length === 0 ? [] : [{...series(values), metric: metric.name}];
      return judge(untilEnd(untilUndone(untilInForce(untilBaseline(file)))).evidence(samples, traffic()))
        .timeLimits![0]!;
    };
    const out = {name: 'out', metric: 'promoted', of: 'outside', limitMs: 8_000} as const;
    const values = Array.from({length: 39}, (_, i) => (i >= 14 && i < 30 ? 1 : 0));

    it('count what is out only where the tolerance applies', () => {
      const only = limited(promoted(['fault']), values, out);
      expect(only.verdict).to.equal('held');
      expect(only.tookSeconds!.atMost).to.be.within(4, 7);
      expect(limited(promoted(), values, out).verdict).to.equal('deviated');
    });

    it('say nothing of a metric that was not seen', () => {
      const unseen = limited(promoted(), [], out);
      expect(unseen).to.deep.include({verdict: 'inconclusive', tookSeconds: null});
      const torn = limited(
        promoted(),
        values.slice(0, 22).map(() => 1),
        out,
      );
      expect(torn.verdict).to.equal('inconclusive');
    });
  });
});
