import {formatQuantity} from '../../quantities/format.js';
import type {Unit} from '../../quantities/unit.js';
import {say} from '../../verdict/time.js';
import type {MetricResult} from '../../verdict/result.js';

/** A mark on an axis. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly Tick[];
}

const STEPS = [1, 2, 2.5, 5, 10];
const TIME_STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];

function niceStep(span: number, count: number, unit: Unit): number {
  const rough = span / count;
  if (unit === 'bytes' && rough >= 1) return 2 ** Math.ceil(Math.log2(rough));
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find(factor => factor * magnitude >= rough) ?? 10) * magnitude;
  return unit === 'count' ? Math.max(1, Math.round(step)) : step;
}

/** The value axis of a metric: from zero (or below), with room for every point and for the tolerance. */
export function valueAxis(metric: Pick<MetricResult, 'unit' | 'chart'>, bounds: readonly number[]): Axis {
  const values = metric.chart.flatMap(line => line.points.flatMap(([, value]) => (value === null ? [] : [value])));
  const all = [...values, ...bounds, 0];
  const low = all.reduce((a, b) => Math.min(a, b));
  const high = all.reduce((a, b) => Math.max(a, b));
  // A chart of nothing but zeros still needs a height.
  const top = high - low > 1e-9 ? high : low + 1;
  const step = niceStep((top - low) * 1.05, 4, metric.unit);
  const min = Math.floor(low / step) * step;
  // A share has nothing above 100 %.
  const room = metric.unit === 'ratio' && top <= 1 ? Math.min(1, top * 1.02) : top * 1.02;
  const max = Math.ceil(Number((room / step).toPrecision(12))) * step;
  const count = Math.round((max - min) / step);
  const ticks = Array.from({length: count + 1}, (_, i) => {
    const at = Number((min + i * step).toPrecision(12));
    return {at, label: formatQuantity(at, metric.unit)};
  });
  return {min, max, ticks};
}

/** The time axis of a run, in seconds since its start. */
export function timeAxis(seconds: number): Axis {
  const max = Math.max(1, seconds);
  const step = TIME_STEPS.find(candidate => max / candidate <= 8) ?? Math.ceil(max / 8 / 3600) * 3600;
  const count = Math.floor(max / step);
  return {min: 0, max, ticks: Array.from({length: count + 1}, (_, i) => ({at: i * step, label: say(i * step)}))};
}
