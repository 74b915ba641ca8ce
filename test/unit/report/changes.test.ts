import {expect} from 'chai';
import {boundsOf, changeRows} from '../../../src/report/changes.js';
import {hypothesisOf, scorecard} from '../../../src/report/document.js';
import {renderHtml} from '../../../src/report/html/html.js';
import {renderMarkdown} from '../../../src/report/markdown/markdown.js';
import {judge} from '../../../src/verdict/judge.js';
import {deviating, deviationFile, levels, recorded, seriesFor, switchedBack} from '../../support/deviations.js';
import {sampledMetric} from '../../support/signals.js';

const deviation = {by: 0.1, critical: 0.5};

function several() {
  const limited = sampledMetric({name: 'queue depth', deviation, tolerance: {below: 200, settlesWithinMs: 0}});
  const {hypothesis: _, ...file} = deviationFile([
    deviating({name: 'checkout latency'}),
    limited,
    deviating({name: 'memory', unit: 'bytes', judge: []}),
  ]);
  const of = (metric: string, id: number, before: number, during: number) =>
    seriesFor(levels({before, during, seed: id}), {metric, id});
  return judge(
    recorded(file, {
      series: [of('checkout latency', 1, 31, 238), of('queue depth', 2, 100, 150), of('memory', 3, 64e6, 90e6)],
    }),
  );
}

describe('changes in the reports', () => {
  it('are in the scorecard, with what is allowed and what decides', () => {
    expect(
      scorecard(several()).map(({name, before, during, change, allowed, verdict}) => [
        name,
        before,
        during,
        change,
        allowed,
        verdict,
      ]),
    ).to.deep.equal([
      ['checkout latency', '30.8ms', '237ms', '+670%', '+10%', 'deviated'],
      ['queue depth', '99.75', '149.57', '+50.1%, more than allowed', 'below 200; +10%', 'held'],
      ['memory', '61.08MiB', '85.43MiB', '+39.5%, more than allowed', '+10%', 'also moved'],
    ]);
  });

  it('are the hypothesis where the file states none', () => {
    expect(hypothesisOf(several())).to.equal(
      'checkout latency changes by no more than +10% against its baseline, queue depth stays below 200 while the faults are in force.',
    );
  });

  it('have a line each in HTML, one click away, with what the columns mean', () => {
    const page = renderHtml(several());
    const [first = ''] = page.split('<figure class="own">').slice(1);
    const [shown = '', folded = ''] = first.split('<details>');
    expect(shown).to.include('30.8ms → 237ms →').and.include('allowed: +10%');
    expect(shown).to.not.include('Tendency');
    for (const part of [
      'Numbers behind it',
      'It went from 30.8ms to 237ms (+670%, allowed +10%) while',
      '+662% to +678%',
      'Tendency',
      'Typical shift',
      'Independent',
      'Seen from',
    ]) {
      expect(folded, part).to.include(part);
    }
    expect(folded).to.match(/class="verdict deviated">failed</);
    expect(page).to.include('Against its baseline: queue depth went from');
  });

  it('have a table in Markdown', () => {
    const text = renderMarkdown(several());
    expect(text).to.include('## Changes against the baseline');
    expect(text).to.match(/\| queue depth \| fault freeze-1 \| \+50\.1% \|.*\| degraded \(decides nothing\) \|/);
    expect(text).to.include('Surely: each end is wrong in one of a hundred runs at most');
  });

  it('are one line for a whole switchback', () => {
    const order = [true, false, false, true, true, false, true, false, true, false];
    const result = judge(switchedBack({order, level: on => (on ? 150 : 100)}));
    const [row] = changeRows(result.metrics[0]!);
    expect(row).to.include({interval: 'all blocks', answer: 'failed', cliffsDelta: '–', detectable: '–'});
    expect(renderHtml(result)).to.include('with the fault off and');
  });

  it('draw what is allowed into the chart, in the direction that is worse', () => {
    const of = (worse: 'higher' | 'lower' | 'either') => {
      const file = deviationFile([deviating({worse})]);
      const [metric] = judge(recorded(file, {series: [seriesFor(levels({spread: 0}))]})).metrics;
      return boundsOf(metric!).map(bound => Math.round(bound));
    };
    expect([of('higher'), of('lower'), of('either')]).to.deep.equal([[110], [90], [110, 90]]);
  });
});
