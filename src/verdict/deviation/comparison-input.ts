import {isErrorShare} from '../../experiment/traits.js';
import type {DeviationSpec, MetricSpec} from '../../experiment/experiment.js';
import type {Facts} from '../facts.js';
import {loadOf} from '../judgement/data.js';
import type {JudgedMetric, Measured} from '../../statistics/decisions/metric.js';
import {binUsOf, measuredOf, type OfSubject, type ComparedWindows} from '../judgement/measured.js';
import type {GroupWindows} from '../../statistics/designs/control-group.js';
import {together} from '../../statistics/series/bins.js';
import type {DeviationResult} from '../result.js';
import {flagsOf, type MetricFlags} from './flags.js';
import {perBin} from './values.js';

/** A metric with an allowed change. */
export type Deviating = MetricSpec & {readonly deviation: DeviationSpec};

/** One subject of one metric, as it takes part in the judgement of an interval. */
export interface ComparisonInput {
  readonly metric: Deviating;
  readonly subject: string | null;
  readonly design: DeviationResult['design'];
  readonly judged: JudgedMetric;
  readonly words: MetricFlags['words'];
  /** Length of a bin, or of a block, seconds. */
  readonly binSeconds: number;
  /** How long a request is waited for at most, ms; null for what is no load. */
  readonly unansweredMs: number | null;
  /** False where the compared windows are not those of the file, so that longer ones would settle nothing. */
  readonly settles?: false;
}

/** The metrics with an allowed change. */
export function deviatingOf({experiment}: Facts): readonly Deviating[] {
  return experiment.steadyState.flatMap(metric =>
    metric.deviation === undefined ? [] : [{...metric, deviation: metric.deviation}],
  );
}

/** How long a request of a load is waited for at most, ms; null for other metrics. */
export function unansweredMs(metric: MetricSpec, {experiment}: Facts): number | null {
  return metric.source === 'load' ? (experiment.load[loadOf(metric)]?.timeoutMs ?? null) : null;
}

/** What is compared of one subject; `windows` are those whose traffic is looked at. */
export function comparisonInput(
  metric: Deviating,
  {subject, of}: OfSubject<Measured>,
  how: Pick<ComparisonInput, 'design' | 'binSeconds' | 'unansweredMs'> & {
    readonly primary: boolean;
    readonly flags: MetricFlags;
  },
): ComparisonInput {
  const {deviation, worse, name} = metric;
  const {primary, flags, design, binSeconds, unansweredMs: waitedMs} = how;
  const judged = {name, measured: of, worse, ...deviation, primary, ...flags.of};
  return {metric, subject: subject ?? null, design, judged, words: flags.words, binSeconds, unansweredMs: waitedMs};
}

function groupsOf(measured: Measured, ms: number | null): GroupWindows {
  const side = (window: 'baseline' | 'fault') => perBin({measured, window, unansweredMs: ms});
  return {baseline: side('baseline'), fault: side('fault')};
}

/** Each subject of a metric beside what measures the same on the control group; of the control's subjects the mean. */
function besideControl(
  metric: Deviating,
  control: MetricSpec,
  {facts, windows}: {facts: Facts; windows: ComparedWindows},
) {
  // Bins of the same length, or they would not be of the same times.
  const everyMs = Math.max(metric.everyMs, control.everyMs);
  const read = (one: MetricSpec) =>
    measuredOf({...one, everyMs}, facts.evidence, windows).map(({subject, of}) => ({
      ...(subject === undefined ? {} : {subject}),
      of: groupsOf(of, unansweredMs(one, facts)),
    }));
  const others = read(control).map(({of}) => of);
  const usual = {baseline: together(others.map(of => of.baseline)), fault: together(others.map(of => of.fault))};
  const share = isErrorShare(metric);
  return read(metric).map(({of: hit, ...subject}) => ({
    ...subject,
    of: {kind: 'groups', share, hit, control: usual} as const,
  }));
}

/**
 * What is compared of a metric for a baseline and another window; one for each subject, and one without values where
 * there is none.
 */
export function windowInputs(
  metric: Deviating,
  {facts, windows, primary}: {facts: Facts; windows: ComparedWindows; primary: boolean},
): readonly ComparisonInput[] {
  const control = facts.experiment.steadyState.find(({name}) => name === metric.control);
  const measured =
    control === undefined
      ? measuredOf(metric, facts.evidence, windows)
      : besideControl(metric, control, {facts, windows});
  const subjects: readonly OfSubject<Measured>[] =
    measured.length > 0 ? measured : [{of: {kind: 'bins', baseline: [], fault: []}}];
  const how = {
    design: control === undefined ? 'before-after' : 'control',
    binSeconds: Math.max(...[metric, control ?? metric].map(one => binUsOf(one, facts.evidence))) / 1e6,
    unansweredMs: unansweredMs(metric, facts),
    primary,
    flags: flagsOf(metric, facts, {without: [windows.baseline], with: [windows.fault]}),
  } as const;
  return subjects.map(subject => comparisonInput(metric, subject, how));
}
