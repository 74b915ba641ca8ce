import {printable} from '../../quantities/printable.js';
import type {Result} from '../../verdict/result.js';
import {casesOf, countCases, type Case} from '../cases.js';
import type {Format} from '../format.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Any text as the value of an attribute or the content of an element; XML 1.0 has no way to write most controls. */
function xml(text: string | number): string {
  return printable(String(text)).replace(/[&<>"']|[\ufffe\uffff]/g, character => ENTITIES[character] ?? '\ufffd');
}

const TAGS: Readonly<Record<Exclude<Case['status'], 'passed'>, (message: string) => string>> = {
  failed: message => `<failure type="deviated" message="${message}"/>`,
  error: message => `<error type="inconclusive" message="${message}"/>`,
  skipped: message => `<skipped message="${message}"/>`,
};

function testcase(title: string, {suite, name, status, message}: Case): string {
  const open = `<testcase classname="${xml(`${title}: ${suite}`)}" name="${xml(name)}" time="0"`;
  return status === 'passed' ? `${open}/>` : `${open}>${TAGS[status](xml(message))}</testcase>`;
}

/** An experiment of a suite without a result: it was refused, or not run. */
export interface WithoutResult {
  readonly title: string;
  readonly file: string;
  readonly exit: number;
  readonly isSkipped: boolean;
  readonly why: string;
}

interface SuiteXml {
  readonly cases: readonly Case[];
  readonly seconds: number;
  readonly lines: (counts: string) => readonly string[];
}

function countsOf(cases: readonly Case[], seconds: number): string {
  const {failed, error, skipped} = countCases(cases);
  return `tests="${cases.length}" failures="${failed}" errors="${error}" skipped="${skipped}" time="${seconds}"`;
}

function suiteOf(result: Result): SuiteXml {
  const cases = casesOf(result);
  const properties = [
    ['run', result.run],
    ['exit', result.exit],
    ['verdict', result.verdict ?? 'none'],
    ['severity', result.severity ?? 'none'],
    ['file', result.reproduce.file],
  ] as const;
  return {
    cases,
    seconds: result.durationSeconds,
    lines: counts => [
      `  <testsuite name="${xml(result.title)}" timestamp="${xml(result.startedAt.slice(0, 19))}" hostname="${xml(result.host)}" ${counts}>`,
      '    <properties>',
      ...properties.map(([name, value]) => `      <property name="${name}" value="${xml(value)}"/>`),
      '    </properties>',
      ...cases.map(one => `    ${testcase(result.title, one)}`),
      '  </testsuite>',
    ],
  };
}

function suiteWithout({title, file, exit, isSkipped, why}: WithoutResult): SuiteXml {
  const status = isSkipped ? 'skipped' : 'error';
  const cases: readonly Case[] = [
    {suite: 'run', name: `${file} ends with a result`, status, message: `exit ${exit}: ${why}`},
  ];
  return {
    cases,
    seconds: 0,
    lines: counts => [
      `  <testsuite name="${xml(title)}" ${counts}>`,
      ...cases.map(one => `    ${testcase(title, one)}`),
      '  </testsuite>',
    ],
  };
}

/**
 * Runs as JUnit XML, as CI servers read it (the schema of the Jenkins xUnit plug-in): a suite each, one case for
 * everything that was to hold. A deviation is a failure; what nobody can tell, and whatever is Firedrill's own, is an
 * error.
 */
export function junitOf(runs: readonly (Result | WithoutResult)[]): string {
  const suites = runs.map(run => ('run' in run ? suiteOf(run) : suiteWithout(run)));
  const all = countsOf(
    suites.flatMap(({cases}) => cases),
    suites.reduce((sum, {seconds}) => sum + seconds, 0),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="firedrill" ${all}>`,
    ...suites.flatMap(({cases, seconds, lines}) => lines(countsOf(cases, seconds))),
    '</testsuites>',
    '',
  ].join('\n');
}

/** One run as JUnit XML. */
export function renderJunit(result: Result): string {
  return junitOf([result]);
}

export const format: Format = {file: 'junit.xml', order: 50, onRequest: true, render: renderJunit};
