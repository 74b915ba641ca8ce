import type {MetricInterval, MetricResult, Result} from '../../verdict/result.js';
import {say} from '../../verdict/time.js';
import {basisOf, CHANGE_NOTES, changeRows, secondAnswer} from '../changes.js';
import {figure} from '../document.js';
import {chartSvg, legend} from './chart.js';
import {list, number, plain, section, table, verdictCell, type Cell} from './elements.js';
import {html} from './escape.js';

function intervalsTable(metric: MetricResult): string {
  const rows = metric.intervals.flatMap(interval => [...settlingRow(metric, interval), row(metric, interval)]);
  const columns = [
    'Interval',
    {number: 'Seconds'},
    {number: 'Value'},
    {number: 'Lowest'},
    {number: 'Highest'},
    {number: 'Samples'},
    'Verdict',
    'Basis',
  ];
  return table(columns, rows, `Intervals of ${metric.name}`);
}

/** The time that `settlesWithin` leaves out of the fault, where the metric was outside in it. */
function settlingRow(metric: MetricResult, {settling, occurrence}: MetricInterval): readonly (readonly Cell[])[] {
  if (settling === undefined) return [];
  const {from, to, outSeconds, allowedSeconds, worst} = settling;
  return [
    [
      plain(`settling of ${occurrence ?? 'the fault'}`),
      number(`${from.toFixed(1)} to ${to.toFixed(1)} s`),
      number('–'),
      number('–'),
      number('–'),
      number('–'),
      verdictCell('not judged'),
      {
        ...plain(
          `out for ${say(outSeconds)}, ${figure(worst, metric)} at worst; ${say(allowedSeconds)} are allowed to settle`,
        ),
        class: 'wide',
      },
    ],
  ];
}

function row(metric: MetricResult, interval: MetricInterval): readonly Cell[] {
  return [
    plain(interval.occurrence === null ? interval.kind : `fault ${interval.occurrence}`),
    number(`${interval.from.toFixed(1)} to ${interval.to.toFixed(1)} s`),
    number(figure(interval.value, metric)),
    number(figure(interval.min, metric)),
    number(figure(interval.max, metric)),
    number(`${interval.samples}${interval.missing > 0 ? ` (${interval.missing} missing)` : ''}`),
    verdictCell(interval.verdict ?? 'not judged'),
    {...plain(basisOf(interval)), class: 'wide'},
  ];
}

function changesTable(metric: MetricResult): string {
  const rows = changeRows(metric).map(row => [
    plain(row.interval),
    number(row.change),
    number(row.surely),
    number(row.allowed),
    verdictCell(row.answer, row.verdict),
    number(row.cliffsDelta),
    number(row.shift),
    number(row.independent),
    number(row.detectable),
  ]);
  if (rows.length === 0) return '';
  const columns = [
    'Compared',
    {number: 'Change'},
    {number: 'Surely'},
    {number: 'Allowed'},
    'Answer',
    {number: 'Tendency'},
    {number: 'Typical shift'},
    {number: 'Independent'},
    {number: 'Seen from'},
  ];
  return `<div class="notes">${table(columns, rows, `Changes of ${metric.name}`)}${list(CHANGE_NOTES, '')}</div>`;
}

function caption(metric: MetricResult): string {
  const second = secondAnswer(metric);
  const also = second === undefined ? '' : `<p>Against its baseline: ${html(second)}</p>`;
  return `<figcaption><h3>${html(metric.name)}</h3><p>${html(metric.explanation)}</p>${also}</figcaption>`;
}

/** Every metric in one place: what became of it, its chart, and the numbers behind it one click away. */
export function chartsSection(result: Result): string {
  if (result.metrics.length === 0) return '';
  const figures = result.metrics.map(
    (metric, i) =>
      `<figure>${caption(metric)}<div class="chart" id="chart-${i}">${chartSvg(metric, result)}</div>${legend(metric, result)}` +
      `<details><summary>Numbers behind it</summary>${intervalsTable(metric)}${changesTable(metric)}</details></figure>`,
  );
  return section('charts', 'What was measured', figures.join(''));
}
