import {expect} from 'chai';
import {SyntaxValidator} from 'fast-xml-validator';
import {casesOf} from '../../../src/report/cases.js';
import {renderCtrf} from '../../../src/report/ctrf/ctrf.js';
import {renderGithub} from '../../../src/report/github/github.js';
import {renderJunit} from '../../../src/report/junit/junit.js';
import {renderOpenMetrics} from '../../../src/report/openmetrics/openmetrics.js';
import {FORMATS} from '../../../src/report/registry.generated.js';
import {renderSummary} from '../../../src/report/summary/summary.js';
import {judge} from '../../../src/verdict/judge.js';
import type {Result} from '../../../src/verdict/result.js';
import {poisoned, UNSEEN} from '../../support/hostile.js';
import * as records from '../../support/records.js';

const held = () => judge(records.held());
const deviated = () => judge(records.deviated());
const statusOf = (result: Result, name: string) => casesOf(result).find(one => one.name === name)?.status;

/** The result with hostile text wherever an author, a target or a person may put some. */
const hostile = (): Result => poisoned(judge(records.rich()));

describe('what was to hold, one by one', () => {
  it('passes where it held', () => {
    const cases = casesOf(held());
    expect(cases.map(({status}) => status)).to.deep.equal(cases.map(() => 'passed'));
    expect(cases.map(({name}) => name)).to.include.members(['checkout errors', 'the steady state comes back']);
  });

  it('fails where it deviated, and the run with it', () => {
    expect(statusOf(deviated(), 'checkout errors')).to.equal('failed');
    expect(statusOf(deviated(), 'the run as a whole')).to.equal('failed');
    expect(statusOf(deviated(), 'everything is put back')).to.equal('passed');
  });

  it('passes a weakness that the file pins, and says so', () => {
    const pinned = judge(
      records.deviated(records.experiment({expect: {recovery: {withinMs: 30_000}, checks: [], verdict: 'deviated'}})),
    );
    const metric = casesOf(pinned).find(({name}) => name === 'checkout errors');
    expect(metric).to.include({status: 'passed'});
    expect(metric?.message).to.match(/^As the file expects: /);
    expect(statusOf(pinned, 'the run as a whole')).to.equal('passed');
  });

  it('is an error where something is left, and skipped where nothing was begun', () => {
    expect(statusOf(judge(records.leftOver()), 'everything is put back')).to.equal('error');
    const cases = casesOf(judge(records.notSteady()));
    expect(cases.find(({name}) => name === 'the run as a whole')?.status).to.equal('skipped');
    expect(cases).to.have.length(2);
  });
});

describe('JUnit', () => {
  it('counts what it lists, with a failure for what deviated', () => {
    const text = renderJunit(deviated());
    const [, tests, failures] = /<testsuite .*tests="(\d+)" failures="(\d+)" errors="0" skipped="0"/.exec(text) ?? [];
    expect(text.match(/<testcase /g)).to.have.length(Number(tests));
    expect(text.match(/<failure /g)).to.have.length(Number(failures));
    expect(text).to.match(/name="checkout errors" time="0"><failure type="deviated" message="It rose from 0% to 40%/);
  });

  it('is well-formed whatever the texts are', () => {
    const text = renderJunit(hostile());
    expect(SyntaxValidator.validate(text)).to.equal(true);
    expect(text.match(/<testsuite /g)).to.have.length(1);
  });
});

describe('CTRF', () => {
  it('has what its schema requires, and sums that fit', () => {
    const report = JSON.parse(renderCtrf(deviated())) as {
      reportFormat: string;
      specVersion: string;
      results: {
        tool: {name: string};
        summary: Record<string, number>;
        tests: {name: string; status: string; duration: number; suite: string[]}[];
      };
    };
    expect(report).to.include({reportFormat: 'CTRF'});
    expect(report.specVersion).to.match(/^\d+\.\d+\.\d+$/);
    const {tool, summary, tests} = report.results;
    expect(tool.name).to.not.equal('');
    expect(summary).to.include.keys('tests', 'passed', 'failed', 'skipped', 'pending', 'other', 'start', 'stop');
    expect(Object.values(summary).every(Number.isInteger)).to.equal(true);
    expect(summary['tests']).to.equal(tests.length);
    for (const [key, status] of [
      ['passed', 'passed'],
      ['failed', 'failed'],
      ['skipped', 'skipped'],
      ['other', 'other'],
    ] as const)
      expect(summary[key]).to.equal(tests.filter(one => one.status === status).length);
    expect(tests.find(({name}) => name === 'checkout errors')).to.include({status: 'failed', duration: 0});
  });
});

describe('GitHub annotations', () => {
  it('name the file and what did not hold', () => {
    expect(renderGithub(deviated()).split('\n')[0]).to.match(
      /^::error file=freeze\.yaml,title=steady state%3A checkout errors::It rose from 0%25 to 40%25/,
    );
    expect(renderGithub(held())).to.match(/^::notice .*HELD: [^\n]*\n$/);
  });

  it('are commands of ours only, whatever the texts are', () => {
    const lines = renderGithub(hostile()).trimEnd().split('\n');
    for (const line of lines) expect(line).to.match(/^::(error|warning|notice) file=[^:]*::/);
    expect(lines.length).to.be.at.most(10);
  });
});

describe('OpenMetrics', () => {
  const LINE =
    /^(# (TYPE|HELP) firedrill_[a-z_]+ .+|firedrill_[a-z_]+\{([a-z_]+="(?:[^"\\]|\\["\\n])*",?)+\} -?[\d.e+-]+|# EOF)$/;

  it('has the figures of the run', () => {
    const text = renderOpenMetrics(deviated());
    expect(text).to.match(/firedrill_run_exit_code\{experiment="[^"]+",run="[^"]+"\} 7/);
    expect(text).to.match(/firedrill_run_metric_value\{.*metric="checkout errors",unit="ratio",window="during"\} 0\.4/);
    expect(text).to.match(/verdict="deviated"\} 1/);
    expect(text.endsWith('# EOF\n')).to.equal(true);
  });

  it('is lines of the format whatever the texts are', () => {
    const lines = renderOpenMetrics(hostile()).trimEnd().split('\n');
    for (const line of lines) expect(line).to.match(LINE);
    expect(lines.filter(line => line === '# EOF')).to.have.length(1);
  });
});

describe('the short report', () => {
  it('says what matters in at most 60 lines, however many metrics and findings there are', () => {
    const result = judge(records.rich());
    const much = {
      ...result,
      metrics: Array.from({length: 30}, () => result.metrics).flat(),
      findings: Array.from({length: 30}, () => result.findings).flat(),
    };
    const text = renderSummary(much);
    expect(text.split('\n').length).to.be.at.most(60);
    expect(text).to.include('DEVIATED').and.include('more metrics are in the whole report').and.include('**First:**');
  });

  it('can be made of every kind of run', () => {
    for (const evidence of [records.killed(), records.notSteady(), records.leftOver(), records.guardTripped()]) {
      expect(renderSummary(judge(evidence))).to.not.match(/undefined|NaN|\[object/);
    }
  });
});

describe('every format', () => {
  it('shows what would not be seen or would be obeyed instead of passing it on', async () => {
    const result = hostile();
    // The schema of result.json is strict about words; what stands in it is escaped like the others (json.test).
    for (const format of FORMATS.filter(({name}) => name !== 'json')) {
      const text = await format.render(result);
      expect(text, format.name).to.not.match(UNSEEN);
      expect(text.split('\n'), format.name).to.not.include('::error::taken');
    }
  });
});
