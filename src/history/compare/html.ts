import {html} from '../../report/html/escape.js';
import {folded, list, number, plain, section, table, verdictCell, type Cell} from '../../report/html/elements.js';
import {htmlPage} from '../../report/html/page.js';
import {STYLE} from '../../report/html/style.js';
import {capital} from '../../verdict/phrase.js';
import type {Against, ComparedRun, ComparedSection, Comparison} from './comparison.js';
import {intervalPlot} from './plot.js';
import {findingWords} from './finding-words.js';
import {minuteOf} from './words.js';

/** Beside the style of the reports. There is no list of contents, which theirs leaves room for. */
const OWN_STYLE = `
body { display: block; } main { margin: 0 auto; }
.against { font-weight: 600; } .against.better { color: var(--good); } .against.worse { color: var(--bad); } .against.different { color: var(--unsure); } .against.none { color: var(--muted); font-weight: 400; }
.against + small { display: block; color: var(--muted); font-size: 0.8125rem; }
.plot { max-width: 46rem; margin: 0.2rem 0 0.8rem; } .plot svg { display: block; width: 100%; height: auto; }
svg .span { stroke: var(--line-0); stroke-width: 3; stroke-linecap: round; } svg .dot { fill: var(--line-0); } svg .zero { stroke: var(--muted); stroke-dasharray: 3 3; }
svg .better .span { stroke: var(--good); } svg .better .dot { fill: var(--good); } svg .worse .span { stroke: var(--bad); } svg .worse .dot { fill: var(--bad); }
@media (max-width: 40rem) { .plot svg text { font-size: 15px; } }
`.trim();

const classOf = (word: Against['word']) =>
  word === 'better' || word === 'worse' || word === 'different' ? word : 'none';

function againstCell(against: Against | null): Cell {
  if (against === null) return plain('the first');
  const word = `<span class="against ${classOf(against.word)}">${html(against.word)}</span>`;
  return {html: `${word} <small>${html(against.text)}</small>`};
}

function runsTable(runs: readonly ComparedRun[]): string {
  const rows = runs.map(({run, startedAt, verdict, end, exit, headline}) => [
    plain(run),
    {html: html(minuteOf(startedAt)), class: 'time'},
    verdictCell(verdict ?? end, verdict),
    number(String(exit)),
    plain(headline),
  ]);
  return table(['Run', 'Started (UTC)', 'Verdict', {number: 'Exit'}, 'In one sentence'], rows, 'Runs');
}

function besideFirst(run: ComparedRun): string {
  const rows = run.planned.map(({where, first, here}) => [plain(where), plain(first), plain(here)]);
  const more = run.plannedMore === 0 ? '' : `<p>${run.plannedMore} more differences are in the records.</p>`;
  const plan =
    rows.length === 0
      ? '<p>The plans are the same.</p>'
      : table(['What differs in the plan', 'First', 'Here'], rows, `What differs in the plan of ${run.run}`) + more;
  return `<h3>${html(run.run)}</h3><p>${html(run.summary)}</p>${list(findingWords(run), 'No finding is new or gone.')}${plan}`;
}

function figures(one: ComparedSection): string {
  const rows = one.figures.map(({run, value, verdict, compared, surely, against}) => [
    plain(run),
    plain(value),
    verdict === null ? plain('–') : verdictCell(verdict),
    number(compared),
    number(surely),
    againstCell(against),
  ]);
  const columns = ['Run', 'Figure', 'Verdict', {number: 'Compared'}, {number: 'Surely'}, 'Beside the first'];
  return `<h3>${html(capital(one.name))}</h3><p>${html(capital(one.what))}.</p>${intervalPlot(one)}${table(columns, rows, one.name)}`;
}

function origins(runs: readonly ComparedRun[]): string {
  const rows = runs.map(({run, file, sha256, tool, judge, host}) => [
    plain(run),
    plain(file),
    plain(sha256.slice(0, 16)),
    plain(tool),
    plain(judge),
    plain(host),
  ]);
  return table(['Run', 'File', 'SHA-256 of the file', 'Made by', 'Judged by', 'On'], rows, 'Where the runs come from');
}

/** A comparison as one self-contained page, without scripts. */
export function comparisonHtml(comparison: Comparison): string {
  const {title, runs, sections, notes} = comparison;
  const body = [
    `<p class="kicker">Comparison of ${runs.length} runs</p><h1>${html(title)}</h1>`,
    runsTable(runs),
    ...(runs.length > 1 ? [section('beside', 'Beside the first run', runs.slice(1).map(besideFirst).join(''))] : []),
    section('figures', 'Figures', sections.map(figures).join('')),
    section('notes', 'How to read this', list(notes, '')),
    folded('origins', 'Where the runs come from', origins(runs)),
  ];
  return htmlPage({
    title: `${title}: ${runs.length} runs compared`,
    generator: runs[0]?.tool ?? '',
    style: `${STYLE}\n${OWN_STYLE}`,
    body: `<main>\n${body.join('\n')}\n</main>`,
    scripts: '',
  });
}
