import {printableJson} from '../../quantities/printable.js';
import type {Result} from '../../verdict/result.js';
import {casesOf, countCases} from '../cases.js';
import type {Format} from '../format.js';

/** Of the specification that the report follows (https://ctrf.io). */
const SPEC_VERSION = '0.0.0';

/**
 * The run in the Common Test Report Format: one test for everything that was to hold. What nobody can tell is `other`.
 */
export function renderCtrf(result: Result): string {
  const cases = casesOf(result);
  const {passed, failed, error, skipped} = countCases(cases);
  const start = Date.parse(result.startedAt);
  const duration = Math.round(result.durationSeconds * 1000);
  const [name = 'firedrill', version] = result.tool.split('/');
  const report = {
    reportFormat: 'CTRF',
    specVersion: SPEC_VERSION,
    generatedBy: result.tool,
    results: {
      tool: {name, ...(version === undefined ? {} : {version})},
      summary: {
        tests: cases.length,
        passed,
        failed,
        skipped,
        pending: 0,
        other: error,
        suites: 1,
        start,
        stop: start + duration,
        duration,
      },
      tests: cases.map(one => ({
        name: one.name,
        status: one.status === 'error' ? 'other' : one.status,
        duration: 0,
        suite: [result.title, one.suite],
        ...(one.status === 'passed' || one.message === '' ? {} : {message: one.message}),
        rawStatus: one.status,
        ...(result.reproduce.file === '' ? {} : {filePath: result.reproduce.file}),
        ...(result.tags.length === 0 ? {} : {tags: result.tags}),
      })),
      extra: {run: result.run, exit: result.exit, verdict: result.verdict, severity: result.severity},
    },
  };
  return `${printableJson(report)}\n`;
}

export const format: Format = {file: 'ctrf.json', order: 60, onRequest: true, render: renderCtrf};
