import {boundValues} from '../verdict/judgement/tolerance.js';
import {formatShare} from '../quantities/share.js';
import {sayChange} from '../verdict/change.js';
import {sayAllowed, sayLimits} from '../verdict/deviation/words.js';
import {quantity} from '../verdict/phrase.js';
import type {ChangeResult, DeviationResult, MetricInterval, MetricResult, Verdict} from '../verdict/result.js';
import {tellingDeviation} from '../verdict/shown.js';

/** What is told of changes against the baseline, in the same words in every format. */

/** A limit of an interval; null is infinite. */
function limit(value: number | null, of: ChangeResult['of'], metric: MetricResult): string {
  return value === null ? 'no limit' : sayChange(value, of, metric);
}

function estimate({of, estimate: value}: ChangeResult, metric: MetricResult): string {
  return sayChange(value ?? Infinity, of, metric);
}

/** The change of a metric in one figure, for the scorecard: `+668%`; a dash where it is not known. */
export function changeFigure(metric: MetricResult): string {
  const deviation = tellingDeviation(metric);
  const change = deviation?.change ?? metric.intervals.find(interval => interval.change !== undefined)?.change;
  if (change === undefined) return '–';
  const more = deviation?.decides === false && deviation.verdict === 'deviated' ? ', more than allowed' : '';
  return `${estimate(change, metric)}${more}`;
}

/** What is allowed of a metric, by tolerance and by change: separate answers. */
export function allowedWords(metric: MetricResult): string {
  const {deviation, tolerance} = metric;
  if (tolerance === null && deviation === undefined) return 'observed only';
  const change = tolerance !== null && deviation !== undefined ? `; ${sayAllowed(deviation, metric)}` : '';
  return `${sayLimits(metric)}${change}`;
}

/** The verdict about a metric in a word or two. */
export function verdictWords(metric: MetricResult): string {
  if (metric.verdict !== null) return metric.verdict;
  if (metric.notDecided !== undefined) return 'not decided';
  return tellingDeviation(metric)?.alsoMoved === true ? 'also moved' : 'not judged';
}

/** The answer of the deviation where the tolerance decides: a sentence of its own; undefined where there is none. */
export function secondAnswer(metric: MetricResult): string | undefined {
  const deviation = tellingDeviation(metric);
  return deviation === undefined || deviation.decides || metric.tolerance === null ? undefined : deviation.text;
}

export interface ChangeRow {
  readonly interval: string;
  readonly change: string;
  readonly surely: string;
  readonly allowed: string;
  readonly verdict: Verdict | null;
  /** The verdict in words: how bad it is, and whether it decides. */
  readonly answer: string;
  readonly cliffsDelta: string;
  readonly shift: string;
  readonly independent: string;
  readonly detectable: string;
}

/** In words, during a fault also whether it decides: what decides about the recovery is when the metric was back. */
function answerOf({verdict, grade, decides}: DeviationResult, during: boolean): string {
  return `${grade ?? verdict}${decides || !during ? '' : ' (decides nothing)'}`;
}

function row(
  interval: string,
  {change, deviation}: {change: ChangeResult; deviation?: DeviationResult | undefined},
  metric: MetricResult,
): ChangeRow {
  const {of, lower, upper, cliffsDelta, detectable, hodgesLehmann, effective} = change;
  const none = '–';
  return {
    interval,
    change: estimate(change, metric),
    surely: `${limit(lower, of, metric)} to ${limit(upper, of, metric)}`,
    allowed: deviation === undefined ? none : sayAllowed(deviation.allowed, metric),
    verdict: deviation?.verdict ?? null,
    answer: deviation === undefined ? 'not judged' : answerOf(deviation, interval !== 'recovery'),
    cliffsDelta: cliffsDelta === null ? none : cliffsDelta.toFixed(2).replace('-', '−'),
    shift:
      hodgesLehmann === null || hodgesLehmann === undefined
        ? none
        : `${hodgesLehmann < 0 ? '−' : '+'}${quantity(Math.abs(hodgesLehmann), metric.unit)}`,
    independent: effective === null || effective === undefined ? none : String(Math.floor(effective)),
    detectable: detectable === null ? none : formatShare(Number(detectable.toPrecision(2))),
  };
}

function nameOf({kind, occurrence}: MetricInterval): string {
  return occurrence === null ? kind : `fault ${occurrence}`;
}

/** One row for each comparison of a metric: interval by interval, or all blocks together. */
export function changeRows(metric: MetricResult): readonly ChangeRow[] {
  const {overall} = metric;
  const together =
    overall?.change == null ? [] : [row('all blocks', {change: overall.change, deviation: overall}, metric)];
  const each = metric.intervals.flatMap(interval => {
    const change = interval.deviation?.change ?? interval.change;
    return change == null ? [] : [row(nameOf(interval), {change, deviation: interval.deviation}, metric)];
  });
  return [...together, ...each];
}

/** What the columns mean, for people who do not do statistics. */
export const CHANGE_NOTES: readonly string[] = [
  'Surely: each end is wrong in one of a hundred runs at most, also when values depend on those before them.',
  'Tendency (Cliff’s delta): 1 when every value with the fault is above every value without it, −1 when below, 0 when neither tends to be.',
  'Typical shift (Hodges-Lehmann): the median of all differences between a value with the fault and one without.',
  'Independent: how many values that do not depend on each other the smaller window is worth.',
  'Seen from: the smallest change that windows like these show in four of five runs.',
];

/** Basis of the verdict about an interval; what a deviation says has a line of its own. */
export function basisOf({why, change, backToBaseline}: MetricInterval): string {
  const more = [change?.text, backToBaseline?.text].filter(text => text !== undefined);
  return [more.length === 0 ? why : `${why}.`, ...more].join(' ');
}

/** The lines of the chart beyond which a metric is not allowed: of its tolerance, or of its allowed change. */
export function boundsOf(metric: MetricResult): readonly number[] {
  const {tolerance, deviation, worse} = metric;
  if (tolerance !== null) return boundValues(tolerance);
  const answer = tellingDeviation(metric);
  const from = answer?.from ?? null;
  // Beside a control group the limit moves with the control.
  if (deviation === undefined || from === null || answer?.design === 'control') return [];
  const by = deviation.of === 'relative' ? Math.abs(from) * deviation.by : deviation.by;
  return [...(worse === 'lower' ? [] : [from + by]), ...(worse === 'higher' ? [] : [from - by])];
}
