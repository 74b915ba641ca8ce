import {expect} from 'chai';
import type {MetricSpec} from '../../../../src/experiment/experiment.js';
import type {Evidence, Series} from '../../../../src/record/evidence.js';
import {judge} from '../../../../src/verdict/judge.js';
import {
  deviating,
  deviationFile,
  judged,
  levels,
  on,
  recorded,
  seriesFor,
  type Levels,
} from '../../../support/deviations.js';
import {loadMetric, seconds} from '../../../support/signals.js';

const run = (of: Levels, metric: Partial<MetricSpec> = {}): Evidence =>
  recorded(deviationFile([deviating(metric)]), {series: [seriesFor(levels(of))]});

describe('a metric that is judged by its deviation', () => {
  it('is deviated when its change is proven to be more than is allowed, and the last line says from what to what', () => {
    const result = judged(run({before: 31, during: 38}));
    expect(result).to.include({verdict: 'deviated', exit: 7, judge: 'deviation@2'});
    expect(result.headline).to.equal(
      'DEVIATED: latency went from 30.8ms to 37.9ms (+23%, allowed +10%) while shop-inventory-1 was paused for 1m; the steady state was back 2.5s after the undo.',
    );
    expect(on(result)).to.deep.include({verdict: 'deviated', withinTolerance: null});
    expect(on(result).deviation).to.deep.include({
      design: 'before-after',
      verdict: 'deviated',
      decides: true,
      grade: 'degraded',
      transient: false,
      part: null,
      subject: null,
      allowed: {by: 0.1, critical: 0.5, of: 'relative'},
      doubts: [],
      settlesSeconds: null,
    });
    const {change} = on(result).deviation!;
    expect(change).to.include({of: 'relative', cliffsDelta: 1});
    expect(change!.lower).to.be.within(0.19, change!.estimate!);
    expect(change!.effective).to.be.within(20, 60);
    expect(change!.hodgesLehmann).to.be.closeTo(7, 0.5);
    expect(result.metrics[0]).to.deep.include({deviation: {by: 0.1, critical: 0.5, of: 'relative', decides: true}});
  });

  it('has failed when it is proven beyond the critical change', () => {
    const result = judged(run({before: 31, during: 238}));
    expect(on(result).deviation).to.include({verdict: 'deviated', grade: 'failed'});
    expect(result.metrics[0]!.explanation).to.match(
      /^It went from 30\.8ms to 237ms \(\+670%, allowed \+10%\) while .* From \+50% on it counts as a failure\.$/,
    );
    expect(result.findings[0]).to.include({code: 'hypothesis-broken', severity: 'SEV2', metric: 'latency'});
    expect(result.detection).to.match(/^latency showed it first, 3s after the fault was in force/);
    expect(result.impact.join()).to.include('latency went from 30.8ms to 237ms');
  });

  it('has held only when it is proven to be within what is allowed', () => {
    const result = judged(run({during: 101}));
    expect(result).to.include({verdict: 'held', exit: 0});
    expect(on(result).deviation).to.include({verdict: 'held', grade: null, decides: true});
    expect(result.headline).to.match(
      /^HELD: latency went from 99\.4ms to 101ms \(\+1\.3%, surely no more than \+2\.4%, allowed \+10%\) while /,
    );
    expect(result.lessons.well.join()).to.include('latency went from 99.4ms to 101ms');
  });

  it('is inconclusive when its noise hides the allowed change, with the window that would settle it', () => {
    const result = judged(run({during: 103, spread: 0.2}));
    expect(result).to.include({verdict: 'inconclusive', exit: 5});
    const {deviation, verdict, why} = on(result);
    expect(verdict).to.equal('inconclusive');
    expect(deviation!.doubts.map(({code}) => code)).to.deep.equal(['wide-interval']);
    expect(deviation!.settlesSeconds).to.be.above(60);
    expect(why).to.match(
      /^probably within what is allowed, not yet certain: \+[\d.]+% \([+−][\d.]+% to \+[\d.]+%\), allowed \+10%; about \d+ minutes more would settle it$/,
    );
    expect(result.headline).to.include(why);
    expect(result.metrics[0]!.explanation).to.match(
      /^Whether it stayed within what is allowed while shop-.* is open: probably within/,
    );
  });

  it('says on which side it probably is, and that longer windows are no help where it is too close', () => {
    const worse = on(judged(run({during: 118, spread: 0.2})));
    expect(worse.why).to.match(/^probably worse than allowed, not yet certain: \+\d+/);
    expect(on(judged(run({during: 108, spread: 0.2}))).why).to.match(/; longer windows would not settle it/);
    for (const {why} of [worse, on(judged(run({during: 104, spread: 0.2})))])
      expect(why).to.not.match(/noise|independent/);
  });

  it('says where no window would settle it', () => {
    const {deviation, why} = on(judged(run({during: 108, spread: 0.2})));
    const {doubts, settlesSeconds} = deviation!;
    expect(settlesSeconds).to.equal(null);
    expect(doubts[0]!.text).to.equal('it is too close to what is allowed to be told from it');
    expect(why).to.match(
      /; longer windows would not settle it: a steadier load, a larger `by` or running it again would tell more$/,
    );
  });

  it('deviates for a part of the time, too, and says which', () => {
    const worse = (until: number, level: number) => (at: number) => (at > 80 && at < until ? level : 100);
    const result = judged(run({during: worse(98, 133), spread: 0.03}));
    const {deviation} = on(result);
    expect(deviation).to.include({verdict: 'deviated', grade: 'degraded', transient: true});
    expect(deviation!.part![0]).to.be.within(16, 20);
    expect(result.headline).to.match(
      /latency went from 99\.5ms to 133ms \(\+33%, allowed \+10%\) for a part of the time, from second 1\d on \(certain by second 2\d\); over all of it, it went from/,
    );
    // A healthy system has bursts of some seconds, which a short baseline need not have shown.
    const burst = on(judged(run({during: worse(87, 180), spread: 0.06}))).deviation;
    expect(burst).to.deep.include({verdict: 'inconclusive', transient: false});
    expect(burst!.doubts.map(({code}) => code)).to.include('brief-change');
  });

  it('looks in the direction that is worse', () => {
    const verdict = (worse: MetricSpec['worse'], during: number) => on(judged(run({during}, {worse}))).verdict;
    expect(verdict('higher', 60)).to.equal('held');
    expect(verdict('lower', 60)).to.equal('deviated');
    expect(verdict('either', 60)).to.equal('deviated');
    expect(verdict('either', 101)).to.equal('held');
    expect(judged(run({during: 60}, {worse: 'lower'})).headline).to.include('(−40%, allowed −10%)');
    expect(judged(run({during: 101}, {worse: 'either'})).headline).to.include(
      'surely between +0.2% and +2.4%, allowed ±10%',
    );
  });

  it('cannot be judged without a baseline, or when the fault was too short', () => {
    const file = deviationFile([deviating()]);
    const evidence = recorded(file, {series: [seriesFor(levels({}))]});
    const events = evidence.events.filter(event => !(event.type === 'phase.entered' && event.phase === 'baseline'));
    expect(on(judge({...evidence, events}))).to.include({
      verdict: 'inconclusive',
      why: 'there is no baseline to compare with',
    });
    const late = evidence.events.map(event =>
      event.type === 'change.confirmed' ? {...event, at: {...event.at, mono: 110e6}} : event,
    );
    const doubts = on(judge({...evidence, events: late})).deviation!.doubts.map(({code}) => code);
    expect(doubts).to.deep.equal(['few-values']);
  });
});

describe('what was measured and cannot be judged by', () => {
  it('is a signal that was lost: inconclusive, and a finding of its own', () => {
    const result = judged(run({during: () => null}));
    expect(result.verdict).to.equal('inconclusive');
    expect(on(result).deviation!.doubts).to.deep.equal([
      {code: 'signal-lost', text: 'it was no longer measured during the fault'},
    ]);
    expect(result.findings.map(({code}) => code)).to.include('signal-lost');
  });

  it('is a series with gaps, whatever the rest of it looks like', () => {
    const result = judged(run({during: at => (at % 3 === 0 ? null : 300)}));
    expect(on(result)).to.include({verdict: 'inconclusive'});
    expect(on(result).deviation!.doubts.map(({code}) => code)).to.include('gaps');
    expect(on(result).deviation!.settlesSeconds).to.equal(null);
  });

  it('is a moving average: a query whose range is longer than its step', () => {
    const query = {source: 'prometheus', parameters: {query: 'rate(http_requests_total[5m])'}};
    const {deviation} = on(judged(run({during: 300}, query)));
    expect(deviation).to.include({verdict: 'inconclusive'});
    expect(deviation!.doubts[0]).to.deep.equal({
      code: 'smoothed',
      text: 'its query averages over 5m, and its values lie 1s apart: they are a moving average, not values of their own',
    });
    const fair = {source: 'prometheus', parameters: {query: 'rate(http_requests_total[1s])'}};
    expect(on(judged(run({during: 300}, fair))).verdict).to.equal('deviated');
  });

  it('is a baseline that the gate called unsteady', () => {
    const evidence = recorded(deviationFile([deviating()]), {
      series: [seriesFor(levels({during: 300}))],
      steady: [
        {
          gates: [
            {metric: 'latency', state: 'not-steady', of: 'relative', detectable: null, change: 0.4, allowed: 0.1},
          ],
        },
      ],
    });
    const {deviation} = on(judged(evidence));
    expect(deviation!.doubts.map(({code}) => code)).to.include('unsteady-baseline');
    expect(deviation!.verdict).to.equal('inconclusive');
  });

  it('is a load that was not sent as it was meant', () => {
    const {tolerance: _, ...errors} = loadMetric({deviation: {by: 0.01, critical: 0.05}});
    const loads = [
      ...seconds(0, 62, {ok: 50}),
      ...seconds(62, 123, {ok: 20, failed: 10, unsent: 20}),
      ...seconds(123, 153, {ok: 50}),
    ];
    const {deviation} = on(judged(recorded(deviationFile([errors]), {loads})), 'checkout errors');
    expect(deviation!.verdict).to.equal('inconclusive');
    expect(deviation!.doubts[0]!.code).to.equal('under-sent');
    expect(deviation!.doubts[0]!.text).to.match(/^generator-limited: the generator sent \d+ of \d+ intended requests/);
  });

  it('is traffic of others below the floor, with the figure', () => {
    const counted = (perSecond: number): Series => ({
      ...seriesFor(levels({during: 300})),
      samples: seriesFor(levels({during: 300})).samples.map(sample => ({
        ...sample,
        lasts: 1e6,
        counted: {bad: 0, total: perSecond},
      })),
    });
    const file = deviationFile([deviating()], {minimumTraffic: 5});
    const quiet = on(judged(recorded(file, {series: [counted(2)]}))).deviation!;
    expect(quiet.verdict).to.equal('inconclusive');
    expect(quiet.doubts[0]!.text).to.equal('there were 2/s of requests, at least 5/s are needed (minimumTraffic)');
    expect(on(judged(recorded(file, {series: [counted(20)]}))).verdict).to.equal('deviated');
  });
});

describe('requests that are judged by their deviation', () => {
  const {tolerance: _, ...errors} = loadMetric({deviation: {by: 0.01, critical: 0.05}});
  const {tolerance: __, ...p95} = loadMetric({
    name: 'checkout p95',
    parameters: {of: 'checkout', measure: 'latency.p95'},
    unit: 'ms',
    deviation: {by: 0.1, critical: 0.5},
  });
  const traffic = (during: Parameters<typeof seconds>[2]) => [
    ...seconds(0, 62, {ok: 50}),
    ...seconds(62, 123, during),
    ...seconds(123, 153, {ok: 50}),
  ];

  it('compares shares of failures exactly, as a difference of shares', () => {
    const result = judged(recorded(deviationFile([errors]), {loads: traffic({ok: 47, failed: 3})}));
    expect(on(result, 'checkout errors').deviation).to.deep.include({
      verdict: 'deviated',
      allowed: {by: 0.01, critical: 0.05, of: 'share'},
      from: 0,
    });
    expect(result.headline).to.match(
      /^DEVIATED: checkout errors went from 0% to 6% \(\+6% of the requests, allowed \+1% of the requests\)/,
    );
    const quiet = judged(recorded(deviationFile([errors]), {loads: traffic({ok: 50})}));
    expect(quiet.verdict).to.equal('held');
  });

  it('compares quantiles over all requests, and counts those without an answer as slower than all', () => {
    const slow = judged(recorded(deviationFile([p95]), {loads: traffic({ok: 50, latencyMs: 60})}));
    expect(on(slow, 'checkout p95').deviation).to.include({verdict: 'deviated', grade: 'failed'});
    const dead = traffic({ok: 40}).map(one =>
      one.sent === 40 ? {...one, intended: 50, sent: 50, outcomes: {...one.outcomes, reset: [[0, 10]] as const}} : one,
    );
    const result = judged(recorded(deviationFile([p95]), {loads: dead}));
    expect(on(result, 'checkout p95').deviation).to.deep.include({verdict: 'deviated', to: null});
    expect(result.headline).to.include('beyond every limit, because too many requests got no answer');
  });

  it('finds no ground without any traffic', () => {
    const file = deviationFile([{...errors, source: 'load'}]);
    const none = on(judged(recorded(file, {loads: traffic({})})), 'checkout errors');
    expect(none.verdict).to.equal('inconclusive');
    expect(none.deviation!.doubts.map(({code}) => code)).to.include('no-traffic');
  });
});
