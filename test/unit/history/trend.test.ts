import {expect} from 'chai';
import type {ListedRun, MetricSummary, RunSummary} from '../../../src/history/summary.js';
import {trendLines} from '../../../src/history/trend-lines.js';
import {runsOf, trendOf} from '../../../src/history/trend.js';
import {FiredrillError} from '../../../src/system/error.js';
import {outputToText} from '../../../src/terminal/output.js';
import {summary} from '../../support/history.js';
import {poisoned, UNSEEN} from '../../support/hostile.js';

const errors = (during: number | null): MetricSummary => ({
  name: 'errors',
  unit: 'ratio',
  verdict: 'deviated',
  during,
  change: during === null ? null : {of: 'share', estimate: during, lower: during - 0.01, upper: during + 0.01},
});

const run = (name: string, over: Partial<RunSummary> = {}) => summary({run: name, ...over});
const RUNS = [
  run('r1', {verdict: 'deviated', metrics: [errors(0.4)], detectedSeconds: 1, recoverySeconds: [2, 3]}),
  run('r2', {verdict: null, end: 'not-steady', recovery: 'not-watched'}),
  run('r3', {metrics: [errors(0.1)], conditions: 'c2', recoverySeconds: null}),
] as const;

const told = (...args: Parameters<typeof trendOf>) => {
  const output = outputToText({columns: 120});
  output.lines(trendLines(trendOf(...args), output));
  return output.text();
};

describe('the trend of an experiment', () => {
  it('has verdict, times and the change of each metric from run to run', () => {
    const lines = told([...RUNS]).split('\n');
    expect(lines[0]).to.equal('Checkout survives a frozen inventory: 3 runs');
    expect(lines[2]).to.match(/^r1 +2026-03-01 09:00 +deviated +1s +3s +\+40%$/);
    expect(lines[3]).to.match(/^r2 +2026-03-01 09:00 +not-steady +– +not watched +–$/);
    expect(lines[4]).to.match(/^r3 \* +2026-03-01 09:00 +held +– +none needed +\+10%$/);
    expect(lines[6]).to.match(/^errors +█·▃ +10% to 40%$/);
    expect(lines[7]).to.match(/^time to recover +█·· +3s to 3s$/);
  });

  it('says where faults or loads were others than before', () => {
    expect(trendOf([...RUNS]).changedConditions).to.deep.equal(['r3']);
    expect(told([...RUNS])).to.include('* The faults or loads were not those of the run before.');
    expect(told([RUNS[0]])).to.not.include('* The faults');
  });

  it('compares no figures in different units', () => {
    const other = run('r4', {metrics: [{...errors(3), unit: 'count'}]});
    expect(trendOf([RUNS[0], other]).metrics[0]?.during).to.deep.equal([0.4, null]);
  });

  it('is of one experiment, by its whole title where others have the same words', () => {
    const listed = (own: RunSummary): ListedRun => ({...own, folder: own.run, summary: own});
    const runs = [...RUNS, run('r4', {title: 'Checkout survives'}), run('r5', {title: 'Another'})].map(listed);
    expect(runsOf(runs, 'frozen').map(one => one.run)).to.deep.equal(['r1', 'r2', 'r3']);
    expect(runsOf(runs, 'checkout SURVIVES').map(one => one.run)).to.deep.equal(['r4']);
    expect(() => runsOf(runs, 'check')).to.throw(FiredrillError, 'there are 2');
    expect(() => runsOf(runs, 'nothing')).to.throw(FiredrillError, 'there is none');
  });

  it('shows what would not be seen or would be obeyed', () => {
    const [first, ...others] = RUNS.map(one => poisoned(one));
    const text = told([first!, ...others]);
    expect(text).to.not.match(UNSEEN);
    expect(text.split('\n')).to.not.include('::error::taken');
  });
});
