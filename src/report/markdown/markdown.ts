import type {Finding, Result} from '../../verdict/result.js';
import {capital} from '../../verdict/phrase.js';
import {say} from '../../verdict/time.js';
import {expectedOfAlert} from '../../verdict/alerts/words.js';
import {toldWrites} from '../../verdict/writes/words.js';
import {
  hypothesisOf,
  lessonsOf,
  recoverySentence,
  scorecard,
  summary,
  surprises,
  triggerSentence,
  utc,
  utcTime,
  windowRows,
} from '../document.js';
import type {Format} from '../format.js';
import {firstAction, safety, tiles} from '../overview.js';
import {changeLines} from './changes.js';
import {dependencyLines} from './dependencies.js';
import {loadLines} from './loads.js';
import {logLines} from './logs.js';
import {bullets, code, md, table} from './text.js';
import {timesLines} from './times.js';

function head(result: Result): readonly string[] {
  const action = firstAction(result);
  const back = safety(result);
  return [
    `# ${md(result.title)}`,
    '',
    `> **${md(result.banner.label)}**: ${md(capital(result.banner.text))}${back === undefined ? '' : ` **${back.text}.**`}`,
    '',
    `**Expected:** ${md(hypothesisOf(result))}`,
    '',
    ...bullets(summary(result).slice(0, result.verdict === null ? 4 : 1), 'Nothing is known.'),
    ...table(
      ['', 'Before', 'Figure', 'Of what'],
      tiles(result).map(({name, before, value, note}) => [name, before ?? '', value, note]),
    ),
    ...(action === undefined ? [] : [`**What to do first:** ${md(action.what)} (${action.priority})`, '']),
    ...table(
      ['', ''],
      [
        ['Status', 'Draft'],
        ['Severity', result.severity ?? 'none'],
        ['When', `${utc(result.startedAt)}, ${say(result.durationSeconds)}`],
        ['Owner', result.owner ?? 'not set'],
        ['Run', `${result.run} on ${result.host}, exit code ${result.exit}`],
      ],
    ),
  ];
}

function findingLines(finding: Finding): readonly string[] {
  const until = finding.when.to === null ? 'still' : utcTime(finding.when.to);
  return [
    `### ${finding.severity}: ${md(finding.title)}`,
    '',
    md(finding.what),
    '',
    ...bullets(
      [
        `Severity: ${finding.formula}`,
        `Impact: ${finding.impact}`,
        `When (UTC): ${utcTime(finding.when.from)} to ${until}`,
        `Detection: ${finding.detection}`,
        `Recovery: ${finding.recovery}`,
        ...finding.evidence.map(({label, value}) => `Evidence, ${label}: ${value}`),
        ...finding.factors.map(factor => `Candidate factor, to be confirmed or rejected: ${factor}`),
      ],
      '',
    ),
  ];
}

function story(result: Result): readonly string[] {
  const factors = [...new Set(result.findings.flatMap(finding => finding.factors))];
  return [
    '## Impact and detection',
    '',
    ...(result.findings.length > 0 ? [] : bullets(surprises(result), 'Nothing was judged.')),
    ...bullets([...result.impact, result.detection], 'None that was measured.'),
    '## Contributing factors (candidates, to be confirmed or rejected)',
    '',
    ...bullets(factors, 'The record supports none; add what is known.'),
  ];
}

function injections(result: Result): readonly string[] {
  return [
    '## What was injected, and how it ended',
    '',
    ...bullets(
      result.occurrences.flatMap(occurrence => [triggerSentence(occurrence), ...folded(occurrence.changes)]),
      'Nothing was injected.',
    ),
    ...windows(result),
    md(recoverySentence(result)),
    '',
  ];
}

function folded(changes: readonly string[]): readonly string[] {
  const more = changes.length - MOST_CHANGES;
  return more <= 0 ? changes : [...changes.slice(0, MOST_CHANGES), `and ${more} more such changes`];
}

/** Rows that a table of all targets may have; the JSON report has all of them. */
const MOST_WINDOWS = 50;
const MOST_CHANGES = 10;

function windows(result: Result): readonly string[] {
  const rows = windowRows(result);
  if (rows.length === 0) return [];
  const more = rows.length > MOST_WINDOWS ? [`${rows.length - MOST_WINDOWS} more are in the JSON report.`, ''] : [];
  return [
    'Measured active window of each target (a proof is a sample: what happened lies between two of them):',
    '',
    ...table(
      ['Target', 'Fault', 'In force from', 'Until', 'For', 'End', 'Went through'],
      rows
        .slice(0, MOST_WINDOWS)
        .map(row => [row.target, row.fault, row.from, row.to, row.lasted, row.ended, row.exercised]),
    ),
    ...more,
  ];
}

function figures(result: Result): readonly string[] {
  const rows = scorecard(result).map(row => [
    row.name,
    row.before,
    row.during,
    row.range,
    row.after,
    row.change,
    row.allowed,
    row.verdict,
  ]);
  const checks = result.checks.map(check => [
    check.name,
    String(check.before ?? '–'),
    String(check.after ?? '–'),
    check.expected,
    check.verdict,
  ]);
  const guards = result.guards.map(guard => [
    guard.metric,
    guard.limit,
    guard.closest === null ? '–' : `${Math.round(guard.closest * 100)} %`,
    guard.tripped ? 'tripped' : guard.blind === true ? 'saw nothing' : 'quiet',
  ]);
  const limits = (result.timeLimits ?? []).map(({name, what, why, verdict}) => [name, what, why, verdict]);
  return [
    '## Scorecard',
    '',
    ...table(['Metric', 'Before', 'During', 'Range during', 'After', 'Change', 'Allowed', 'Verdict'], rows),
    ...table(['Check', 'Before', 'After', 'Expected', 'Verdict'], checks),
    ...writesTable(result),
    ...table(['Time', 'What', 'Took', 'Verdict'], limits),
    ...table(
      ['Alert', 'Expected', 'What it did', 'Verdict'],
      (result.alerts ?? []).map(one => [
        one.alert,
        expectedOfAlert(one),
        one.why,
        one.verdict ?? (one.outcome === 'fired' ? 'tripped' : 'quiet'),
      ]),
    ),
    ...table(['Guard', 'Limit', 'Closest', 'State'], guards),
  ];
}

/** Acknowledged writes beside what is stored. */
function writesTable({writes = []}: Result): readonly string[] {
  const rows = writes.map(result => {
    const {name, acknowledged, lost, doubled, unacknowledged, expected} = toldWrites(result);
    return [name, acknowledged, lost, doubled, unacknowledged, expected, result.verdict];
  });
  const notes = writes.flatMap(result => toldWrites(result).notes);
  return [
    ...table(
      ['Writes', 'Acknowledged', 'Lost', 'Stored more than once', 'Stored, not acknowledged', 'Expected', 'Verdict'],
      rows,
    ),
    ...(notes.length === 0 ? [] : bullets(notes, '')),
  ];
}

function lessons(result: Result): readonly string[] {
  return lessonsOf(result).flatMap(({title, items, otherwise}) => [`## ${title}`, '', ...bullets(items, otherwise)]);
}

function actions({actionItems}: Result): readonly string[] {
  return [
    '## Action items (proposed)',
    '',
    ...(actionItems.length === 0
      ? ['None proposed.', '']
      : [
          '| Priority | Type | What | Owner |',
          '| --- | --- | --- | --- |',
          ...actionItems.map(item => `| ${item.priority} | ${item.type} | ${md(item.what)} | **to be assigned** |`),
          '',
        ]),
  ];
}

function appendix(result: Result): readonly string[] {
  const {reproduce} = result;
  return [
    '## Timeline (UTC)',
    '',
    ...table(
      ['Time', 'Seconds', 'What', 'Source'],
      result.timeline.map(row => [utcTime(row.at), row.seconds.toFixed(1), row.what, row.source]),
    ),
    '## Data sources',
    '',
    ...bullets(
      result.sources.map(source => `${source.name}: ${source.what}`),
      'None.',
    ),
    ...(result.gaps.length === 0 ? [] : ['What is missing from the record:', '', ...bullets(result.gaps, '')]),
    '## How to run it again',
    '',
    `${code(reproduce.command)} (seed ${reproduce.seed}, file ${code(reproduce.file)}, sha256 ${code(reproduce.sha256)})`,
    '',
    `Told by ${md(result.tool)}, judged by ${md(result.judge)}, result version ${result.version}.`,
    '',
  ];
}

/** The result as a postmortem in Markdown. */
export function renderMarkdown(result: Result): string {
  const findings = result.findings.flatMap(findingLines);
  return [
    ...head(result),
    '## Findings',
    '',
    ...(findings.length === 0 ? ['None.', ''] : findings),
    ...actions(result),
    ...figures(result),
    ...dependencyLines(result),
    ...story(result),
    ...lessons(result),
    ...injections(result),
    ...changeLines(result),
    ...timesLines(result),
    ...loadLines(result),
    ...logLines(result),
    ...appendix(result),
  ].join('\n');
}

export const format: Format = {file: 'report.md', order: 20, render: renderMarkdown};
