import {SECOND_US} from '../../quantities/duration.js';
import type {JsonObject} from '../../quantities/json.js';
import type {LoadSecond, Sample} from '../contract.js';
import {countOutcomes, measureLoad, secondsSeenBy} from '../load/measure.js';
import {LOAD_MEASURES} from '../load/spec.js';
import {noValue, type NoValue, type Reason} from '../missing.js';

/** Samples of one series, by time. */
export interface OperandSeries {
  readonly subject?: string;
  readonly samples: readonly Sample[];
}

/** What is to be known of a metric that another one is made of. */
interface OperandMetric {
  readonly name: string;
  readonly everyMs: number;
}

/** A metric as one that is made of it sees it. */
export interface Operand {
  readonly metric: OperandMetric;
  /** What was measured of it since then (mono µs), as far as it was told. */
  since(fromUs: number): readonly OperandSeries[];
  /** How long after its time a value is there at the latest, ms. */
  patienceMs(): number;
}

/** How the value of a second reads that none of its requests gave. */
function withoutValue(second: LoadSecond, why: string): NoValue {
  if (second.intended === 0) return noValue('traffic', why);
  const [outcome] = Object.keys(countOutcomes([second])).filter(one => !/^(?:ok$|status-|check-)/.test(one));
  return noValue((outcome ?? 'traffic') as Reason, why);
}

/** The seconds of a load as samples of one of its metrics, each by itself. */
export function secondsAsSamples(
  metric: {readonly parameters: JsonObject},
  seconds: readonly LoadSecond[],
): readonly Sample[] {
  const measure = LOAD_MEASURES.find(known => known === metric.parameters['measure']) ?? 'throughput';
  return secondsSeenBy(metric, seconds).map(second => {
    const figure = measureLoad([second], measure);
    const told = {t: second.at, d: 0, lasts: SECOND_US};
    return figure.value === null ? {...told, ...withoutValue(second, figure.why)} : {...told, value: figure.value};
  });
}

/** A read may begin so much later than its place on the grid. */
const JITTER = 0.1;
/** So many times its rhythm after the last value a metric has none that is fresh. */
const FRESH = 2.5;

/** How long what a sample tells stands, µs: until the next one is due. */
function standsUs({lasts}: Sample, {everyMs}: OperandMetric): number {
  return lasts ?? everyMs * 1000 * (1 - JITTER);
}

/**
 * Until when all has been told, mono µs. A read that takes long is told after those that were due meanwhile: what lies
 * behind the gap that it leaves is waited for, unless it is too old to come.
 */
export function toldUntilUs({samples}: OperandSeries, operand: Operand): number {
  const {metric} = operand;
  const patienceUs = operand.patienceMs() * 1000;
  const newestUs = samples.at(-1)?.t ?? -Infinity;
  const gap = samples.find((sample, i) => {
    const next = samples[i + 1];
    const overdue = newestUs - sample.t > patienceUs;
    return next !== undefined && !overdue && next.t - sample.t > 1.5 * (sample.lasts ?? metric.everyMs * 1000);
  });
  const last = gap ?? samples.at(-1);
  return last === undefined ? -Infinity : last.t + standsUs(last, metric);
}

/** The newest value that a series had at this moment, mono µs. */
export function valueAt(
  {samples}: OperandSeries,
  {everyMs}: OperandMetric,
  atUs: number,
): {readonly value: number} | NoValue {
  const sample = samples.findLast(({t, lasts = 0}) => t + lasts <= atUs);
  if (sample === undefined) return noValue('silent', 'it has no value yet');
  const {t, lasts = 0, value} = sample;
  if (atUs - t - lasts > FRESH * Math.max(everyMs * 1000, lasts)) return noValue('silent', 'its last value is too old');
  if (value !== null) return {value};
  const {why = 'no value', missing} = sample;
  return missing === undefined ? noValue('silent', why) : {value, why, missing};
}
