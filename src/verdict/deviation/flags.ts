import type {Experiment, MetricSpec} from '../../experiment/experiment.js';
import {smoothingOf} from '../../experiment/traits.js';
import {formatRate} from '../../quantities/rate.js';
import {formatDuration} from '../../quantities/duration.js';
import type {Facts} from '../facts.js';
import {gatesIn} from '../gate-words.js';
import {trafficIn, usualRate} from '../judgement/counted.js';
import {loadOf, wholeSecondsIn, type Span} from '../judgement/data.js';
import type {Doubt, JudgedMetric} from '../../statistics/decisions/metric.js';
import {lateness} from '../judgement/generator.js';
import {loadDoubt, measureOf} from '../judgement/load-window.js';

/** What is known of a metric beside its values, and the words for it where they have figures in them. */
export interface MetricFlags {
  readonly of: Pick<JudgedMetric, 'unsteady' | 'smoothed' | 'unreliable' | 'late'>;
  readonly words: Partial<Readonly<Record<Doubt, string>>>;
}

/** The range-query trap: a moving average is no series of values. */
function smoothedBy(metric: MetricSpec): string | undefined {
  const [smoothing] = smoothingOf(metric);
  return (
    smoothing &&
    `its query averages over ${smoothing.over}, and its values lie ${formatDuration(metric.everyMs)} apart: they are a moving average, not values of their own`
  );
}

/** Whether the gate before the injection said that the baseline was not steady. */
function isUnsteady({name}: MetricSpec, {decided}: Facts): boolean {
  const decision = decided.findLast(({what}) => what === 'steady');
  return gatesIn(decision?.basis ?? null).some(({metric, state}) => metric === name && state === 'not-steady');
}

/** Why the seconds of a load in a window show nothing about the target; undefined when they do. */
function underSent(metric: MetricSpec, {evidence}: Facts, span: Span): string | undefined {
  // A system that is full of requests is what a capacity is about.
  if (metric.source !== 'load' || measureOf(metric) === 'capacity') return undefined;
  const seen = wholeSecondsIn(loadOf(metric), evidence.loads, span).length > 0;
  return seen ? loadDoubt(metric, evidence, span) : undefined;
}

/** How late the requests of a load left, where that is too late for its latencies. */
function lateSent(metric: MetricSpec, {evidence}: Facts, span: Span): string | undefined {
  if (metric.source !== 'load' || measureOf(metric)?.startsWith('latency.') !== true) return undefined;
  return lateness(wholeSecondsIn(loadOf(metric), evidence.loads, span));
}

/** What is compared: the time without the fault and the time with it. */
export interface ComparedTimes {
  readonly without: readonly Span[];
  readonly with: readonly Span[];
}

/** Too little traffic of others to say anything: the figure, or undefined. */
function littleTraffic(metric: MetricSpec, facts: Facts, span: Span): string | undefined {
  return tooLittle(trafficIn(metric, facts.evidence, span), facts);
}

/** The same of a metric that is traffic itself. */
function littleBefore(metric: MetricSpec, facts: Facts, span: Span): string | undefined {
  return tooLittle(usualRate(metric, facts.evidence, span), facts);
}

function tooLittle(traffic: number | undefined, {experiment}: Facts): string | undefined {
  const floor: Experiment['minimumTraffic'] = experiment.minimumTraffic;
  if (floor === undefined || traffic === undefined || traffic >= floor) return undefined;
  return `there were ${formatRate(traffic)} of requests, at least ${formatRate(floor)} are needed (minimumTraffic)`;
}

/** What is known of a metric beside its values, over the windows that are compared. */
export function flagsOf(metric: MetricSpec, facts: Facts, compared: ComparedTimes): MetricFlags {
  const first = (say: typeof underSent, spans: readonly Span[]) =>
    spans.map(span => say(metric, facts, span)).find(why => why !== undefined);
  const all = [...compared.without, ...compared.with];
  const words = {
    smoothed: smoothedBy(metric),
    'under-sent': first(underSent, all),
    'little-traffic': first(littleTraffic, all) ?? first(littleBefore, compared.without),
    'late-before': first(lateSent, compared.without),
    'late-during': first(lateSent, compared.with),
  };
  const said = Object.entries(words).filter(([, why]) => why !== undefined);
  const unreliable = (['under-sent', 'little-traffic'] as const).find(code => words[code] !== undefined);
  const late = lateIn(words);
  return {
    of: {
      ...(isUnsteady(metric, facts) ? {unsteady: true} : {}),
      ...(words.smoothed === undefined ? {} : {smoothed: true}),
      ...(unreliable === undefined ? {} : {unreliable}),
      ...(late === undefined ? {} : {late}),
    },
    words: Object.fromEntries(said),
  };
}

function lateIn(words: Partial<Record<'late-before' | 'late-during', string | undefined>>): JudgedMetric['late'] {
  const [before, during] = [words['late-before'] !== undefined, words['late-during'] !== undefined];
  if (before && during) return 'both';
  return before ? 'before' : during ? 'during' : undefined;
}
