import {capital} from '../../verdict/phrase.js';
import type {Finding, Result} from '../../verdict/result.js';
import {expectedOfAlert} from '../../verdict/alerts/words.js';
import {toldWrites} from '../../verdict/writes/words.js';
import {lessonsOf, recoverySentence, scorecard, surprises, triggerSentence, utcTime, windowRows} from '../document.js';
import {folded, list, number, plain, section, table, verdictCell} from './elements.js';
import {html} from './escape.js';
import {loadsSection} from './loads-section.js';
import {logsSection} from './logs-section.js';
import {timesSection} from './times-section.js';

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
    writesTable(result) +
      table(columns, rows, 'Metrics') +
      (checks.length === 0
        ? ''
        : table(['Check', {number: 'Before'}, {number: 'After'}, 'Expected', 'Verdict'], checks, 'Checks')) +
      (limits.length === 0 ? '' : table(['Time', 'What', 'Took', 'Verdict'], limits, 'Times with a limit')) +
      alertsTable(result) +
      (guards.length === 0 ? '' : table(['Guard', 'Limit', {number: 'Closest'}, 'State'], guards, 'Guards')),
  );
}

/** What each alert that the file names was to do, and did. */
function alertsTable({alerts = []}: Result): string {
  if (alerts.length === 0) return '';
  const rows = alerts.map(alert => [
    plain(alert.alert),
    plain(expectedOfAlert(alert)),
    plain(capital(alert.why)),
    verdictCell(alert.verdict ?? (alert.outcome === 'fired' ? 'tripped' : 'quiet')),
  ]);
  return table(['Alert', 'Expected', 'What it did', 'Verdict'], rows, 'Alerts');
}

/** Acknowledged writes beside what is stored: what a run finds lost goes before everything else. */
function writesTable({writes = []}: Result): string {
  if (writes.length === 0) return '';
  const rows = writes.map(result => {
    const {name, acknowledged, lost, doubled, unacknowledged, expected} = toldWrites(result);
    const counts = [acknowledged, lost, doubled, unacknowledged].map(number);
    return [plain(name), ...counts, plain(expected), verdictCell(result.verdict)];
  });
  const columns = [
    'Writes',
    {number: 'Acknowledged'},
    {number: 'Lost'},
    {number: 'Stored more than once'},
    {number: 'Stored, not acknowledged'},
    'Expected',
    'Verdict',
  ];
  const notes = writes.flatMap(result => toldWrites(result).notes);
  return table(columns, rows, 'Acknowledged writes') + (notes.length === 0 ? '' : list(notes, ''));
}

/** What was done, and how it ended: for whoever wants to know exactly. */
function injections(result: Result): string {
  const triggers = result.occurrences.map(
    occurrence => `<li>${html(triggerSentence(occurrence))}${changes(occurrence.changes)}</li>`,
  );
  return (
    (triggers.length === 0 ? '<p>Nothing was injected.</p>' : foldedList(triggers, 'injections')) +
    windowsTable(result) +
    `<p>${html(recoverySentence(result))}</p>`
  );
}

/** What it did, who noticed, and what may have contributed. */
export function storySections(result: Result): string {
  const factors = [...new Set(result.findings.flatMap(finding => finding.factors))];
  const odd = result.findings.length > 0 ? '' : list(surprises(result), 'Nothing was judged.');
  return (
    section(
      'impact',
      'Impact and detection',
      `${odd}${list(result.impact, 'None that was measured.')}<p>${html(result.detection)}</p>`,
    ) +
    (factors.length === 0
      ? ''
      : section(
          'factors',
          'Contributing factors',
          `<p>Candidates that the record supports, to be confirmed or rejected.</p>${list(factors, '')}`,
        ))
  );
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
    ['Impact', finding.impact],
    ['When', when],
    ['Detection', finding.detection],
    ['Recovery', finding.recovery],
  ];
  const terms = (pairs: typeof rows) =>
    pairs.map(([term, text]) => `<dt>${html(term)}</dt><dd>${html(text)}</dd>`).join('');
  const evidence = terms([
    ['Severity', finding.formula],
    ...finding.evidence.map(({label, value}) => [capital(label), value] as const),
  ]);
  return (
    `<article class="finding ${finding.severity}"><h3>${finding.severity}: ${html(finding.title)}</h3><p>${html(finding.what)}</p>` +
    `<dl>${terms(rows)}</dl><details><summary>Evidence, and how the severity came about</summary><dl>${evidence}</dl></details></article>`
  );
}

export function findingsSection(result: Result): string {
  const body = result.findings.length === 0 ? '<p>None.</p>' : result.findings.map(findingArticle).join('');
  return section('findings', 'Findings', body);
}

export function actionsSection({actionItems}: Result): string {
  const rows = actionItems.map(item => [
    plain(item.priority),
    plain(item.type),
    plain(item.what),
    {html: 'to be assigned', class: 'owner'},
  ]);
  return section(
    'actions',
    'Action items (proposed)',
    rows.length === 0 ? '<p>None proposed.</p>' : table(['Priority', 'Type', 'What', 'Owner'], rows, 'Action items'),
  );
}

export function lessonsSection(result: Result): string {
  const columns = lessonsOf(result).map(
    ({title, items, otherwise}) => `<div><h3>${title}</h3>${list(items, otherwise)}</div>`,
  );
  return section('lessons', 'Lessons', `<div class="columns">${columns.join('')}</div>`);
}

/** The kinds of rows that a reader may leave out; proofs and notes are of use to few. */
const FILTERS = [
  {id: 'faults', title: 'Faults', kinds: ['fault', 'undo'], shown: true},
  {id: 'decisions', title: 'Decisions', kinds: ['decision'], shown: true},
  {id: 'alerts', title: 'Alerts', kinds: ['alert'], shown: true},
  {id: 'notes', title: 'Metrics and notes', kinds: ['note'], shown: true},
  {id: 'phases', title: 'Phases', kinds: ['phase'], shown: false},
  {id: 'safety', title: 'Safety and proofs', kinds: ['safety', 'proof'], shown: false},
] as const;

/** The timeline; which kinds of rows it shows is a matter of style sheets, so it works without JavaScript. */
export function timelineSection({timeline}: Result): string {
  const filters = FILTERS.map(({id, title, kinds, shown}) => {
    const amount = timeline.filter(({kind}) => (kinds as readonly string[]).includes(kind)).length;
    return `<input type="checkbox" id="show-${id}"${shown ? ' checked' : ''}><label for="show-${id}">${title} (${amount})</label>`;
  });
  const filterOf = (kind: string) =>
    FILTERS.find(({kinds}) => (kinds as readonly string[]).includes(kind))?.id ?? 'notes';
  const rows = timeline.map(row => ({
    class: `of-${filterOf(row.kind)}`,
    cells: [
      {html: html(utcTime(row.at)), class: 'time'},
      number(row.seconds.toFixed(1)),
      plain(row.what),
      {html: html(row.source), class: 'source'},
    ],
  }));
  const columns = ['Time', {number: 'Seconds'}, 'What', 'Source'];
  return section(
    'timeline',
    'Timeline (UTC)',
    `<div class="timeline">${filters.join('')}${table(columns, rows, 'Timeline')}</div>`,
  );
}

/** How it can be run again, and on what all of this rests: folded, because few ask. */
export function detailSections(result: Result): string {
  const {reproduce} = result;
  const gaps = result.gaps.length === 0 ? '' : `<h3>What is missing from the record</h3>${list(result.gaps, '')}`;
  const sources = list(
    result.sources.map(source => `${source.name}: ${source.what}`),
    'None.',
  );
  const again = `<p><code>${html(reproduce.command)}</code></p><p>Seed ${reproduce.seed}, file <code>${html(reproduce.file)}</code>, sha256 <code>${html(reproduce.sha256)}</code></p>`;
  return [
    folded('trigger', 'What was injected, and how it ended', injections(result)),
    timesSection(result),
    loadsSection(result),
    logsSection(result),
    folded('sources', 'Data sources', sources + gaps),
    folded('again', 'How to run it again', again),
  ].join('');
}
