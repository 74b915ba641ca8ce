import {expect} from 'chai';
import {judge} from '../../../src/verdict/judge.js';
import {changeOf} from '../../../src/verdict/change.js';
import {resultSchema} from '../../../src/verdict/result-schema.js';
import * as records from '../../support/records.js';
import {loadMetric, sampledMetric, seconds, series} from '../../support/signals.js';

const windows = {baseline: {fromUs: 0, toUs: 40e6}, fault: {fromUs: 40e6, toUs: 80e6}};

describe('the change against the baseline', () => {
  it('is in the result of a fault interval, and decides nothing', () => {
    const result = judge(records.deviated());
    const on = result.metrics[0]!.intervals.find(({kind}) => kind === 'on')!;
    expect(on.change).to.include({of: 'share'});
    expect(on.change!.estimate).to.be.closeTo(0.4, 0.02);
    expect(on.change!.lower).to.be.within(0.3, 0.4);
    expect(on.change!.text).to.match(/^Against the baseline: \+(39|40|41).* of the requests \(surely \+3/);
    expect(
      result.metrics[0]!.intervals.filter(({kind, change}) => kind !== 'on' && change !== undefined),
    ).to.deep.equal([]);
    resultSchema().parse(JSON.parse(JSON.stringify(result)));
  });

  it('says what could have been seen when nothing was', () => {
    const values = Array.from({length: 80}, (_, i) => 100 + 10 * Math.sin(i * 2.4));
    const data = {series: [series(values)], loads: []};
    const change = changeOf(sampledMetric(), data, windows)!;
    expect(change).to.include({of: 'relative'});
    expect(change.detectable).to.be.within(0.005, 0.2);
    expect(change.text).to.match(/^Against the baseline: no proven change \(.* would have been seen\)\.$/);
  });

  it('is in units where the baseline is about zero', () => {
    const data = {series: [series(Array.from({length: 80}, (_, i) => (i < 40 ? Math.sin(i * 2.4) : 5)))], loads: []};
    expect(changeOf(sampledMetric(), data, windows)).to.deep.include({of: 'unit', detectable: null});
  });

  it('counts unanswered requests as slower than all', () => {
    const quiet = seconds(0, 40, {ok: 50});
    const dead = seconds(40, 80, {ok: 40}).map(one => ({
      ...one,
      sent: 50,
      outcomes: {...one.outcomes, reset: [[0, 10]] as const},
    }));
    const latency = loadMetric({parameters: {of: 'checkout', measure: 'latency.p95'}, unit: 'ms'});
    const change = changeOf(latency, {series: [], loads: [...quiet, ...dead]}, windows)!;
    expect(change.estimate).to.equal(null);
    expect(change.text).to.include('beyond every limit (surely');
  });

  it('is not known from a few seconds, without data, or for several subjects', () => {
    const data = {series: [], loads: seconds(0, 46, {ok: 50})};
    expect(changeOf(loadMetric(), data, windows)).to.equal(undefined);
    expect(changeOf(sampledMetric(), data, windows)).to.equal(undefined);
  });
});
