import type {MetricSpec} from '../experiment/experiment.js';
import type {Facts} from './facts.js';
import {loadOf, seriesOf} from './judgement/data.js';
import {SECOND_US} from '../quantities/duration.js';
import {numberOf} from '../statistics/series/bins.js';
import {secondValue} from './judgement/load-window.js';
import type {MetricResult} from './result.js';

type ChartLine = MetricResult['chart'][number];
type ChartPoint = ChartLine['points'][number];

const MAX_POINTS = 600;

/**
 * At most 600 points: of every group of neighbours the worst is kept, because a peak that is averaged away is a chart
 * that lies; a group without any value stays a gap.
 */
export function thin(points: readonly ChartPoint[], worse: MetricSpec['worse']): readonly ChartPoint[] {
  if (points.length <= MAX_POINTS) return points;
  const size = Math.ceil(points.length / MAX_POINTS);
  const isWorse = (a: number, b: number) => (worse === 'lower' ? a < b : a > b);
  return Array.from({length: Math.ceil(points.length / size)}, (_, i) => {
    const group = points.slice(i * size, (i + 1) * size);
    return group.reduce((worst, point) =>
      worst[1] === null || (point[1] !== null && isWorse(point[1], worst[1])) ? point : worst,
    );
  });
}

/**
 * What the chart of a metric shows: a line per subject; loads by the second, at its middle. Values are rounded to 6
 * digits.
 */
export function chartOf(metric: MetricSpec, {evidence, time}: Facts): MetricResult['chart'] {
  if (metric.source === 'load') {
    const seconds = evidence.loads.filter(second => second.load === loadOf(metric) && second.intended > 0);
    const points = seconds.map(
      second => [time.seconds(second.at + SECOND_US / 2), secondValue(metric, second)] as const,
    );
    return [{subject: null, points: drawn(points, 2 * (SECOND_US / 1e6), metric.worse)}];
  }
  return seriesOf(metric, evidence).map(({subject, samples}) => {
    const points = samples.map(sample => [time.seconds(sample.t), numberOf(sample)] as const);
    const longest = Math.max(3, (3 * metric.everyMs) / 1000);
    return {subject: subject ?? null, points: drawn(points, longest, metric.worse)};
  });
}

/** Rounds last: an hour of samples has far more points than are drawn. */
function drawn(points: readonly ChartPoint[], longest: number, worse: MetricSpec['worse']): readonly ChartPoint[] {
  return thin(withGaps(points, longest), worse).map(([at, value]) => [
    at,
    value === null ? null : Number(value.toPrecision(6)),
  ]);
}

/**
 * Puts a null between points that are further apart than `longest` seconds: the line must not run through what is not
 * known.
 */
function withGaps(points: readonly ChartPoint[], longest: number): readonly ChartPoint[] {
  const all: ChartPoint[] = [];
  let last = Infinity;
  for (const point of points) {
    if (point[0] - last > longest) all.push([last + longest / 2, null]);
    all.push(point);
    last = point[0];
  }
  return all;
}
