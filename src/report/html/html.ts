import type {Result} from '../../verdict/result.js';
import type {Format} from '../format.js';
import {chartData} from './chart.js';
import {chartsSection} from './charts-section.js';
import {CHART_SCRIPT} from './chart-script.js';
import {dependenciesSection} from './dependencies-section.js';
import {html, scriptData} from './escape.js';
import {htmlPage} from './page.js';
import {overviewSection} from './overview-section.js';
import {
  actionsSection,
  detailSections,
  findingsSection,
  lessonsSection,
  scorecardSection,
  storySections,
  timelineSection,
} from './sections.js';
import {STYLE} from './style.js';
import {UPLOT_SCRIPT, UPLOT_STYLE} from './uplot.generated.js';

/** The parts of the report, for the list of contents beside them. */
const CONTENTS = [
  ['next', 'What to do first'],
  ['timeline', 'Timeline'],
  ['findings', 'Findings'],
  ['actions', 'Action items'],
  ['charts', 'What was measured'],
  ['scorecard', 'Scorecard'],
  ['dependencies', 'Dependencies'],
  ['lessons', 'Lessons'],
  ['trigger', 'Details'],
] as const;

function contents(body: string): string {
  const there = CONTENTS.filter(([id]) => body.includes(`id="${id}"`));
  const links = there.map(([id, title]) => `<li><a href="#${id}">${title}</a></li>`);
  return `<nav aria-label="Contents"><ol>${links.join('')}</ol></nav>`;
}

function scripts(result: Result): string {
  if (result.metrics.length === 0) return '';
  const data = result.metrics.map(metric => chartData(metric, result));
  return (
    `<script type="application/json" id="chart-data">${scriptData(data)}</script>` +
    `<script>${UPLOT_SCRIPT}</script><script>${CHART_SCRIPT}</script>`
  );
}

/** The result as one self-contained HTML page. JavaScript is only for the interaction of the charts. */
export function renderHtml(result: Result): string {
  const body = [
    overviewSection(result),
    timelineSection(result),
    findingsSection(result),
    actionsSection(result),
    chartsSection(result),
    scorecardSection(result),
    dependenciesSection(result),
    storySections(result),
    lessonsSection(result),
    detailSections(result),
  ].join('\n');
  const {tool, host, judge, version} = result;
  const footer = `<footer><p>Made by ${html(tool)} on ${html(host)}, judged by ${html(judge)}, result version ${version}.</p></footer>`;
  return htmlPage({
    title: `${result.banner.label}: ${result.title}`,
    generator: tool,
    style: `${UPLOT_STYLE}\n${STYLE}`,
    body: `${contents(body)}\n<main>\n${body}\n${footer}\n</main>`,
    scripts: scripts(result),
  });
}

export const format: Format = {file: 'report.html', order: 10, render: renderHtml};
