import type {Result} from '../../verdict/result.js';
import {capital} from '../../verdict/phrase.js';
import {say} from '../../verdict/time.js';
import {tone, utc} from '../document.js';
import type {Format} from '../format.js';
import {chartData} from './chart.js';
import {chartsSection} from './charts-section.js';
import {CHART_SCRIPT} from './chart-script.js';
import {html, scriptData} from './escape.js';
import {
  appendixSections,
  findingsSection,
  lessonsSection,
  scorecardSection,
  storySections,
  summarySection,
} from './sections.js';
import {loadsSection} from './loads-section.js';
import {STYLE} from './style.js';
import {timesSection} from './times-section.js';
import {UPLOT_SCRIPT, UPLOT_STYLE} from './uplot.generated.js';

/** Nothing may be loaded from anywhere: the file works offline and tells nobody that it is read. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

function header(result: Result): string {
  const facts: readonly (readonly [string, string])[] = [
    ['Status', 'Draft'],
    ['Severity', result.severity ?? 'none'],
    ['Started', utc(result.startedAt)],
    ['Duration', say(result.durationSeconds)],
    ['Owner', result.owner ?? 'not set'],
    ['Targets', result.targets.map(target => target.name).join(', ') || 'none'],
    ['Exit code', String(result.exit)],
    ['Run', result.run],
  ];
  const list = facts.map(([term, text]) => `<div><dt>${html(term)}</dt><dd>${html(text)}</dd></div>`).join('');
  return (
    `<header><p class="kicker">Chaos experiment, postmortem draft</p><h1>${html(result.title)}</h1>` +
    `<div class="banner ${tone(result)}" role="status"><strong>${html(result.banner.label)}</strong><p>${html(capital(result.banner.text))}</p></div>` +
    `<dl class="facts">${list}</dl></header>`
  );
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
    header(result),
    summarySection(result),
    scorecardSection(result),
    timesSection(result),
    loadsSection(result),
    chartsSection(result),
    storySections(result),
    findingsSection(result),
    lessonsSection(result),
    appendixSections(result),
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
