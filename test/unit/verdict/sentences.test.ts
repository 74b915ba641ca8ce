import {Chalk} from 'chalk';
import {expect} from 'chai';
import type {StopReason} from '../../../src/record/events.js';
import {recoverySentence, scorecard} from '../../../src/report/document.js';
import {renderHtml} from '../../../src/report/html/html.js';
import {summaryLines} from '../../../src/terminal/summary.js';
import {judge} from '../../../src/verdict/judge.js';
import type {MetricResult, Result} from '../../../src/verdict/result.js';
import * as records from '../../support/records.js';
import {loadMetric, sampledMetric, seconds, series} from '../../support/signals.js';

const {experiment, settled, traffic, untilBaseline, untilEnd, untilInForce, untilUndone} = records;

/** A run of 40 s with the fault from 10.2 to 30.2 s, and a value a second of the sampled metric. */
function run(metrics: Parameters<typeof experiment>[0], values: readonly (number | null)[], loads = traffic()): Result {
  const file = experiment(metrics);
  return judge(untilEnd(untilUndone(untilInForce(untilBaseline(file))), [30.4, 31]).evidence([series(values)], loads));
}

/** 39 values that are `usual`, except at the given seconds. */
const except = (usual: number, odd: Readonly<Record<number, number>>) =>
  Array.from({length: 39}, (_, second) => odd[second] ?? usual);

function metricOf(result: Result, name = 'queue depth'): MetricResult {
  const found = result.metrics.find(metric => metric.name === name);
  expect(found, `no metric ${name}`).to.not.equal(undefined);
  return found!;
}

const up = sampledMetric({name: 'queue depth', worse: 'lower', tolerance: {equals: 1, settlesWithinMs: 0}});

describe('sentences about what single values did', () => {
  it('do not say of a metric that it stayed where a sample was outside', () => {
    const result = run({steadyState: [up, loadMetric()]}, except(1, {20: 0}));
    expect(result.verdict).to.equal('held');
    expect(result.headline).to.match(
      /^HELD: queue depth stayed at 1, but one of \d+ samples was outside, at 0 \(allowed: exactly 1\) while .* Both metrics held\.$/,
    );
    expect(metricOf(result).explanation).to.match(/^It stayed at 1, but one of \d+ samples was outside, at 0/);
    const near = result.findings.find(({code}) => code === 'near-miss');
    expect(near?.what).to.match(/^queue depth: a single sample of \d+ outside, the worst 0; allowed is exactly 1\.$/);
    const on = metricOf(result).intervals.find(({kind}) => kind === 'on');
    expect(on?.outside).to.include({count: 1, worst: 0});
  });

  it('say that all stayed inside only where they did', () => {
    const result = run({steadyState: [up, loadMetric()]}, except(1, {}));
    expect(result.headline).to.match(/Both metrics stayed inside their tolerances\.$/);
  });

  it('compare the same statistic before and during, and tell the worst sample as such', () => {
    const below = sampledMetric({tolerance: {below: 5, settlesWithinMs: 0}});
    const result = run({steadyState: [below]}, except(0, {20: 7, 21: 9}));
    expect(result.headline).to.match(
      /^DEVIATED: queue depth stayed at 0, but 2 of \d+ samples were outside, the worst at 9 \(allowed: below 5\) while /,
    );
    expect(result.headline).to.not.include('rose from 0 to 9');
  });

  it('tell the worst second of a load that held over the whole time', () => {
    const errors = loadMetric({tolerance: {below: 0.05, settlesWithinMs: 0}});
    const loads = [...seconds(0, 20, {ok: 50}), ...seconds(20, 21, {ok: 10, failed: 40}), ...seconds(21, 39, {ok: 50})];
    const result = run({steadyState: [errors]}, [], loads);
    expect(result.verdict).to.equal('held');
    expect(result.headline).to.match(/but one of \d+ seconds was outside, at 80% \(allowed: below 5%\)/);
  });
});

describe('sentences about metrics that were not judged under the fault', () => {
  it('do not claim that they stayed', () => {
    const after = {judge: ['recovery'] as const};
    const result = run(
      {steadyState: [loadMetric(after), sampledMetric(after)]},
      except(3, {}),
      traffic({from: 11, to: 30, failed: 49}),
    );
    expect(result.verdict).to.equal('held');
    expect(result.headline).to.not.include('stayed');
    expect(result.headline).to.include(
      'Both metrics held; judged after the recovery only: checkout errors and queue depth.',
    );
  });
});

describe('a guard that tripped', () => {
  const why: StopReason = {kind: 'guard', detail: 'guard on checkout errors: above 25% for 5s'};
  const guards = [
    {metric: 'errors', above: 0.5, forMs: 5000},
    {metric: 'checkout errors', above: 0.25, forMs: 5000},
    {metric: 'checkout errors', above: 0.9, forMs: 1000},
  ];
  const file = experiment({steadyState: [loadMetric(), loadMetric({name: 'errors'})], guards});
  const stopped = (basis: Readonly<Record<string, string | number>>) =>
    judge(
      untilInForce(untilBaseline(file))
        .at(17, {type: 'decided', what: 'guard', answer: 'yes', basis})
        .at(17, {type: 'undo.requested', occurrence: 'freeze-1', why})
        .at(17.2, {type: 'debts.settled', occurrence: 'freeze-1', settled: [settled()]})
        .at(18, {type: 'run.ended', why})
        .evidence([], traffic({from: 10, to: 17, failed: 30}, 18)),
    );

  it('is the one that was decided, whatever the others are called', () => {
    const {guards: told} = stopped({guard: 1, metric: 'checkout errors', detail: why.detail});
    expect(told.map(({tripped}) => tripped)).to.deep.equal([false, true, false]);
  });

  it('is told by its metric in records of earlier versions', () => {
    const {guards: told} = stopped({metric: 'checkout errors', detail: why.detail});
    expect(told.map(({tripped}) => tripped)).to.deep.equal([false, true, true]);
  });
});

describe('what is not as before although it was undone', () => {
  it('is told with the undo, in the timeline and at the fault', () => {
    const detail = 'the interfaces of store are eth1 now; before they were eth0';
    const end: StopReason = {kind: 'done', detail: 'all phases were gone through'};
    const result = judge(
      untilInForce(untilBaseline(experiment({steadyState: [loadMetric()]})))
        .at(17, {type: 'undo.requested', occurrence: 'freeze-1', why: {kind: 'done', detail: 'its time is over'}})
        .at(17.2, {type: 'debts.settled', occurrence: 'freeze-1', settled: [{...settled(), outcome: 'undone', detail}]})
        .at(18, {type: 'run.ended', why: end})
        .evidence([], traffic({from: 10, to: 17, failed: 0}, 18)),
    );
    expect(result.occurrences[0]?.note).to.include(`undo: 1 undone; ${detail}.`);
    expect(result.timeline.map(({what}) => what).join('\n')).to.include(`; ${detail}).`);
  });
});

describe('the banner', () => {
  it('is the headline in two parts', () => {
    for (const evidence of [records.held(), records.deviated(), records.notSteady(), records.leftOver()]) {
      const {banner, headline} = judge(evidence);
      expect(headline).to.equal(`${banner.label}: ${banner.text}`);
      expect(banner.label).to.match(/^[A-Z ]+$/);
    }
  });
});

describe('what `settlesWithin` leaves out of the judgement', () => {
  const tolerance = {below: 0.01, settlesWithinMs: 15_000};
  /** Killed at 10.05 s, all requests fail for some seconds, and the undo comes at 30.4 s. */
  const killed = (failing: number, judge: ReadonlyArray<'fault' | 'recovery'> = ['fault', 'recovery']) => {
    const plan = records.occurrence({kind: 'kill', nature: 'event', heal: 'undo'});
    const file = experiment({steadyState: [loadMetric({tolerance, judge: [...judge]})]});
    return judgeOf(file, plan, traffic({from: 10, to: 10 + failing, failed: 50}));
  };
  const judgeOf = (
    file: ReturnType<typeof experiment>,
    plan: ReturnType<typeof records.occurrence>,
    loads: ReturnType<typeof traffic>,
  ) => judge(untilEnd(untilUndone(untilInForce(untilBaseline(file, [plan]), plan)), [30.4, 31]).evidence([], loads));

  it('is told in the headline, the explanation and the impact: how long it was out, and how much is allowed', () => {
    const result = killed(4);
    expect(result).to.include({verdict: 'held', exit: 0});
    const {explanation, intervals} = metricOf(result, 'checkout errors');
    const out =
      /was out for 4s after the kill \(15s allowed, 100% at worst\) after .* was killed, then it was 0% \(allowed: below 1%\); it had been 0%/;
    expect(result.headline).to.match(out).and.not.include('stayed at');
    expect(explanation).to.match(out);
    expect(result.impact.join(' ')).to.include(
      'checkout errors: outside its tolerance for 4s in all, all of it in the time that it may take to settle.',
    );
    expect(intervals.find(({kind}) => kind === 'on')?.settling).to.deep.include({
      from: 10.05,
      to: 25.2,
      allowedSeconds: 15,
      worst: 1,
    });
  });

  it('is no margin: what went well names it', () => {
    const well = killed(4).lessons.well.join(' ');
    expect(well).to.match(
      /checkout errors was out for 4s after the kill .*, and after that below 1% with 100% to spare/,
    );
    expect(well).to.not.include('stayed');
  });

  it('is in the reports: during, the numbers behind it, and the chart', () => {
    const result = killed(4);
    expect(scorecard(result)[0]?.during).to.equal('0% (100% while settling)');
    const page = renderHtml(result);
    expect(page).to.include('class="band settling"').and.include('time to settle, not judged');
    expect(page).to.include('out for 4s, 100% at worst; 15s are allowed to settle');
  });

  it('was back before the undo, and says by how much', () => {
    const result = killed(4);
    expect(result.recovery.already).to.deep.equal({afterSeconds: 3.95, cause: 'the kill', beforeSeconds: 16.4});
    expect(result.headline).to.include('; the steady state was back 4s after the kill, 16s before the undo.');
    expect(recoverySentence(result)).to.equal('The steady state was back 4s after the kill, 16s before the undo.');
    const [times] = result.times.metrics;
    expect(times).to.deep.include({tolerated: null, toleratedBeforeUndo: 3.95});
    expect(times?.text).to.include('it was inside its tolerance again 4s after the fault, before the undo');
  });

  it('is a near miss where it took almost all of the time', () => {
    expect(killed(4).findings.map(({title}) => title)).to.not.include('checkout errors settled only just in time');
    expect(killed(14).findings.map(({title}) => title)).to.include('checkout errors settled only just in time');
  });

  it('does not come back where nothing was away', () => {
    const result = judge(records.held());
    expect(result.recovery.already).to.include({afterSeconds: null});
    expect(result.headline).to.not.include('was back');
    expect(recoverySentence(result)).to.include('nothing to come back from');
  });
});

describe('the headline of a run with several things that did not hold', () => {
  const servers = sampledMetric({
    name: 'writable servers',
    worse: 'either',
    tolerance: {equals: 1, settlesWithinMs: 0},
  });
  const lost = [{name: 'no order lost', source: 'command', parameters: {}, change: {equals: 0}}];
  const file = (metrics: Parameters<typeof experiment>[0]) =>
    experiment({...metrics, expect: {recovery: {withinMs: 30_000}, checks: lost, verdict: 'held'}});
  const played = (
    of: ReturnType<typeof file>,
    {after, back}: {after: number; back: boolean},
    values: readonly number[],
  ) => {
    const script = untilBaseline(of).at(9.9, {type: 'check.read', check: 'no order lost', when: 'before', value: 5000});
    untilUndone(untilInForce(script)).at(38.9, {
      type: 'check.read',
      check: 'no order lost',
      when: 'after',
      value: after,
    });
    const ended = back ? untilEnd(script, [30.4, 31]) : untilEnd(script, null, 'no');
    return judge(
      ended.evidence([series(values, {id: 1, metric: 'writable servers'})], traffic({from: 10, to: 31, failed: 2})),
    );
  };

  it('names lost data before a metric that was hardly out', () => {
    const result = played(file({steadyState: [loadMetric(), servers]}), {after: 3949, back: true}, except(1, {}));
    expect(result.headline).to.match(
      /^DEVIATED: check "no order lost" did not hold: the change is -1051, expected: equals 0; checkout errors rose from 0% to 4%/,
    );
    expect(result.reasons[0]).to.include('no order lost');
    const text = summaryLines(result, {style: new Chalk({level: 0}), columns: 100, folder: '/runs/r1'}).join('\n');
    expect(text).to.match(/✖\s+no order lost\s+5000\s+3949\s+deviated/);
  });

  it('names what did not come back, with its last value', () => {
    const two = Array.from({length: 39}, (_, second) => (second < 12 ? 1 : 2));
    const result = played(file({steadyState: [loadMetric(), servers]}), {after: 5000, back: false}, two);
    expect(result.headline).to.match(
      /^DEVIATED: the steady state had not come back by the end of the recovery: writable servers was still 2 \(allowed: exactly 1\); /,
    );
  });

  it('tells the worst metric by its severity, wherever it stands in the file', () => {
    const latency = loadMetric({
      name: 'checkout p95',
      parameters: {of: 'checkout', measure: 'latency.p95'},
      unit: 'ms',
      tolerance: {below: 19, settlesWithinMs: 0},
    });
    const result = judge(
      untilEnd(untilUndone(untilInForce(untilBaseline(experiment({steadyState: [latency, loadMetric()]}))))).evidence(
        [],
        traffic({from: 10, to: 31, failed: 30}),
      ),
    );
    expect(result.headline).to.match(/^DEVIATED: checkout errors rose from 0% to 60%/);
    expect(result.headline).to.include('(1 other metric deviated too)');
  });
});
