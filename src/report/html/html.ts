import type {Result} from '../../verdict/result.js';
import type {Format} from '../format.js';
import {chartData} from './chart.js';
import {chartsSection} from './charts-section.js';
import {CHART_SCRIPT} from './chart-script.js';
import {html, scriptData} from './escape.js';
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

/** Nothing may be loaded from anywhere: the file works offline and tells nobody that it is read. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** The parts of the report, for the list of contents beside them. */
const CONTENTS = [
  ['next', 'What to do first'],
  ['timeline', 'Timeline'],
  ['findings', 'Findings'],
  ['actions', 'Action items'],
  ['charts', 'What was measured'],
  ['scorecard', 'Scorecard'],
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
    storySections(result),
    lessonsSection(result),
    detailSections(result),
  ].join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="generator" content="${html(result.tool)}">
<link rel="icon" href="data:,">
<title>${html(`${result.banner.label}: ${result.title}`)}</title>
<style>${UPLOT_STYLE}
${STYLE}</style>
</head>
<body>
${contents(body)}
<main>
${body}
<footer><p>Made by ${html(result.tool)} on ${html(result.host)}, judged by ${html(result.judge)}, result version ${result.version}.</p></footer>
</main>
${scripts(result)}
</body>
</html>
`;
}

export const format: Format = {file: 'report.html', order: 10, render: renderHtml};
