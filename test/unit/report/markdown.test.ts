import {expect} from 'chai';
import fc from 'fast-check';
import {FORMATS} from '../../../src/report/registry.generated.js';
import {renderJson} from '../../../src/report/json/json.js';
import {renderMarkdown} from '../../../src/report/markdown/markdown.js';
import {code, md} from '../../../src/report/markdown/text.js';
import {judge} from '../../../src/verdict/judge.js';
import type {Result} from '../../../src/verdict/result.js';
import * as records from '../../support/records.js';

describe('the Markdown report', () => {
  it('is a postmortem with all its parts', () => {
    const text = renderMarkdown(judge(records.rich()));
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).to.deep.equal([
      'Findings',
      'Action items (proposed)',
      'Scorecard',
      'Dependencies, seen and proven',
      'Impact and detection',
      'Contributing factors (candidates, to be confirmed or rejected)',
      'Went well',
      'Went wrong',
      'Where we got lucky',
      'What was injected, and how it ended',
      'Changes against the baseline',
      'Times',
      'Loads',
      'Timeline (UTC)',
      'Data sources',
      'How to run it again',
    ]);
    expect(text).to.include('> **DEVIATED**: Checkout errors rose from 0% to 40%');
    expect(text).to.include('**to be assigned**');
    expect(text).to.include('`firedrill run freeze.yaml --yes`');
  });

  it('can be made of every kind of run', () => {
    for (const evidence of [records.killed(), records.notSteady(), records.leftOver(), records.guardTripped()]) {
      expect(renderMarkdown(judge(evidence))).to.not.match(/undefined|NaN|\[object/);
    }
  });

  it('keeps hostile text inside its cell', () => {
    const rich = judge(records.rich());
    const [row] = rich.timeline;
    const hostile: Result = {...rich, timeline: [{...row!, what: 'a | b\n# c <script> [x](http://y)'}]};
    const line = renderMarkdown(hostile)
      .split('\n')
      .find(text => text.includes('script'));
    expect(line).to.include('a \\| b \\# c &lt;script&gt; \\[x\\](`http://y`)');
  });

  it('escapes to a single line without markup', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(md(text)).to.not.match(/[\r\n<>]/);
        expect(md(text).replaceAll(/(?<!\\)`[^`]+`/g, '')).to.not.match(/(?<!\\)[|[\]]/);
      }),
    );
  });

  it('leaves nothing for a site to link, to mention or to obey', () => {
    expect(md('see http://evil.example/a_b?c=d. Or www.evil.example, ok')).to.equal(
      'see `http://evil.example/a_b?c=d`. Or `www.evil.example`, ok',
    );
    expect(md('ask @admin or team@evil.example about #12')).to.equal('ask `@admin` or `team@evil.example` about `#12`');
    expect(md('postgres://u:p@h/db|x')).to.equal('`postgres://u:p@h/db`\\|x');
    expect(md('&#64;admin &lt;')).to.equal('&amp;`#64`;admin &amp;lt;');
    expect(md('a\u001b[8mb\u202ec\u200bd')).to.equal('a␛\\[8mb�c�d');
    expect(code('a\u001b[8m\u202eb\nc')).to.equal('`a␛[8m�b c`');
  });

  it('takes its time from the length of a text alone', () => {
    const started = performance.now();
    md('a'.repeat(20_000));
    const one = performance.now() - started;
    md('a'.repeat(200_000));
    expect(performance.now() - started - one).to.be.below(60 * one + 1000);
  });

  it('makes a code span of any text', () => {
    expect(code('a`b')).to.equal('`` a`b ``');
    expect(code('plain')).to.equal('`plain`');
  });
});

describe('the report formats', () => {
  it('render the same result twice alike, whatever the format', async () => {
    const result = judge(records.rich());
    for (const format of Object.values(FORMATS)) {
      expect(await format.render(result)).to.equal(await format.render(result));
    }
  });

  it('write JSON that reads back as the result', () => {
    const result = judge(records.rich());
    expect(JSON.parse(renderJson(result))).to.deep.equal(JSON.parse(JSON.stringify(result)));
  });

  it('write no JSON that its schema does not allow, and say where it is wrong', () => {
    const result = {...judge(records.rich()), durationSeconds: NaN, gaps: ['', 1]};
    expect(() => renderJson(result as Result)).to.throw(/durationSeconds: .*; gaps\.1: /);
  });
});
