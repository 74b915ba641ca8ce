import {MAX_MISSING} from '../../statistics/least.js';
import type {MetricSpec} from '../../experiment/experiment.js';
import type {Unit} from '../../quantities/unit.js';
import type {Random} from '../../quantities/random.js';
import {NO_CAPACITY} from './capacity-window.js';
import type {FlowSecond} from '../../statistics/capacity/usl.js';
import {sweepDoubt, sweepOf} from '../../statistics/capacity/sweep.js';
import {type MeasuredData, type Span} from './data.js';
import type {Measured} from '../../statistics/decisions/metric.js';
import {steadyCapacity} from '../../statistics/decisions/steady-capacity.js';
import {steadyCounts} from '../../statistics/decisions/steady-counts.js';
import {steadyLatencies} from '../../statistics/decisions/steady-latencies.js';
import {steadyState, type SteadyState, type SteadyStateRules} from '../../statistics/decisions/steady-state.js';
import {binsOf, binUsOf, measuredOf, type OfSubject} from './measured.js';
import {onScale, scaleOf} from '../../statistics/effects/scale.js';
import {missingShare, present, together, type Bins} from '../../statistics/series/bins.js';
import {hasTrend} from '../../statistics/series/trend.js';

/**
 * What the gate says about one subject of one metric: the `gate` of the basis of `decided steady`. All figures are
 * plain numbers or null.
 */
export interface MetricGate {
  readonly metric: string;
  readonly subject?: string;
  /** Of a switchback: lengths are those of all on blocks together. */
  readonly blocks?: true;
  /** `unmeasured`: there are no values, or too many are missing. The others: see SteadyState. */
  readonly state: SteadyState['state'] | 'unmeasured';
  /**
   * What changes are told in: of the baseline, of the requests, or in the metric's unit where the baseline is about
   * zero.
   */
  readonly of: 'relative' | 'share' | 'unit';
  /** Of changes that are told in it; absent in records of earlier versions. */
  readonly unit?: Unit;
  /** The smallest change that this run sees in four of five cases. */
  readonly detectable: number | null;
  readonly allowed: number;
  readonly critical: number;
  /** Values in the baseline, and how long each of them is. */
  readonly bins: number;
  readonly binMs: number;
  /**
   * Length of baseline and injection at which the allowed change, and the critical one, would be seen; null when no
   * length that a run should have would do.
   */
  readonly allowedNeedsMs: number | null;
  readonly criticalNeedsMs: number | null;
  /** Length that the baseline needs for its noise to be known; null where it has a trend, which no length ends. */
  readonly noiseNeedsMs: number | null;
  /** By how much the second half of the baseline differs from the first. */
  readonly change: number | null;
  /** The baseline rises or falls: this is proven, and no figure of its noise says how long it would have to be. */
  readonly trend?: true;
  /**
   * Where the trend of the baseline would lead by the fault; `driftWarns`: it is proven, and more than half of what is
   * allowed.
   */
  readonly drift: number | null;
  readonly driftWarns: boolean;
  /** Of `unmeasured`: what is missing, in words. */
  readonly why?: string;
}

export interface GateRules {
  readonly baseline: Span;
  /** The shortest injection that is judged. */
  readonly faultMs: number;
  /** How long all off blocks of a switchback are together: what the fault is compared with instead of the baseline. */
  readonly otherMs?: number;
  readonly alpha: number;
  readonly random: Random;
}

/**
 * A metric of the hit targets over (or less) the same of the control group, bin by bin, as it will be judged; undefined
 * where a ratio says nothing.
 */
function besideControl(own: Bins, control: Bins, absolute: boolean): Bins | undefined {
  if (!absolute && [...present(own), ...present(control)].some(value => value <= 0)) return undefined;
  return own.map((value, i) => {
    const other = control[i] ?? null;
    if (value === null || other === null) return null;
    return absolute ? value - other : value / other;
  });
}

interface GateReading {
  readonly gate: SteadyState;
  readonly of: 'relative' | 'share' | 'unit';
  readonly missing: number;
  readonly bins: number;
  /** Why nothing can be known of it. */
  readonly why?: string;
}

/** What changes of a metric that is always above zero are told in. */
const termsOf = ({absolute}: SteadyStateRules) => (absolute === true ? 'unit' : 'relative');

function lookAtBins(bins: Bins, rules: SteadyStateRules): GateReading {
  const gate = steadyState(bins, rules);
  const values = present(bins);
  const about = {missing: missingShare(bins), bins: values.length};
  if (rules.absolute === true) return {gate, of: 'unit', ...about};
  if (values.every(value => value > 0)) return {gate, of: 'relative', ...about};
  // On the level scale the gate speaks in units: they are told as a share of the mean, where there is one.
  const mean = Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length);
  const scaled = (value: number | null) => (value === null ? null : value / mean);
  if (!(mean > 0)) return {gate, of: 'unit', ...about};
  const drift = gate.drift === null ? null : {...gate.drift, projected: gate.drift.projected / mean};
  const {detectable, change} = gate;
  return {gate: {...gate, detectable: scaled(detectable), change: scaled(change), drift}, of: 'relative', ...about};
}

function lookAtSweep(
  baseline: readonly FlowSecond[],
  rules: SteadyStateRules & {readonly random: Random},
): GateReading {
  const doubt = sweepDoubt(sweepOf(baseline));
  const why = doubt === undefined ? {} : {why: NO_CAPACITY[doubt]};
  return {gate: steadyCapacity(baseline, rules), of: termsOf(rules), missing: 0, bins: baseline.length, ...why};
}

function lookAt(measured: Measured, perBin: Bins, rules: SteadyStateRules & {readonly random: Random}): GateReading {
  const about = {missing: missingShare(perBin), bins: present(perBin).length};
  if (measured.kind === 'counts') return {gate: steadyCounts(measured.baseline, rules), of: 'share', ...about};
  if (measured.kind === 'capacity') return lookAtSweep(measured.baseline, rules);
  if (measured.kind !== 'latency') return lookAtBins(perBin, rules);
  const baseline = {seconds: measured.baseline, quantile: measured.quantile, perSecond: perBin};
  return {gate: steadyLatencies(baseline, rules), of: termsOf(rules), ...about};
}

/** What the gate works on, subject by subject: with a control group, the metric over that of the control. */
function subjectsOf(metric: MetricSpec, known: GateInput): readonly OfSubject<{measured: Measured; perBin: Bins}>[] {
  const {data, rules, all} = known;
  const {baseline} = rules;
  const perBin = binsOf(metric, data, baseline);
  const control = all.find(({name}) => name === metric.control);
  // Of several subjects of the control the mean, as in the verdict.
  const others = control === undefined ? undefined : together(binsOf(control, data, baseline).map(({of}) => of));
  return measuredOf(metric, data, {baseline, fault: baseline}).map(({subject, of}, i) => {
    const own = perBin[i]?.of ?? [];
    const apart = others === undefined ? undefined : besideControl(own, others, metric.deviation?.absolute === true);
    const measured: Measured = apart === undefined ? of : {kind: 'bins', baseline: apart, fault: []};
    return {...(subject === undefined ? {} : {subject}), of: {measured, perBin: apart ?? own}};
  });
}

interface GateInput {
  readonly data: MeasuredData;
  readonly rules: GateRules;
  readonly all: readonly MetricSpec[];
}

function gateOfMetric(metric: MetricSpec, known: GateInput): readonly MetricGate[] {
  const {deviation, name, worse} = metric;
  if (deviation === undefined) return [];
  const {by, critical, absolute} = deviation;
  const {faultMs, otherMs, alpha, random} = known.rules;
  const binMs = binUsOf(metric, known.data) / 1000;
  const binsIn = (ms: number) => Math.max(1, Math.floor(ms / binMs));
  const about = {
    metric: name,
    unit: metric.unit,
    allowed: by,
    critical,
    binMs,
    ...(otherMs === undefined ? {} : {blocks: true as const}),
  };
  const rules = {
    worse,
    by,
    critical,
    absolute,
    faultBins: binsIn(faultMs),
    ...(otherMs === undefined ? {} : {otherBins: binsIn(otherMs)}),
    alpha,
    random,
  };
  const subjects = subjectsOf(metric, known);
  if (subjects.length === 0) return [{...about, ...UNMEASURED, of: 'relative', bins: 0}];
  return subjects.map(({subject, of}) => {
    const {gate, of: unit, missing, bins, why} = lookAt(of.measured, of.perBin, rules);
    const trend = hasTrend(onScale(of.perBin, scaleOf(of.perBin)));
    const mostMs = Math.min(MOST_MS, Math.max(EASY_MS, MOST_TIMES * binMs * of.perBin.length));
    const lengthOf = (needed: number | null) =>
      needed === null || trend || needed * binMs > mostMs ? null : needed * binMs;
    return {
      ...about,
      ...(subject === undefined ? {} : {subject}),
      ...(why === undefined ? {} : {why}),
      state: bins === 0 || missing > MAX_MISSING || why !== undefined ? 'unmeasured' : gate.state,
      of: unit,
      bins,
      detectable: gate.detectable,
      allowedNeedsMs: lengthOf(gate.windowForAllowed),
      criticalNeedsMs: lengthOf(gate.windowForCritical),
      noiseNeedsMs: lengthOf(gate.windowForNoise),
      change: gate.change,
      ...(trend ? {trend} : {}),
      drift: gate.drift?.projected ?? null,
      driftWarns: gate.drift?.warn ?? false,
    };
  });
}

/** Nobody makes windows longer than this on a suggestion, ms. */
const MOST_MS = 3_600_000;
/**
 * A length that may be told however short the baseline was, ms: as long as what is resized without being asked for a
 * limit.
 */
const EASY_MS = 600_000;
/** Beyond so many times a baseline its noise says nothing. */
const MOST_TIMES = 10;

const UNMEASURED = {
  state: 'unmeasured',
  detectable: null,
  allowedNeedsMs: null,
  criticalNeedsMs: null,
  noiseNeedsMs: null,
  change: null,
  drift: null,
  driftWarns: false,
} as const;

/**
 * The gate before the injection for the metrics that are decided by their deviation: whether each is steady against
 * itself, and what this run could see of it. Each kind of metric by the method by which it will be judged.
 */
export function gateOf(
  metrics: readonly MetricSpec[],
  data: MeasuredData,
  {all, ...rules}: GateRules & {readonly all: readonly MetricSpec[]},
): readonly MetricGate[] {
  return metrics.flatMap(metric => gateOfMetric(metric, {data, rules, all}));
}
