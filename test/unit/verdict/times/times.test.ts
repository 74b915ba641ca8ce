import {expect} from 'chai';
import {judge} from '../../../../src/verdict/judge.js';
import {factsOf} from '../../../../src/verdict/facts.js';
import {timesResult} from '../../../../src/verdict/times/times.js';
import {timesSchema} from '../../../../src/verdict/times/schema.js';
import type {MetricTimes, TimesResult} from '../../../../src/verdict/result.js';
import {experiment} from '../../../support/records.js';
import {sampledMetric} from '../../../support/signals.js';
import {gauge, noise, requests, T0, timed, UNDONE} from '../../../support/timed-records.js';

/** When the injection of these records was asked for, seconds after T0. */
const REQUESTED = -0.15;

const {tolerance: _, ...byDeviation} = sampledMetric({deviation: {by: 0.1, critical: 0.5}});
const sampled = experiment({steadyState: [byDeviation], load: {}});

function timesOf(evidence: Parameters<typeof judge>[0]): TimesResult {
  const times = timesResult(factsOf(evidence));
  expect(timesSchema().safeParse(times).error?.message).to.equal(undefined);
  return times;
}

/** The times of a gauge that is multiplied so. */
const ofGauge = (times: (at: number) => number, to = 300): MetricTimes =>
  timesOf(timed({file: sampled, series: [gauge(times, to)], to})).metrics[0]!;

/** Doubled from `from` seconds after T0 to `until` seconds after the undo. */
const doubled = (from: number, until: number) => (at: number) => (at >= T0 + from && at < UNDONE + until ? 2 : 1);

describe('the times of a metric', () => {
  for (const began of [0, 4, 11]) {
    it(`hold an onset ${began} s after T0 between its ends`, () => {
      const {onset} = ofGauge(doubled(began, 0));
      expect(onset![0])
        .to.be.at.most(began)
        .and.at.least(Math.max(REQUESTED, began - 3));
      expect(onset![1])
        .to.be.above(began)
        .and.at.most(began + 6);
    });
  }

  for (const back of [0, 12, 35, 70]) {
    it(`hold a recovery ${back} s after the undo between its ends`, () => {
      const {recovered, recoveries} = ofGauge(doubled(0, back));
      expect(recoveries).to.have.length(1);
      expect(recovered!.atLeast)
        .to.be.at.most(back)
        .and.at.least(back - 10);
      expect(recovered!.atMost)
        .to.be.at.least(back)
        .and.at.most(back + 10);
    });
  }

  it('hold a recovery that comes slowly', () => {
    // Doubled, then linear over 40 s: inside 10 % after 36 s.
    const slope = (at: number) => (at < T0 ? 1 : at < UNDONE ? 2 : Math.max(1, 2 - (at - UNDONE) / 40));
    const {recovered} = ofGauge(slope);
    expect(recovered!.atLeast).to.be.at.most(36);
    expect(recovered!.atMost).to.be.at.least(36).and.at.most(50);
  });

  it('have no end where it was not back before the watch ended', () => {
    const {recovered, text, watchedSeconds} = ofGauge(doubled(0, 200), 240);
    expect(recovered!.atMost).to.equal(null);
    expect(recovered!.atLeast).to.be.at.least(65);
    expect(watchedSeconds).to.be.within(82, 84);
    expect(text)
      .to.include('it was still away')
      .and.include('it was not proven to be back at its baseline by the end of the watch');
  });

  it('have no end either where it came back too shortly before the end of the watch', () => {
    const {recovered} = ofGauge(doubled(0, 60), 225);
    expect(recovered!.atMost).to.equal(null);
    expect(recovered!.atLeast).to.be.within(50, 60);
  });

  it('tell a relapse, and the recovery that lasted', () => {
    const again = (at: number) => (doubled(0, 10)(at) === 2 || (at >= UNDONE + 50 && at < UNDONE + 75) ? 2 : 1);
    const {recoveries, recovered, text} = ofGauge(again);
    expect(recoveries).to.have.length(2);
    expect(recoveries[0]!.atMost).to.be.within(10, 20);
    expect(recovered!.atLeast).to.be.at.most(75);
    expect(recovered!.atMost).to.be.within(75, 85);
    expect(text).to.include('after 1 relapse');
  });

  it('are none without an effect, and the area is not distinguishable from zero', () => {
    const {onset, recovered, recoveries, area, text} = ofGauge(() => 1);
    expect({onset, recovered, recoveries}).to.deep.equal({onset: null, recovered: null, recoveries: []});
    expect(area!.relative!.lower).to.be.below(0);
    expect(area!.relative!.upper).to.be.above(0);
    expect(text).to.equal(
      'queue depth: no deviation by more than 10% of its baseline was proven while the fault was in force.',
    );
  });

  it('have an area that holds deviation times duration, in baseline-seconds and in units', () => {
    // Doubled for 30 s of fault and 20 s after it: 50 baseline-seconds, 5000 in units.
    const {area} = ofGauge(doubled(0, 20));
    expect(area!.relative!.lower).to.be.below(50.2).and.above(35);
    expect(area!.relative!.upper).to.be.above(50).and.below(65);
    expect(area!.absolute.estimate / area!.relative!.estimate).to.be.closeTo(100, 3);
  });

  it('have a signed area: what gets better is negative', () => {
    const {area, onset} = ofGauge(at => (doubled(0, 0)(at) === 2 ? 0.5 : 1));
    expect(onset).to.equal(null);
    expect(area!.relative!.upper).to.be.below(0);
  });

  it('look both ways where either is worse', () => {
    const either = experiment({steadyState: [{...byDeviation, worse: 'either'}], load: {}});
    const half = gauge(at => (doubled(0, 0)(at) === 2 ? 0.5 : 1));
    const [times] = timesOf(timed({file: either, series: [half]})).metrics;
    expect(times!.onset![1]).to.be.below(6);
    expect(times!.area!.relative!.lower).to.be.above(10);
  });

  it('take the wider change of the file as the margin', () => {
    const wide = experiment({steadyState: [{...byDeviation, deviation: {by: 1.5, critical: 3}}], load: {}});
    expect(timesOf(timed({file: wide, series: [gauge(doubled(0, 20))]})).metrics[0]!.onset).to.equal(null);
  });

  it('are told of metrics with a tolerance too, beyond 10 % of the baseline', () => {
    const file = experiment({steadyState: [sampledMetric({tolerance: {below: 1e6, settlesWithinMs: 0}})], load: {}});
    const result = judge(timed({file, series: [gauge(doubled(0, 12))]}));
    expect(result.verdict).to.equal('held');
    expect(result.times.metrics[0]!.allowed).to.deep.equal({by: 0.1, of: 'relative'});
    expect(result.times.metrics[0]!.recovered!.atMost).to.be.within(12, 22);
  });

  it('tell when a metric was inside its tolerance again, although the watch ended before more could be proven', () => {
    const file = experiment({steadyState: [sampledMetric({tolerance: {below: 150, settlesWithinMs: 0}})], load: {}});
    const [times] = timesOf(timed({file, series: [gauge(doubled(0, 12), 174)], to: 175})).metrics as [MetricTimes];
    expect(times.tolerated![0]).to.be.within(10, 12);
    expect(times.tolerated![1]).to.be.within(12, 14);
    expect(times.recovered!.atMost).to.equal(null);
    expect(times.text).to.match(/it was inside its tolerance 1[12]s to 1[23]s after the undo\.$/);
    const held = timesOf(timed({file, series: [gauge(() => 1)]})).metrics[0]!;
    expect(held.tolerated).to.equal(null);
  });

  it('do not depend on the unit, nor on values that are no numbers', () => {
    const values = gauge(doubled(4, 20));
    const inOtherUnits = values.samples.map(sample => ({...sample, value: sample.value! * 1000}));
    const withHoles = values.samples.map((sample, i) => (i % 29 === 0 ? {...sample, value: NaN} : sample));
    const of = (samples: typeof values.samples) =>
      timesOf(timed({file: sampled, series: [{...values, samples}]})).metrics[0]!;
    const [plain, scaled, holes] = [of(values.samples), of(inOtherUnits), of(withHoles)];
    expect({...scaled, area: null}).to.deep.equal({...plain, area: null});
    expect(scaled.area!.relative!.estimate).to.be.closeTo(plain.area!.relative!.estimate, 1e-6);
    expect(scaled.area!.absolute.lower / plain.area!.absolute.lower).to.be.closeTo(1000, 1e-6);
    expect(holes.onset![1]).to.be.closeTo(plain.onset![1], 4);
    expect(holes.recovered!.atMost).to.be.within(20, 30);
  });

  it('say so where the baseline is too short for an onset', () => {
    const late = gauge(doubled(0, 12));
    const cut = {...late, samples: late.samples.filter(({t}) => t >= 115e6)};
    const [times] = timesOf(timed({file: sampled, series: [cut]})).metrics as [MetricTimes];
    expect(times.unknown).to.equal('the baseline holds 10 values, an onset needs 15');
    expect(times.recovered!.atLeast).to.be.at.most(12);
    expect(times.text).to.include('deviated at a time that is not known');
  });

  it('are not told of what nothing is asked of, nor without enough of a baseline', () => {
    const {deviation: __, ...observed} = byDeviation;
    const file = experiment({steadyState: [{...observed, judge: []}], load: {}});
    expect(timesOf(timed({file, series: [gauge(doubled(0, 0))]})).metrics).to.deep.equal([]);
    const late = gauge(doubled(0, 0));
    const cut = {...late, samples: late.samples.filter(({t}) => t >= 120e6)};
    expect(timesOf(timed({file: sampled, series: [cut]})).metrics).to.deep.equal([]);
  });

  it('are those of the subject that was away longest', () => {
    const both = [
      {...gauge(doubled(0, 5)), subject: 'a'},
      {...gauge(doubled(0, 40), 300, 8), id: 2, subject: 'b'},
    ];
    const times = timesOf(timed({file: sampled, series: both})).metrics;
    expect(times).to.have.length(1);
    expect(times[0]!.subject).to.equal('b');
    expect(times[0]!.recovered!.atMost).to.be.within(40, 50);
  });

  it('are censored, not guessed, where the metric vanished', () => {
    const values = gauge(doubled(0, 0));
    const lost = values.samples.map(sample => (sample.t >= UNDONE * 1e6 ? {...sample, value: null} : sample));
    const {recovered} = timesOf(timed({file: sampled, series: [{...values, samples: lost}]})).metrics[0]!;
    expect(recovered).to.satisfy((one: MetricTimes['recovered']) => one === null || one.atMost === null);
  });

  it('stand in the timeline with the data they come from', () => {
    const {timeline} = judge(timed({file: sampled, series: [gauge(doubled(4, 12))]}));
    const rows = timeline.filter(({source}) => source === 'samples.ndjson, queue depth');
    expect(rows.map(({what}) => what.split(':')[0])).to.deep.equal(['Onset', 'Detected', 'Recovered']);
    expect(rows[1]!.seconds).to.be.within(T0 + 4, T0 + 10);
    expect(timeline.map(({seconds}) => seconds)).to.deep.equal(
      timeline.map(({seconds}) => seconds).sort((a, b) => a - b),
    );
  });
});

describe('lost requests', () => {
  const failing =
    (seconds: number, failed: number, usual = 0) =>
    (at: number) => ({
      failed: at >= 126 && at < 126 + seconds ? failed : at % 10 === 0 ? usual : 0,
    });

  it('are counted above what the baseline gives, with an interval that holds the truth', () => {
    const {loads, metrics} = timesOf(timed({loads: requests(failing(20, 10, 1))}));
    const [{lost, failed, notServed}] = loads as [TimesResult['loads'][number]];
    expect(failed).to.be.at.least(200);
    expect(lost.lower).to.be.within(180, 200);
    expect(lost.upper).to.be.at.least(200).and.at.most(failed);
    expect(notServed!.lower).to.be.below(200);
    expect(notServed!.upper).to.be.above(200);
    expect(metrics[0]!.allowed).to.deep.equal({by: 0.01, of: 'share'});
    // 20 s in which one of five requests failed.
    expect(metrics[0]!.area!.relative).to.equal(null);
    expect(metrics[0]!.area!.absolute.estimate).to.be.closeTo(4, 0.5);
  });

  it('are all that failed where nothing failed before, and are in the impact', () => {
    const result = judge(timed({loads: requests(failing(20, 50))}));
    expect(result.times.loads[0]!.lost).to.include({estimate: 1000, upper: 1000});
    expect(result.impact.join(' ')).to.match(/1000 of \d+ requests failed in the \d+s from the injection on/);
  });

  it('and their area hold an outage that begins between the request and T0 and ends inside a second', () => {
    // Everything fails from 125.1 s to 129.4 s: 4.3 s. The injection was asked for at 125.05 s, T0 is at 125.2 s.
    const outage = new Map([
      [125, 45],
      [126, 50],
      [127, 50],
      [128, 50],
      [129, 20],
    ]);
    const {loads, metrics} = timesOf(timed({loads: requests(at => ({failed: outage.get(at) ?? 0}))}));
    const {area, onset} = metrics[0]!;
    expect(area!.absolute.estimate).to.be.closeTo(4.3, 1e-9);
    expect(area!.absolute.lower).to.be.within(4.2, 4.3);
    expect(area!.absolute.upper).to.be.within(4.3, 4.4);
    expect(area!.from).to.equal(-0.2);
    expect(loads[0]!.lost).to.include({estimate: 215, upper: 215});
    // It began 0.1 s before T0, and was asked for 0.15 s before it.
    expect(onset![0]).to.equal(-0.15);
    expect(metrics[0]!.text).to.include('it began with the fault at the earliest');
  });

  it('are not claimed where as much failed as before', () => {
    const next = noise(3);
    const {loads} = timesOf(timed({loads: requests(() => ({failed: next() > 0.6 ? 1 : 0}))}));
    expect(loads[0]!.lost.lower).to.be.below(0);
    expect(loads[0]!.lost.upper).to.be.above(0);
    expect(loads[0]!.text).to.match(/requests failed, at most \d+ more than the share that fails in the baseline\.$/);
  });

  it('leave the throughput out where the pace was not the same', () => {
    const loads = requests(() => ({})).map(second => (second.at >= 126e6 ? {...second, intended: 80} : second));
    expect(timesOf(timed({loads})).loads[0]!.notServed).to.equal(null);
  });

  it('count what could not be sent as not served', () => {
    const {loads} = timesOf(timed({loads: requests(at => (at >= 126 && at < 146 ? {unsent: 25} : {}))}));
    expect(loads[0]!.lost.estimate).to.equal(0);
    expect(loads[0]!.notServed!.estimate).to.be.closeTo(500, 20);
  });
});

describe('the error budget of a run', () => {
  const objective = {metric: 'checkout errors', target: 0.999, windowMs: 30 * 86_400_000};
  const file = (target = 0.999) => experiment({objective: {...objective, target}});
  const down = (seconds: number) => requests(at => ({failed: at >= 126 && at < 126 + seconds ? 50 : 0}));

  it('is the share that hand-computed figures give', () => {
    const {budget} = timesOf(timed({file: file(), loads: down(30)}));
    // 30 s of full outage of 30 days at 99.9 %: 30 / (0.001 · 2592000) = 1.157 % of the budget.
    expect(budget!.spent).to.be.closeTo(30 / 2592, 1e-4);
    // All but the first second of the fault interval failed: 1000 times what is allowed, 2592 s until all is gone.
    expect(budget!.burnRate).to.be.within(960, 1000);
    expect(budget!.usedUpInSeconds).to.be.within(2592, 2700);
  });

  it('tells which alerts would have fired, and when', () => {
    const {budget} = timesOf(timed({file: file(), loads: down(80)}));
    // 1.44 % of an hour is 51.84 s, 0.6 % of six hours 129.6 s: only the first page.
    expect(budget!.alerts.map(({firedAfterSeconds}) => firedAfterSeconds)).to.deep.equal([53, null, null]);
    expect(budget!.text).to.match(
      /^This run burnt 3\.1% of the 30d budget; at the rate of the fault it would be used up in 4\dm.*; the 1h\/5m page would have fired 53s after the injection\.$/,
    );
  });

  it('says so when no alert would have fired', () => {
    const {budget} = timesOf(timed({file: file(0.9), loads: down(10)}));
    expect(budget!.alerts.every(({firedAfterSeconds}) => firedAfterSeconds === null)).to.equal(true);
    expect(budget!.text).to.include('no burn-rate alert would have fired');
  });

  it('leaves out alerts that look back over more than the period', () => {
    const day = experiment({objective: {...objective, windowMs: 86_400_000}});
    const {budget} = timesOf(timed({file: day, loads: down(80)}));
    expect(budget!.alerts.map(({kind}) => kind)).to.deep.equal(['page', 'page']);
  });

  it('says so when an alert was firing before', () => {
    const {budget} = timesOf(timed({file: file(), loads: requests(() => ({failed: 2}))}));
    expect(budget!.text).to.include('was firing before the injection');
  });

  it('is nothing without failures, without an objective, and for a metric that counts no requests', () => {
    const {budget} = timesOf(timed({file: file(), loads: requests(() => ({}))}));
    expect(budget).to.include({spent: 0, burnRate: 0, usedUpInSeconds: null});
    expect(budget!.text).to.match(/^This run burnt none of the 30d budget/);
    expect(timesOf(timed({loads: down(10)})).budget).to.equal(null);
    const share = {...byDeviation, unit: 'ratio' as const};
    const other = experiment({steadyState: [share], load: {}, objective: {...objective, metric: share.name}});
    expect(timesOf(timed({file: other, series: [gauge(() => 1)]})).budget).to.equal(null);
  });
});

describe('findings about times', () => {
  const find = (evidence: Parameters<typeof judge>[0], code: string) =>
    judge(evidence).findings.find(finding => finding.code === code);
  const tolerated = experiment({
    steadyState: [sampledMetric({tolerance: {below: 1e6, settlesWithinMs: 0}})],
    load: {},
  });
  const relapsing = (until: number) => (at: number) =>
    doubled(0, 10)(at) === 2 || (at >= UNDONE + 50 && at < UNDONE + until) ? 2 : 1;

  it('tell a relapse with both recoveries, and whether it came back', () => {
    const back = find(timed({file: tolerated, series: [gauge(relapsing(75))]}), 'relapse');
    expect(back).to.include({severity: 'SEV3', metric: 'queue depth'});
    expect(back!.what).to.match(
      /^queue depth was back [\d.]+s to \d+s after the fault was gone, away again by (5\ds|1m\d?s?), and was back for good [\dms]+ to [\dms]+ after it\.$/,
    );
    const away = find(timed({file: tolerated, series: [gauge(relapsing(200))]}), 'relapse');
    expect(away).to.include({severity: 'SEV2'});
    expect(away!.what).to.include('not proven to be back for good');
    expect(find(timed({file: tolerated, series: [gauge(doubled(0, 10))]}), 'relapse')).to.equal(undefined);
  });

  it('tell a degradation that outlives its fault by the lower end, also where the tolerance held all the time', () => {
    const outlived = find(timed({file: tolerated, series: [gauge(doubled(0, 40))]}), 'degradation-outlives-fault');
    expect(outlived).to.include({severity: 'SEV3', metric: 'queue depth'});
    expect(outlived!.what).to.match(/queue depth stayed away from its baseline for at least another 3\ds/);
    expect(outlived!.evidence.map(({label}) => label)).to.include('back after');
    expect(find(timed({file: tolerated, series: [gauge(doubled(0, 12))]}), 'degradation-outlives-fault')).to.equal(
      undefined,
    );
  });

  it('give the budget with the impact of a broken hypothesis', () => {
    const file = experiment({objective: {metric: 'checkout errors', target: 0.999, windowMs: 30 * 86_400_000}});
    const loads = requests(at => ({failed: at >= 126 && at < 156 ? 50 : 0}));
    const broken = find(timed({file, loads}), 'hypothesis-broken');
    expect(broken!.impact)
      .to.include('This run burnt 1.2% of the 30d budget')
      .and.match(/^1500 of \d+ requests failed/);
  });
});

describe('times of counters that were read as raw samples', () => {
  const ratio = {
    ...byDeviation,
    name: 'shop errors',
    source: 'prometheus',
    parameters: {bad: 'errors_total', total: 'requests_total'},
    everyMs: 1000,
    unit: 'ratio' as const,
    deviation: {by: 0.01, critical: 0.05},
  };
  /** Scraped every 5 s: each value stands for 5 s of 100 requests a second; half of them fail from `from` to `to`. */
  const scraped = (from: number, to: number, until = 300) => ({
    id: 1,
    metric: 'shop errors',
    samples: Array.from({length: until / 5}, (_, i) => {
      const bad = 5 * i >= from && 5 * i < to ? 250 : 0;
      return {t: (5 * i + 2) * 1e6, d: 0, value: bad / 500, lasts: 5e6, counted: {bad, total: 500}};
    }),
  });
  const objective = {metric: 'shop errors', target: 0.999, windowMs: 30 * 86_400_000};
  const file = experiment({steadyState: [ratio], load: {}, objective});

  it('use bins as long as what a value stands for, and shares of events', () => {
    const {metrics, budget} = timesOf(timed({file, series: [scraped(125, 165)], to: 290}));
    const [times] = metrics as [MetricTimes];
    expect(times.allowed).to.deep.equal({by: 0.01, of: 'share'});
    expect(times.onset![0]).to.be.below(2.5);
    expect(times.onset![1]).to.be.within(10, 20);
    // The last bad bin ends at 167 s, 11.6 s after the undo.
    expect(times.recovered!.atLeast).to.be.below(11.6);
    expect(times.recovered!.atMost).to.be.within(11.6, 70);
    // 40 s at one half: as much as 20 s of all failing.
    expect(times.area!.absolute.estimate).to.be.closeTo(20, 2);
    expect(budget!.spent).to.be.closeTo(20 / 2592, 5e-4);
  });
});
