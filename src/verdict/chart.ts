import type {MetricSpec} from '../experiment/experiment.js';
import type {Facts} from './facts.js';
import {loadOf, numberOf, SECOND_US, seriesOf} from './judgement/data.js';
import {secondValue} from './judgement/load-window.js';
import type {MetricResult} from './result.js';

type Line = MetricResult['chart'][number];
type Point = Line['points'][number];

const MAX_POINTS = 600;

/**
 * At most 600 points: of every group of neighbours the worst is kept, because a peak that is averaged away is a chart that
 * lies; a group without any value stays a gap.
 */
export function thin(points: readonly Point[], worse: MetricSpec['worse']): readonly Point[] {
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

/** What the chart of a metric shows: a line per subject; loads by the second, at its middle. Values are rounded to 6 digits. */
export function chartOf(metric: MetricSpec, {evidence, time}: Facts): MetricResult['chart'] {
  const rounded = (value: number | null) => (value === null ? null : Number(value.toPrecision(6)));
  if (metric.source === 'load') {
    const seconds = evidence.loads.filter(second => second.load === loadOf(metric) && second.intended > 0);
    const points = seconds.map(
      second => [time.seconds(second.at + SECOND_US / 2), rounded(secondValue(metric, second))] as const,
    );
    return [{subject: null, points: thin(withGaps(points, 2 * (SECOND_US / 1e6)), metric.worse)}];
  }
  return seriesOf(metric, evidence).map(({subject, samples}) => {
    const points = samples.map(sample => [time.seconds(sample.t), rounded(numberOf(sample))] as const);
    const longest = Math.max(3, (3 * metric.everyMs) / 1000);
    return {subject: subject ?? null, points: thin(withGaps(points, longest), metric.worse)};
  });
}

/** Puts a null between points that are further apart than `longest` seconds: the line must not run through what is not known. */
function withGaps(points: readonly Point[], longest: number): readonly Point[] {
  return points.flatMap((point, i): Point[] => {
    const before = points[i - 1];
    return before !== undefined && point[0] - before[0] > longest ? [[before[0] + longest / 2, null], point] : [point];
  });
}
