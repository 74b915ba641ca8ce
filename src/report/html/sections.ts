import type {Finding, Result} from '../../verdict/result.js';
import {
  hypothesisOf,
  recoverySentence,
  scorecard,
  summary,
  surprises,
  triggerSentence,
  utcTime,
  windowRows,
} from '../document.js';
import {list, number, plain, section, table, verdictCell} from './elements.js';
import {html} from './escape.js';

export function summarySection(result: Result): string {
  return (
    section(
      'summary',
      'Summary',
      summary(result)
        .map(text => `<p>${html(text)}</p>`)
        .join(''),
    ) +
    section(
      'hypothesis',
      'Hypothesis, and what happened instead',
      `<p class="expected">${html(hypothesisOf(result))}</p>${list(surprises(result), 'Nothing was judged.')}`,
    )
  );
}

export function scorecardSection(result: Result): string {
  const rows = scorecard(result).map(row => [
    plain(row.name),
    number(row.before),
    number(row.during),
    number(row.after),
    {html: html(row.change), class: 'number'},
    {html: html(row.allowed), class: 'number'},
    verdictCell(row.verdict),
  ]);
  const columns = [
    'Metric',
    {number: 'Before'},
    {number: 'During'},
    {number: 'After'},
    {number: 'Change'},
    {number: 'Allowed'},
    'Verdict',
  ];
  const checks = result.checks.map(check => [
    plain(check.name),
    number(String(check.before ?? '–')),
    number(String(check.after ?? '–')),
    plain(check.expected),
    verdictCell(check.verdict),
  ]);
  const guards = result.guards.map(guard => [
    plain(guard.metric),
    plain(guard.limit),
    number(guard.closest === null ? '–' : `${Math.round(guard.closest * 100)}%`),
    verdictCell(guard.tripped ? 'tripped' : guard.blind === true ? 'saw nothing' : 'quiet'),
  ]);
  const limits = (result.timeLimits ?? []).map(limit => [
    plain(limit.name),
    plain(limit.what),
    plain(limit.why),
    verdictCell(limit.verdict),
  ]);
  return section(
    'scorecard',
    'Scorecard',
    table(columns, rows, 'Metrics') +
      (checks.length === 0
        ? ''
        : table(['Check', {number: 'Before'}, {number: 'After'}, 'Expected', 'Verdict'], checks, 'Checks')) +
      (limits.length === 0 ? '' : table(['Time', 'What', 'Took', 'Verdict'], limits, 'Times with a limit')) +
      (guards.length === 0 ? '' : table(['Guard', 'Limit', {number: 'Closest'}, 'State'], guards, 'Guards')),
  );
}

export function storySections(result: Result): string {
  const factors = [...new Set(result.findings.flatMap(finding => finding.factors))];
  const triggers = result.occurrences.map(
    occurrence => `<li>${html(triggerSentence(occurrence))}${changes(occurrence.changes)}</li>`,
  );
  return [
    section('impact', 'Impact', list(result.impact, 'None that was measured.')),
    section('detection', 'Detection', `<p>${html(result.detection)}</p>`),
    section(
      'trigger',
      'Trigger',
      (triggers.length === 0 ? '<p>Nothing was injected.</p>' : foldedList(triggers, 'injections')) +
        windowsTable(result),
    ),
    section('recovery', 'Recovery', `<p>${html(recoverySentence(result))}</p>`),
    section(
      'factors',
      'Contributing factors',
      `<p>Candidates that the record supports, to be confirmed or rejected.</p>${list(factors, 'None; add what is known.')}`,
    ),
  ].join('');
}

/** More than this many are folded. */
const MOST_ITEMS = 10;

function foldedList(items: readonly string[], what: string): string {
  const all = `<ul>${items.join('')}</ul>`;
  return items.length <= MOST_ITEMS ? all : `<details><summary>${items.length} ${what}</summary>${all}</details>`;
}

function changes(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return foldedList(
    lines.map(change => `<li>${html(change)}</li>`),
    'changes',
  );
}

/** When each target had the fault; many targets make a long table, so it is folded. */
function windowsTable(result: Result): string {
  const rows = windowRows(result).map(row => [
    plain(row.target),
    plain(row.fault),
    number(row.from),
    number(row.to),
    number(row.lasted),
    plain(row.ended),
    number(row.exercised),
  ]);
  if (rows.length === 0) return '';
  const columns = [
    'Target',
    'Fault',
    {number: 'In force from'},
    {number: 'Until'},
    {number: 'For'},
    'End',
    {number: 'Went through'},
  ];
  return `<details><summary>Measured active window of each target</summary><p>As the proofs on the targets show it, in seconds since the start of the run. A proof is a sample: what happened lies between two of them.</p>${table(columns, rows, 'Active windows')}</details>`;
}

function findingArticle(finding: Finding): string {
  const when = `${utcTime(finding.when.from)} to ${finding.when.to === null ? 'still' : utcTime(finding.when.to)} UTC`;
  const rows: readonly (readonly [string, string])[] = [
    ['Severity', finding.formula],
    ['Impact', finding.impact],
    ['When', when],
    ['Detection', finding.detection],
    ['Recovery', finding.recovery],
    ...finding.evidence.map(({label, value}) => [`Evidence: ${label}`, value] as const),
  ];
  const facts = rows.map(([term, text]) => `<dt>${html(term)}</dt><dd>${html(text)}</dd>`).join('');
  return `<article class="finding ${finding.severity}"><h3>${finding.severity}: ${html(finding.title)}</h3><p>${html(finding.what)}</p><dl>${facts}</dl></article>`;
}

export function findingsSection(result: Result): string {
  const body = result.findings.length === 0 ? '<p>None.</p>' : result.findings.map(findingArticle).join('');
  return section('findings', 'Findings', body);
}

export function lessonsSection({lessons, actionItems}: Result): string {
  const column = (title: string, items: readonly string[], otherwise: string) =>
    `<div><h3>${title}</h3>${list(items, otherwise)}</div>`;
  const rows = actionItems.map(item => [
    plain(item.priority),
    plain(item.type),
    plain(item.what),
    {html: 'to be assigned', class: 'owner'},
  ]);
  return (
    section(
      'lessons',
      'Lessons',
      `<div class="columns">${column('Went well', lessons.well, 'Nothing to report.')}${column('Went wrong', lessons.wrong, 'Nothing to report.')}${column('Where we got lucky', lessons.lucky, 'Nothing that was noticed.')}</div>`,
    ) +
    section(
      'actions',
      'Action items (proposed)',
      rows.length === 0 ? '<p>None proposed.</p>' : table(['Priority', 'Type', 'What', 'Owner'], rows, 'Action items'),
    )
  );
}

export function appendixSections(result: Result): string {
  const rows = result.timeline.map(row => [
    {html: html(utcTime(row.at)), class: 'time'},
    number(row.seconds.toFixed(1)),
    plain(row.what),
    {html: html(row.source), class: 'source'},
  ]);
  const {reproduce} = result;
  const gaps = result.gaps.length === 0 ? '' : `<h3>What is missing from the record</h3>${list(result.gaps, '')}`;
  return [
    section('timeline', 'Timeline (UTC)', table(['Time', {number: 'Seconds'}, 'What', 'Source'], rows, 'Timeline')),
    section(
      'sources',
      'Data sources',
      list(
        result.sources.map(source => `${source.name}: ${source.what}`),
        'None.',
      ) + gaps,
    ),
    section(
      'again',
      'How to run it again',
      `<p><code>${html(reproduce.command)}</code></p><p>Seed ${reproduce.seed}, file <code>${html(reproduce.file)}</code>, sha256 <code>${html(reproduce.sha256)}</code></p>`,
    ),
  ].join('');
}
