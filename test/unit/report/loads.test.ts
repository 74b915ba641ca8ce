import {expect} from 'chai';
import {bucketOf} from '../../../src/quantities/histogram.js';
import {renderHtml} from '../../../src/report/html/html.js';
import {renderMarkdown} from '../../../src/report/markdown/markdown.js';
import {judge} from '../../../src/verdict/judge.js';
import {resultSchema} from '../../../src/verdict/result-schema.js';
import {held} from '../../support/records.js';

const lagMs = (ms: number) => ({lagP99: ms * 1000, lags: [[bucketOf(ms * 1000), 50] as const]});

describe('what the report says about the loads', () => {
  const healthy = held();
  const late = {
    ...healthy,
    loads: healthy.loads.map(second => ({...second, ...lagMs(40), dispersion: {sent: 3.2, planned: 0}})),
  };

  it('shows what was asked of the generator and what it did, in the result and in both reports', () => {
    const result = judge(late);
    const [load] = result.loads;
    expect(load).to.deep.include({load: 'checkout', unsent: 0, dispersion: {sent: 3.2, planned: 0}});
    expect(load!.lag.p50).to.be.closeTo(40, 1);
    expect(load!.intended).to.equal(load!.sent);
    expect(resultSchema().safeParse(result).success).to.equal(true);
    for (const text of [renderMarkdown(result), renderHtml(result)]) {
      expect(text).to.match(/Sent late by, p50 and p99/);
      expect(text).to.match(/40\.?\d*ms, 40\.?\d*ms/);
      expect(text).to.include('generator-limited: 1% of the requests left 40');
    }
  });

  it('has dashes where an older record does not say, and no section without a load', () => {
    const [load] = judge({...healthy, loads: healthy.loads.map(second => ({...second, lagP99: 0}))}).loads;
    expect(load).to.deep.include({dispersion: null, lag: {p50: null, p99: 0}, limited: []});
    const none = {...judge(healthy), loads: []};
    expect(renderMarkdown(none)).to.not.include('## Loads');
    expect(renderHtml(none)).to.not.include('id="loads"');
  });
});
