import {expect} from 'chai';
import {renderHtml} from '../../../src/report/html/html.js';
import {renderMarkdown} from '../../../src/report/markdown/markdown.js';
import {judge} from '../../../src/verdict/judge.js';
import * as records from '../../support/records.js';
import {loadMetric, sampledMetric} from '../../support/signals.js';
import {gauge, requests, T0, timed, UNDONE} from '../../support/timed-records.js';

const {tolerance: _, ...byDeviation} = sampledMetric({deviation: {by: 0.1, critical: 0.5}});
const file = records.experiment({
  steadyState: [loadMetric(), byDeviation],
  objective: {metric: 'checkout errors', target: 0.999, windowMs: 30 * 86_400_000},
});
const bad = (at: number) => at >= T0 && at < UNDONE + 30;
const evidence = timed({
  file,
  series: [gauge(at => (bad(at) ? 2 : 1))],
  loads: requests(at => ({failed: bad(at) ? 10 : 0})),
});

describe('the times in the reports', () => {
  const result = judge(evidence);

  it('are a table in Markdown with the notes, the lost requests and the budget', () => {
    const text = renderMarkdown(result);
    const [, section = ''] = /## Times\n([\s\S]*?)\n## /.exec(text) ?? [];
    expect(section).to.match(/\| queue depth \| 0s to \d/);
    expect(section).to.include('of full failure').and.include('lost to the fault').and.include('30d budget');
    expect(section).to.include('98 times of 100');
    expect(section).to.not.match(/undefined|NaN|\[object/);
  });

  it('are a table in HTML whose reading is one click away', () => {
    const page = renderHtml(result);
    const [, section = ''] = /<h2 id="times">([\s\S]*?)<\/section>/.exec(page) ?? [];
    expect(section).to.include('<th scope="col" class="number">Back</th>');
    expect(section).to.include('How to read it').and.include('lost to the fault').and.include('30d budget');
    expect(page).to.include('samples.ndjson, queue depth').and.include('load.ndjson, checkout');
  });

  it('name the faults where there are several, and are left out where nothing is known', () => {
    const both = {
      ...result.times,
      metrics: result.times.metrics.flatMap(one => [one, {...one, occurrence: 'second-1'}]),
    };
    expect(renderMarkdown({...result, times: both})).to.include('| queue depth | second-1 |');
    const none = judge(records.notSteady());
    expect(renderMarkdown(none)).to.not.include('## Times');
    expect(renderHtml(none)).to.not.include('<h2 id="times">');
  });

  it('say for how long at least a metric was away where the recovery was not seen', () => {
    const away = timed({
      file,
      series: [gauge(at => (at >= T0 ? 2 : 1), 240)],
      loads: requests(() => ({}), 240),
      to: 240,
    });
    const events = away.events.map(event =>
      event.type === 'decided' && event.what === 'recovered'
        ? {...event, answer: 'no' as const, basis: {sinceUs: null}}
        : event,
    );
    const text = renderMarkdown(judge({...away, events}));
    expect(text).to.match(/Away from its baseline after the undo: queue depth for longer than 1m\d+s\./);
  });

  it('are in the summary as requests that were lost', () => {
    expect(result.impact[0]).to.match(
      /^checkout: 600 of \d+ requests failed in the [\dms]+ from the injection on: 600/,
    );
  });
});
