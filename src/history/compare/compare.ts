import type {Result} from '../../verdict/result.js';
import {couldShow} from '../could-show.js';
import {judgeFigures} from './against.js';
import type {Against, ComparedFinding, ComparedRun, ComparedSection, Comparison, JudgedRun} from './comparison.js';
import {sectionsOf} from './figures.js';
import {planDifferences} from './plan-differences.js';

const NOTES = [
  'Better and worse are said of the change against the own baseline of each run, and only where the limits of both prove a difference (wrong in one of a hundred comparisons at most, all figures of a run together); lost requests and times alike. “No difference proven” is not “the same”.',
  'Two runs differ by all that was different between them: what was changed, but also the hour, the neighbours and the machine. That a repair did it, only several runs before and after it show.',
] as const;

const key = ({code, subject, metric}: Result['findings'][number]) => JSON.stringify([code, subject ?? metric ?? '']);
const told = ({code, severity, title}: Result['findings'][number]): ComparedFinding => ({code, severity, title});

function compared(one: JudgedRun, first: JudgedRun, sections: readonly ComparedSection[]): ComparedRun {
  const {result} = one;
  const {run, title, startedAt, verdict, end, exit, headline, tool, judge, reproduce, host, findings} = result;
  const [own, others] = [new Set(findings.map(key)), new Set(first.result.findings.map(key))];
  const missing = first.result.findings.filter(finding => !own.has(key(finding)));
  const {shown, more} = planDifferences(first.experiment, one.experiment);
  return {
    run,
    title,
    startedAt,
    verdict,
    end: end.kind,
    exit,
    headline,
    tool,
    judge,
    file: reproduce.file,
    sha256: reproduce.sha256,
    host,
    findings: findings.map(told),
    newFindings: findings.filter(finding => !others.has(key(finding))).map(told),
    goneFindings: missing.filter(finding => couldShow(result, finding)).map(told),
    untoldFindings: missing.filter(finding => !couldShow(result, finding)).map(told),
    planned: shown,
    plannedMore: more,
    summary: one === first ? '' : summaryOf(run, sections),
  };
}

function summaryOf(run: string, sections: readonly ComparedSection[]): string {
  const named = (word: Against['word']) =>
    sections.filter(({figures}) => figures.some(one => one.run === run && one.against?.word === word));
  const clause = (title: string, word: Against['word']) => {
    const names = named(word).map(({name}) => name);
    return names.length === 0 ? [] : [`${title}: ${names.join(', ')}.`];
  };
  const said = [
    ...clause('Better', 'better'),
    ...clause('Worse', 'worse'),
    ...clause('Different', 'different'),
    ...clause('No difference proven', 'no difference proven'),
    ...clause('Not comparable', 'not comparable'),
  ];
  return said.length === 0 ? 'Nothing was measured that can be compared.' : said.join(' ');
}

/** Compares runs with the first of them. At least one is needed; of one alone its figures are told. */
export function compareRuns(runs: readonly [JudgedRun, ...JudgedRun[]]): Comparison {
  const [first] = runs;
  const sections = judgeFigures(sectionsOf(runs.map(({result}) => result)), first.result.run);
  const others = new Set(runs.map(({result}) => result.title));
  return {
    version: 1,
    title: others.size === 1 ? first.result.title : `${others.size} experiments`,
    runs: runs.map(one => compared(one, first, sections)),
    sections,
    notes: [...NOTES, ...(others.size === 1 ? [] : ['These are runs of different experiments.'])],
  };
}
