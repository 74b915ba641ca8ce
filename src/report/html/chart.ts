import {sayLimits} from '../../verdict/deviation/words.js';
import type {Interval, MetricResult, Result} from '../../verdict/result.js';
import {boundsOf} from '../changes.js';
import {marksOf} from '../overview.js';
import {html} from './escape.js';
import {timeAxis, valueAxis, type Axis} from './scale.js';

const WIDTH = 760;
const HEIGHT = 230;
const LEFT = 70;
const RIGHT = 12;
const TOP = 22;
const BOTTOM = 26;

/** A coloured time of a chart: an interval of the run, or what `settlesWithin` leaves out of this metric's. */
interface ChartBand {
  readonly kind: Interval['kind'] | 'settling';
  readonly from: number;
  readonly to: number;
}

const NAMES: Readonly<Record<ChartBand['kind'], string>> = {
  warmup: 'warm-up',
  baseline: 'baseline',
  transition: 'transition',
  on: 'fault',
  settling: 'time to settle, not judged',
  recovery: 'recovery',
};

interface Frame {
  readonly x: Axis;
  readonly y: Axis;
}

const px = (value: number) => value.toFixed(1);

function placeX({x}: Frame, at: number): number {
  const share = (at - x.min) / (x.max - x.min);
  return LEFT + Math.min(1, Math.max(0, share)) * (WIDTH - LEFT - RIGHT);
}

function placeY({y}: Frame, value: number): number {
  const share = (value - y.min) / (y.max - y.min);
  return HEIGHT - BOTTOM - Math.min(1, Math.max(0, share)) * (HEIGHT - TOP - BOTTOM);
}

function bandsOf(metric: MetricResult, result: Result): readonly ChartBand[] {
  const settling = metric.intervals.flatMap(interval =>
    interval.settling === undefined ? [] : [{...interval.settling, kind: 'settling' as const}],
  );
  return [...result.intervals.filter(({kind}) => kind !== 'warmup'), ...settling].map(({kind, from, to}) => ({
    kind,
    from,
    to,
  }));
}

function drawnBands(frame: Frame, bands: readonly ChartBand[]): string {
  return bands
    .map(({kind, from, to}) => {
      const left = placeX(frame, from);
      const width = Math.max(0.5, placeX(frame, to) - left);
      const label =
        width < 52 || kind === 'transition' || kind === 'settling'
          ? ''
          : `<text class="band-label" x="${px(left + width / 2)}" y="${TOP - 7}" text-anchor="middle">${NAMES[kind]}</text>`;
      return `<rect class="band ${kind}" x="${px(left)}" y="${TOP}" width="${px(width)}" height="${HEIGHT - TOP - BOTTOM}"/>${label}`;
    })
    .join('');
}

function axes(frame: Frame): string {
  const rows = frame.y.ticks.map(({at, label}) => {
    const y = px(placeY(frame, at));
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/><text x="${LEFT - 8}" y="${y}" dy="0.35em" text-anchor="end">${html(label)}</text>`;
  });
  const columns = frame.x.ticks.map(({at, label}, i) => {
    const x = px(placeX(frame, at));
    return `<text class="${i % 2 === 1 ? 'odd' : 'even'}" x="${x}" y="${HEIGHT - 8}" text-anchor="middle">${html(label)}</text>`;
  });
  return rows.join('') + columns.join('');
}

function tolerance(frame: Frame, metric: MetricResult): string {
  return boundsOf(metric)
    .map(bound => {
      const y = px(placeY(frame, bound));
      return `<line class="tolerance" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>`;
    })
    .join('');
}

/** Where it left what is allowed, and where it was back. */
function marks(frame: Frame, metric: MetricResult, result: Result): string {
  return marksOf(metric, result)
    .map(({at, what}) => {
      const x = px(placeX(frame, at));
      return (
        `<line class="mark ${what}" x1="${x}" x2="${x}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>` +
        `<text class="mark-label" x="${x}" y="${TOP + 12}" dx="${what === 'out' ? -4 : 4}" text-anchor="${what === 'out' ? 'end' : 'start'}">${what}</text>`
      );
    })
    .join('');
}

/** A path that lifts the pen where there is no value; a lone point becomes a dot. */
function path(frame: Frame, points: MetricResult['chart'][number]['points']): string {
  let down = false;
  return points
    .map(([at, value], i) => {
      if (value === null) {
        down = false;
        return '';
      }
      const place = `${px(placeX(frame, at))} ${px(placeY(frame, value))}`;
      const lone = !down && (points[i + 1]?.[1] ?? null) === null;
      const step = down ? `L${place}` : `M${place}${lone ? 'h0' : ''}`;
      down = true;
      return step;
    })
    .join('');
}

/** A line chart as inline SVG: what a reader without JavaScript, and every printer, sees. */
export function chartSvg(metric: MetricResult, result: Result): string {
  const frame = {x: timeAxis(result.durationSeconds), y: valueAxis(metric, boundsOf(metric))};
  const lines = metric.chart
    .map(({points}, i) => `<path class="line line-${i % 6}" d="${path(frame, points)}"/>`)
    .join('');
  const label = `${metric.name} over the run. ${metric.explanation}`;
  return (
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${html(label)}">` +
    `${drawnBands(frame, bandsOf(metric, result))}${axes(frame)}${tolerance(frame, metric)}${lines}${marks(frame, metric, result)}</svg>`
  );
}

/** What the interactive chart needs; the same axes as the SVG. */
export function chartData(metric: MetricResult, result: Result) {
  const {chart} = metric;
  const times = [...new Set(chart.flatMap(line => line.points.map(([at]) => at)))].sort((a, b) => a - b);
  const columns = chart.map(line => {
    const values = new Map(line.points);
    // Undefined would join what a gap separates; JSON has only null for both, so each line keeps to its own times.
    return times.map(at => values.get(at) ?? null);
  });
  return {
    unit: metric.unit,
    names: chart.map(line => line.subject ?? metric.name),
    data: [times, ...columns],
    // Lines of several subjects are sampled at different moments: those holes are no gaps.
    spanGaps: chart.length > 1,
    x: timeAxis(result.durationSeconds),
    y: valueAxis(metric, boundsOf(metric)),
    bounds: boundsOf(metric),
    bands: bandsOf(metric, result),
    marks: marksOf(metric, result),
  };
}

/** What the colours mean, in words. */
export function legend(metric: MetricResult, result: Result): string {
  const marked =
    marksOf(metric, result).length > 0
      ? ['<span class="key"><i class="swatch mark"></i>left what is allowed, and back</span>']
      : [];
  const kinds = [...new Set(bandsOf(metric, result).map(({kind}) => kind))];
  const swatches = kinds.map(kind => `<span class="key"><i class="swatch ${kind}"></i>${NAMES[kind]}</span>`);
  const bound =
    boundsOf(metric).length === 0
      ? []
      : [`<span class="key"><i class="swatch bound"></i>allowed: ${html(sayLimits(metric))}</span>`];
  const lines =
    metric.chart.length < 2
      ? []
      : metric.chart.map(
          (line, i) =>
            `<span class="key"><i class="swatch line-${i % 6}"></i>${html(line.subject ?? metric.name)}</span>`,
        );
  return `<p class="legend">${[...lines, ...swatches, ...bound, ...marked].join('')}</p>`;
}
