import {expect} from 'chai';
import {compareRuns} from '../../../src/history/compare/compare.js';
import type {Comparison, JudgedRun} from '../../../src/history/compare/comparison.js';
import {comparisonHtml} from '../../../src/history/compare/html.js';
import {comparisonLines} from '../../../src/history/compare/lines.js';
import {comparisonMarkdown} from '../../../src/history/compare/markdown.js';
import type {Evidence} from '../../../src/record/evidence.js';
import {printableJson} from '../../../src/quantities/printable.js';
import {outputToText} from '../../../src/terminal/output.js';
import {judge} from '../../../src/verdict/judge.js';
import {renamed} from '../../support/history.js';
import {poisoned, UNSEEN} from '../../support/hostile.js';
import * as records from '../../support/records.js';
import {loadMetric} from '../../support/signals.js';

const {experiment, traffic, untilBaseline, untilEnd, untilInForce, untilUndone} = records;

function judged(evidence: Evidence, run: string): JudgedRun {
  const named = renamed(evidence, {run});
  const [started] = named.events;
  if (started?.type !== 'run.started') throw new Error('the record begins with something else');
  return {result: judge(named), experiment: started.experiment};
}

/** A run in which so many of 50 requests a second fail while the fault is in force. */
const failing = (failed: number, file = experiment()): Evidence =>
  untilEnd(untilUndone(untilInForce(untilBaseline(file)))).evidence([], traffic({from: 10, to: 32, failed}));

const wordOf = (comparison: Comparison, section: string, run: string) =>
  comparison.sections.find(({name}) => name === section)?.figures.find(figure => figure.run === run)?.against?.word;

const terminal = (comparison: Comparison) => {
  const output = outputToText({columns: 100});
  output.lines(comparisonLines(comparison, output));
  return output.text();
};

describe('a comparison of runs', () => {
  it('calls better and worse what the intervals prove', () => {
    const comparison = compareRuns([
      judged(records.deviated(), 'a'),
      judged(records.held(), 'b'),
      judged(failing(30), 'c'),
    ]);
    expect(wordOf(comparison, 'checkout errors', 'a')).to.equal(undefined);
    expect(wordOf(comparison, 'checkout errors', 'b')).to.equal('better');
    expect(wordOf(comparison, 'checkout errors', 'c')).to.equal('worse');
    expect(wordOf(comparison, 'lost requests', 'b')).to.equal('better');
    expect(wordOf(comparison, 'lost requests', 'c')).to.equal('worse');
    expect(wordOf(comparison, 'time to recover', 'b')).to.equal('better');
    expect(comparison.runs[1]?.summary).to.match(/^Better: checkout errors, lost requests, time to recover\./);
  });

  it('proves nothing between two runs that are alike, or differ by little', () => {
    for (const other of [records.deviated(), failing(21)]) {
      const comparison = compareRuns([judged(records.deviated(), 'a'), judged(other, 'b')]);
      const words = comparison.sections.map(({name}) => [name, wordOf(comparison, name, 'b')]);
      for (const [name, word] of words) expect(word, name).to.equal('no difference proven');
      expect(comparison.runs[1]?.summary).to.match(/^No difference proven: checkout errors/);
    }
  });

  it('knows what is worse by the metric, and says only “different” where either way may be', () => {
    const either = (failed: number) =>
      judged(failing(failed, experiment({steadyState: [loadMetric({worse: 'either'})]})), String(failed));
    expect(wordOf(compareRuns([either(30), either(10)]), 'checkout errors', '10')).to.equal('different');
  });

  it('says which findings are new or gone, and whether the run could have told', () => {
    const [deviated, held] = [judged(records.deviated(), 'a'), judged(records.held(), 'b')];
    const codes = (findings: readonly {readonly code: string}[] = []) => findings.map(({code}) => code);
    const gone = compareRuns([deviated, held]).runs[1];
    expect(codes(gone?.goneFindings)).to.include('hypothesis-broken');
    expect(gone?.untoldFindings).to.deep.equal([]);
    expect(codes(compareRuns([held, deviated]).runs[1]?.newFindings)).to.include('hypothesis-broken');
    const untold = compareRuns([deviated, judged(records.notSteady(), 'c')]);
    expect(untold.runs[1]?.goneFindings).to.deep.equal([]);
    expect(terminal(untold)).to.include('Not seen, but this run could not have shown it: SEV2 checkout errors');
    const unmeasured = compareRuns([judged(records.rich(), 'rich'), deviated]).runs[1];
    expect(codes(unmeasured?.untoldFindings)).to.include('hypothesis-broken');
  });

  it('compares nothing with what was not measured, or not with the same unit', () => {
    const other = judged(failing(20, experiment({steadyState: [loadMetric({name: 'others'})]})), 'b');
    const comparison = compareRuns([judged(records.deviated(), 'a'), other]);
    expect(wordOf(comparison, 'checkout errors', 'b')).to.equal('not comparable');
    expect(wordOf(comparison, 'others', 'b')).to.equal('not comparable');
    expect(terminal(comparison)).to.include('not measured').and.to.include('nothing to compare in the first');
  });

  it('says what differs in the plans: of faults, loads and everything else', () => {
    const file = experiment();
    const [fault] = file.faults;
    const changed = experiment({
      faults: [{...fault!, forMs: 25_000, parameters: {grace: 'none'}}],
      windows: {...file.windows, baselineMs: 9000},
    });
    const {planned} = compareRuns([judged(records.deviated(), 'a'), judged(failing(20, changed), 'b')]).runs[1]!;
    expect(planned.map(({where, first, here}) => `${where}: ${first} → ${here}`)).to.have.members([
      'windows › baseline: 8s → 9s',
      'faults › freeze › for: 20s → 25s',
      'faults › freeze › parameters › grace: – → none',
    ]);
  });

  it('is told of every kind of run without a word of the machine', () => {
    const evidence = [
      records.rich(),
      records.killed(),
      records.notSteady(),
      records.leftOver(),
      records.platformHeal(true),
    ];
    const [first, ...others] = evidence.map((one, i) => judged(one, `run-${i}`));
    const comparison = compareRuns([first!, ...others]);
    for (const text of [terminal(comparison), comparisonMarkdown(comparison), comparisonHtml(comparison)]) {
      expect(text).to.not.match(/undefined|NaN|\[object|Infinity/);
      for (const {run} of comparison.runs) expect(text).to.include(run);
    }
    expect(JSON.parse(printableJson(comparison))).to.have.property('version', 1);
  });

  it('shows what would not be seen or would be obeyed, in every format', () => {
    const [a, b] = [judged(records.rich(), 'a'), judged(records.held(), 'b')].map(one => poisoned(one));
    const comparison = compareRuns([a!, b!]);
    for (const text of [terminal(comparison), comparisonMarkdown(comparison), comparisonHtml(comparison)]) {
      expect(text).to.not.match(UNSEEN);
      expect(text.split('\n')).to.not.include('::error::taken');
    }
    expect(comparisonMarkdown(comparison)).to.not.match(/<script/);
  });

  it('is a page that loads and runs nothing', () => {
    const [a, b] = [judged(records.rich(), 'a'), judged(records.held(), 'b')].map(one => poisoned(one));
    const page = comparisonHtml(compareRuns([a!, b!]));
    expect(page).to.include(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    expect(page).to.not.match(/<script|<img|\son\w+=/i);
    expect(page).to.not.match(/\b(?:src|href)="(?!data:,|#)/);
    expect(page).to.match(/<svg [^>]*role="img" aria-label="checkout errors[^"]*zero as a dashed line/);
  });
});
