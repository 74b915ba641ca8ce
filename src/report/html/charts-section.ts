import type {MetricInterval, MetricResult, Result} from '../../verdict/result.js';
import {capital} from '../../verdict/phrase.js';
import {shownValues} from '../../verdict/shown.js';
import {say} from '../../verdict/time.js';
import {allowedWords, basisOf, CHANGE_NOTES, changeRows, secondAnswer, verdictWords} from '../changes.js';
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

/** Before, during and after in one line, what is allowed, and the verdict. */
function caption(metric: MetricResult, heading: 'h2' | 'h3'): string {
  const {before, during, after} = shownValues(metric);
  const values = [before, during, after].map(value => html(figure(value, metric)));
  return (
    `<figcaption><${heading}>${html(metric.name)}</${heading}><p>${values.join(' → ')} · allowed: ${html(allowedWords(metric))} · ` +
    `${verdictCell(verdictWords(metric), metric.verdict).html}</p></figcaption>`
  );
}

/** What is said of a metric, and the numbers behind it. */
function behind(metric: MetricResult): string {
  const second = secondAnswer(metric);
  const also = second === undefined ? '' : `<p>Against its baseline: ${html(second)}</p>`;
  return (
    `<details><summary>Numbers behind it</summary><p>${html(capital(metric.explanation))}</p>${also}` +
    `${intervalsTable(metric)}${changesTable(metric)}</details>`
  );
}

/** The metric with this number and its chart; the foremost stands on the first screen, without the numbers. */
export function figureOf(index: number, result: Result, place: 'own' | 'foremost' = 'own'): string {
  const metric = result.metrics[index];
  if (metric === undefined) return '';
  const chart = `<div class="chart" data-chart="${index}">${chartSvg(metric, result)}</div>`;
  const [heading, more] = place === 'own' ? (['h3', behind(metric)] as const) : (['h2', ''] as const);
  return `<figure class="${place}">${caption(metric, heading)}${chart}${legend(metric, result)}${more}</figure>`;
}

/** Every metric in one place: what became of it, its chart, and the numbers behind it one click away. */
export function chartsSection(result: Result): string {
  if (result.metrics.length === 0) return '';
  const figures = result.metrics.map((_, index) => figureOf(index, result)).join('');
  return section('charts', 'What was measured', `<div class="charts">${figures}</div>`);
}
