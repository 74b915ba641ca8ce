import {expect} from 'chai';
import fc from 'fast-check';
import type {MetricSpec} from '../../../../src/experiment/experiment.js';
import {switchbackOrder} from '../../../../src/statistics/index.js';
import {seededRandom} from '../../../../src/quantities/random.js';
import {
  deviating,
  deviationFile,
  judged,
  levels,
  on,
  recorded,
  seriesFor,
  stepped,
  switchedBack,
} from '../../../support/deviations.js';
import {loadMetric, seconds} from '../../../support/signals.js';

const ORDER = [true, false, false, true, true, false, true, false, true, false, false, true];

describe('a metric with a control group', () => {
  const hit = deviating({control: 'latency (control)'});
  const {deviation: _, ...twin} = deviating({name: 'latency (control)', judge: []});
  const run = (of: {hit: number; control: number}, metric: Partial<MetricSpec> = {}) =>
    judged(
      recorded(deviationFile([{...hit, ...metric}, twin]), {
        series: [
          seriesFor(levels({during: of.hit, seed: 1})),
          seriesFor(levels({before: 50, during: of.control, seed: 2}), {metric: twin.name, id: 2}),
        ],
      }),
    );

  it('deviates by what it changed beyond the control, and says so', () => {
    const result = run({hit: 150, control: 50});
    expect(on(result).deviation).to.deep.include({design: 'control', verdict: 'deviated', decides: true});
    expect(result.headline).to.match(
      /^DEVIATED: latency went from 99\.4ms to 150ms \(\+5\d% beyond what the control did, allowed \+10%\) while/,
    );
    expect(on(result).deviation!.change!.text).to.match(/^Against the control group: \+5/);
    expect(result.metrics[0]!.deviation).to.include({control: 'latency (control)'});
    expect(result.metrics[1]).to.include({verdict: null});
  });

  it('holds when both changed alike, and deviates when only the control became better', () => {
    const alike = run({hit: 150, control: 75});
    expect(on(alike)).to.include({verdict: 'held'});
    expect(alike.verdict).to.equal('held');
    expect(on(run({hit: 100, control: 25})).deviation).to.include({verdict: 'deviated'});
  });

  it('needs values of both at the same times', () => {
    const file = deviationFile([hit, twin]);
    const result = judged(recorded(file, {series: [seriesFor(levels({during: 150}))]}));
    expect(on(result).deviation!.doubts.map(({code}) => code)).to.deep.equal(['signal-lost']);
  });

  it('compares shares of failures as differences of shares', () => {
    const {tolerance: __, ...errors} = loadMetric({deviation: {by: 0.02, critical: 0.1}, control: 'others'});
    const {deviation: ___, ...others} = {
      ...errors,
      name: 'others',
      parameters: {of: 'others', measure: 'errors.ratio'},
      judge: [],
    };
    const of = (load: string, failed: number) => [
      ...seconds(0, 62, {load, ok: 50}),
      ...seconds(62, 123, {load, ok: 50 - failed, failed}),
      ...seconds(123, 153, {load, ok: 50}),
    ];
    const file = (failed: number) =>
      recorded(deviationFile([errors, others]), {loads: [...of('checkout', 5), ...of('others', failed)]});
    expect(on(judged(file(0)), 'checkout errors').deviation).to.deep.include({
      verdict: 'deviated',
      allowed: {by: 0.02, critical: 0.1, of: 'share'},
      from: 0,
    });
    expect(on(judged(file(5)), 'checkout errors').deviation).to.include({verdict: 'held'});
  });
});

describe('a switchback', () => {
  it('has one answer over all blocks: on against off', () => {
    const result = judged(switchedBack({order: ORDER, level: isOn => (isOn ? 150 : 100)}));
    expect(result).to.include({verdict: 'deviated', exit: 7, judge: 'deviation@2'});
    expect(result.headline).to.match(
      /^DEVIATED: latency was 98\.9ms with the fault off and 151ms with it on \(\+53%, allowed \+10%\)/,
    );
    const [metric] = result.metrics;
    expect(metric!.overall).to.deep.include({
      design: 'switchback',
      verdict: 'deviated',
      decides: true,
      grade: 'failed',
    });
    const during = metric!.intervals.filter(({kind}) => kind === 'on');
    expect(during).to.have.length(6);
    expect(during.every(({verdict, deviation}) => verdict === null && deviation === undefined)).to.equal(true);
    expect(result.findings.filter(({code}) => code === 'hypothesis-broken')).to.have.length(1);
  });

  it('holds when the blocks are proven to be alike', () => {
    const result = judged(switchedBack({order: ORDER, level: () => 100}));
    expect(result).to.include({verdict: 'held', exit: 0});
    expect(result.headline).to.include(
      'with the fault off and 101ms with it on (+2%, surely no more than +3.2%, allowed +10%)',
    );
  });

  it('is not misled by a drift that would pass for an effect before and after', () => {
    const drift = (_on: boolean, at: number) => 100 * (1 + at / 200);
    const result = judged(switchedBack({order: ORDER, level: drift, back: null}));
    const {overall} = result.metrics[0]!;
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons.join()).to.include('it may have drifted');
    expect(overall).to.include({verdict: 'inconclusive'});
    // What drifts still drifts in longer blocks.
    expect(overall!.settlesSeconds).to.equal(null);
  });

  it('leaves out the washout at the start of each block', () => {
    // What the fault does shows for three seconds after it is gone, and takes three seconds to come.
    let since = 0;
    let before = false;
    const slow = (isOn: boolean, at: number) => {
      if (isOn !== before) since = at;
      before = isOn;
      return isOn === at - since >= 4 ? 150 : 100;
    };
    const of = (washoutMs: number) =>
      judged(switchedBack({order: ORDER, level: slow, washoutMs, spread: 0.001})).metrics[0]!.overall!.change!
        .estimate!;
    expect(of(5000)).to.be.closeTo(0.5, 0.02);
    expect(of(0)).to.be.below(0.3);
  });

  it('cannot decide what it did not measure, or what fewer blocks than chance cannot tell apart', () => {
    const lost = judged(switchedBack({order: ORDER, level: isOn => (isOn ? null : 100)})).metrics[0]!.overall;
    expect(lost).to.deep.include({verdict: 'inconclusive', change: null});
    expect(lost!.doubts.map(({code}) => code)).to.deep.equal(['signal-lost']);
    const order = [true, false, true, false, true, false, true, false];
    const few = judged(switchedBack({order, level: isOn => (isOn ? 300 : 100)})).metrics[0]!;
    expect(few.overall).to.include({verdict: 'inconclusive'});
    expect(few.explanation).to.include('there are too few blocks to tell its change from chance');
  });

  it('says the same of mirrored blocks, in any unit', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 500}), fc.constantFrom(100, 104, 130), (seed, during) => {
        const order = switchbackOrder(12, seededRandom(seed));
        const verdict = (times: number) =>
          judged(switchedBack({order, level: isOn => (isOn ? during : 100) * times})).metrics[0]!.overall!.verdict;
        expect(verdict(1000)).to.equal(verdict(1));
        expect(verdict(1)).to.equal(during === 130 ? 'deviated' : 'held');
      }),
      {numRuns: 6},
    );
  });

  it('shares its chance of a false alarm over all metrics, and decides nothing by those that have a tolerance', () => {
    const limited = {...deviating({name: 'limited'}), tolerance: {below: 1000, settlesWithinMs: 0}};
    const metrics = [deviating(), limited];
    const result = judged(switchedBack({order: ORDER, level: isOn => (isOn ? 150 : 100), metrics}));
    expect(result.metrics.map(({verdict}) => verdict)).to.deep.equal(['deviated', 'held']);
    expect(result.metrics[1]!.overall).to.include({decides: false, alsoMoved: true});
  });
});

describe('the third window (A-B-A)', () => {
  const run = (of: {during: number; after: number}, metric: Partial<MetricSpec> = {}, back?: null) =>
    judged(
      recorded(deviationFile([deviating(metric)]), {
        series: [seriesFor(levels(of))],
        ...(back === null ? {back} : {}),
      }),
    );

  it('puts a change in doubt that is still there when the fault is gone', () => {
    const result = run({during: 150, after: 150}, {judge: ['fault']});
    expect(result).to.include({verdict: 'inconclusive', exit: 5});
    expect(on(result).deviation).to.deep.include({verdict: 'inconclusive', grade: null, settlesSeconds: null});
    expect(on(result).deviation!.doubts.map(({code}) => code)).to.deep.equal(['confounded-with-time']);
    expect(result.headline).to.match(
      /^INCONCLUSIVE: latency: it went from 99\.4ms to 150ms \(\+50%, allowed \+10%\), but after the recovery it was not where it had been before/,
    );
    const after = result.metrics[0]!.intervals.find(({kind}) => kind === 'recovery');
    expect(after!.backToBaseline).to.include({state: 'confounded-with-time'});
    expect(result.findings.map(({code}) => code)).to.include('confounded-with-time');
  });

  it('leaves a change alone that goes with the fault, and says that it was back', () => {
    const result = run({during: 150, after: 100});
    expect(result.verdict).to.equal('deviated');
    const after = result.metrics[0]!.intervals.find(({kind}) => kind === 'recovery');
    expect(after!.backToBaseline).to.include({state: 'back'});
    expect(after).to.include({verdict: 'held'});
  });

  it('tells of what did not come back, whatever changed it', () => {
    const result = run({during: 150, after: 150}, {}, null);
    expect(result).to.include({verdict: 'deviated', exit: 7});
    expect(result.headline).to.match(
      /^DEVIATED: latency went from 99\.4ms to 150ms .* while .*, and had not come back by the end of the recovery\.$/,
    );
    expect(result.reasons[0]).to.match(
      /^the steady state had not come back by the end of the recovery: latency was still 1\d\d(\.\d+)?ms \(allowed: \+10%\)$/,
    );
  });
});

describe('steps', () => {
  it('are judged each over its own time, and the last that held is named', () => {
    const evidence = stepped([102, 103, 180]);
    const result = judged(evidence);
    expect(result.occurrences.map(({verdict}) => verdict)).to.deep.equal(['held', 'held', 'deviated']);
    expect(result.headline).to.match(/ The last step that held: delay 100ms\.$/);
    expect(judged(stepped([150, 200, 250])).headline).to.include('No step held.');
  });
});
