import {expect} from 'chai';
import fc from 'fast-check';
import {html, scriptData} from '../../../src/report/html/escape.js';
import {renderHtml} from '../../../src/report/html/html.js';
import {timeAxis, valueAxis} from '../../../src/report/html/scale.js';
import {judge} from '../../../src/verdict/judge.js';
import type {Result} from '../../../src/verdict/result.js';
import * as records from '../../support/records.js';

const HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(2)>"\'&`${x}';

/** The page without the scripts and styles that are ours. */
const markup = (page: string) => page.replace(/<script[\s\S]*?<\/script>|<style>[\s\S]*?<\/style>/g, '');

describe('the HTML report', () => {
  const rich = judge(records.rich());
  const page = renderHtml(rich);

  it('has all parts of a postmortem under headings', () => {
    const headings = [...page.matchAll(/<h2 id="[a-z]+">([^<]+)</g)].map(([, heading]) => heading);
    expect(headings).to.deep.equal([
      'What to do first',
      'Timeline (UTC)',
      'Findings',
      'Action items (proposed)',
      'What was measured',
      'Scorecard',
      'Dependencies, seen and proven',
      'Impact and detection',
      'Contributing factors',
      'Lessons',
      'What was injected, and how it ended',
      'Times',
      'Loads',
      'Data sources',
      'How to run it again',
    ]);
    expect(page).to.include('to be assigned');
  });

  it('loads nothing: no address to fetch from, and a policy that forbids it', () => {
    expect(page).to.include("default-src 'none'");
    expect(markup(page)).to.not.match(/\b(?:src|href)="(?!data:,|#)/);
    expect(page).to.not.match(/@import|url\(/);
  });

  it('shows every metric as an SVG that says what it shows, without JavaScript', () => {
    const charts = [...page.matchAll(/<svg viewBox[^>]*role="img" aria-label="([^"]+)"/g)].map(([, label]) => label);
    // The one that tells most stands on the first screen, too.
    expect(charts).to.have.length(5);
    expect(charts[0]).to.equal(charts[1]);
    expect(charts[0]).to.include('rose from 0% to 40%');
    expect(page).to.include('class="band on"').and.to.include('class="tolerance"');
  });

  it('shows whatever an author, a target or an error message says as text', () => {
    const hostile: Result = {
      ...rich,
      title: HOSTILE,
      headline: `DEVIATED: ${HOSTILE}`,
      hypothesis: HOSTILE,
      owner: HOSTILE,
      host: HOSTILE,
      tool: HOSTILE,
      reasons: [HOSTILE],
      impact: [HOSTILE],
      metrics: rich.metrics.map(metric => ({...metric, name: HOSTILE, explanation: HOSTILE})),
      findings: rich.findings.map(finding => ({
        ...finding,
        title: HOSTILE,
        evidence: [{label: HOSTILE, value: HOSTILE}],
      })),
      timeline: rich.timeline.map(row => ({...row, what: HOSTILE, source: HOSTILE})),
      reproduce: {command: HOSTILE, seed: 1, file: HOSTILE, sha256: HOSTILE},
    };
    const text = renderHtml(hostile);
    expect(text.match(/<script/g)).to.have.length(3);
    expect(text.match(/<img/g)).to.equal(null);
    expect(markup(text)).to.not.include('alert(1)</script>');
    const data = /id="chart-data">([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '';
    expect((JSON.parse(data) as {names: string[]}[])[0]?.names[0]).to.equal(HOSTILE);
  });

  it('says still broken on top when something is owed', () => {
    const text = renderHtml(judge(records.leftOver()));
    expect(text).to.match(/class="banner bad" role="status"><p class="verdict-line"><strong>STILL BROKEN</);
  });

  it('can be made of every kind of run', () => {
    for (const evidence of [
      records.killedAndLeft(),
      records.notSteady(),
      records.steps(),
      records.platformHeal(true),
    ]) {
      expect(markup(renderHtml(judge(evidence)))).to.not.match(/undefined|NaN|\[object/);
    }
  });
});

describe('escaping', () => {
  it('leaves nothing that HTML reads as markup', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(html(text)).to.not.match(/[<>"']/);
      }),
    );
  });

  it('shows what would not be seen, in the text and in the charts', () => {
    expect(html('a\u202eb\u200bc\u001b[8m\nd')).to.equal('a�b�c␛[8m d');
    expect(JSON.parse(scriptData({names: ['a\u202eb']}))).to.deep.equal({names: ['a�b']});
  });

  it('keeps data in a script as it is, without any way out of the element', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const text = scriptData(value);
        expect(text).to.not.include('<');
        expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('the axes of a chart', () => {
  it('hold every value and what is allowed, with a few marks', () => {
    // Charts hold six digits; what is smaller than a millionth of anything measured is no figure.
    const value = fc.double({min: -1e9, max: 1e9, noNaN: true}).map(v => Math.round(v * 1e6) / 1e6);
    fc.assert(
      fc.property(fc.array(value, {maxLength: 20}), fc.option(value), (values, below) => {
        const chart = [{subject: null, points: values.map((v, i) => [i, v] as const)}];
        const axis = valueAxis({unit: 'number', chart}, below === null ? [] : [below]);
        for (const shown of [...values, ...(below === null ? [] : [below])]) {
          expect(shown).to.be.within(axis.min, axis.max);
        }
        expect(axis.ticks.length).to.be.within(2, 12);
      }),
    );
  });

  it('has at most nine marks in time', () => {
    fc.assert(
      fc.property(fc.double({min: 0, max: 1e6, noNaN: true}), seconds => {
        expect(timeAxis(seconds).ticks.length).to.be.within(1, 9);
      }),
    );
  });
});
