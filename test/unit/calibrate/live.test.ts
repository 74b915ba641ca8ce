import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import {withPart} from '../../../scripts/calibrate/document.js';
import {outcomeOf, type Outcome} from '../../../scripts/calibrate/live/outcomes.js';
import {ROOT} from '../../../scripts/calibrate/live/series.js';
import {liveText, upperBound} from '../../../scripts/calibrate/live/text.js';
import type {Result} from '../../../src/verdict/result.js';

const outcome = (verdict: Outcome['verdict']): Outcome => ({
  run: 'one',
  headline: `it was ${verdict}`,
  verdict,
  baselineSeconds: 30,
  metrics: [{name: 'errors', by: 0.02, verdict: verdict === 'not begun' ? null : verdict, change: -0.01}],
});
const times = (n: number, verdict: Outcome['verdict']) => Array.from({length: n}, () => outcome(verdict));

const note = {
  kind: 'nothing' as const,
  runs: 50,
  parallel: 2,
  windowSeconds: 30,
  resizeSeconds: 90,
  startedAt: '2026-01-02T03:04:05.000Z',
  node: 'v20.19.0',
  cores: 2,
  load: [0.5, 1.25],
};

/** The parts of a result that are looked at. */
const result = (over: Partial<Result>): Result =>
  ({run: 'one', headline: 'h', exit: 0, verdict: 'held', intervals: [], metrics: [], ...over}) as unknown as Result;

describe('the calibration by real runs', () => {
  it('bounds the rate of false alarms by the judged runs alone: 50 without one allow 5.8 %', () => {
    expect(upperBound(times(50, 'held'))).to.be.closeTo(0.0582, 0.0001);
    expect(upperBound([...times(25, 'held'), ...times(25, 'inconclusive'), ...times(9, 'not begun')])).to.be.closeTo(
      0.0582,
      0.0001,
    );
    expect(upperBound([...times(49, 'held'), outcome('deviated')])).to.be.closeTo(0.0914, 0.0001);
  });

  it('takes a run that the gate stopped as not begun, and nothing else without a verdict as a result', () => {
    expect(outcomeOf(result({verdict: null, exit: 8})).verdict).to.equal('not begun');
    expect(outcomeOf(result({verdict: null, exit: 3})).verdict).to.equal('not begun');
    expect(outcomeOf(result({verdict: 'deviated', exit: 7})).verdict).to.equal('deviated');
    expect(() => outcomeOf(result({verdict: null, exit: 6}))).to.throw('one ended with 6: h');
    expect(() => outcomeOf(result({verdict: 'inconclusive', exit: 130}))).to.throw('130');
  });

  it('counts the verdicts and names every false alarm', () => {
    const text = liveText(note, [...times(3, 'held'), ...times(2, 'not begun'), outcome('deviated')]);
    expect(text).to.include('| 6 | 3 | 0 | 2 | 1 | 75.1 % |');
    expect(text).to.include('- one: it was deviated');
    expect(text).to.include('| errors | 2 % | 3 | 0 | 1 | 1 % | 1 % |');
    expect(liveText(note, times(3, 'held'))).to.include('No run was called `deviated`.');
  });

  it('is told in the README with the figures of the document', () => {
    const [document, readme] = ['docs/calibration.md', 'README.md'].map(name => readFileSync(join(ROOT, name), 'utf8'));
    const row = /^\| (\d+) \| \d+ \| \d+ \| (\d+) \| (\d+) \| ([\d.]+ %) \|$/m.exec(document ?? '');
    const [, runs, notBegun, deviated, bound] = row ?? [];
    expect(readme).to.include(`Of the last real series, ${runs} runs`);
    expect(readme).to.include(`the gate let ${Number(runs) - Number(notBegun)} begin`);
    expect(readme).to.include(`${deviated} were called deviated, which bounds false alarms at ${bound}`);
    expect(deviated).to.equal('0');
  });

  it('leaves the other part of the document alone', () => {
    const both = withPart(withPart('', 'live', 'real\n'), 'simulated', 'drawn');
    expect(both).to.match(/^# Calibration[^]*real[^]*drawn/);
    const again = withPart(both, 'live', 'new');
    expect(again).to.include('drawn').and.not.include('real\n\n<!--');
    expect(withPart(again, 'simulated', 'drawn')).to.equal(again);
  });
});
