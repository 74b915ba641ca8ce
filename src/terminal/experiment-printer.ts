import {isErrorShare} from '../experiment/traits.js';
import type {ChalkInstance} from 'chalk';
import type {Experiment, FaultSpec, MetricSpec} from '../experiment/experiment.js';
import {describeTimeline, type PlannedTime} from '../experiment/timeline.js';
import {formatDuration} from '../quantities/duration.js';
import {formatShare} from '../quantities/share.js';
import {designWarnings} from '../plan/design-warnings.js';
import {mostTotalMs, withGoOn} from '../plan/go-on.js';
import {describeChange, describeTolerance} from '../verdict/judgement/tolerance.js';
import {blockLines} from './block-lines.js';
import {foldRepeats, sayAgain, type FoldedRow} from './repeats.js';
import {table} from './text.js';

/** What a metric must keep to. */
export function allowedOf(metric: MetricSpec): string {
  const {unit, tolerance, deviation, judge, control} = metric;
  if (judge.length === 0) return 'observed';
  const bounds = tolerance === undefined ? [] : [describeTolerance(tolerance, unit)];
  if (deviation === undefined) return bounds[0] ?? 'observed';
  const of = isErrorShare(metric) ? ' of the requests' : '';
  const beyond = control === undefined ? '' : `, beyond ${control}`;
  const change = `${describeChange(deviation, metric)}${of} against the baseline${beyond}`;
  return [...bounds, tolerance === undefined ? change : `reported: ${change}`].join(', ');
}

/** `, only if slow held`: what the injection of a fault depends on. */
export function conditionWords({after}: FaultSpec): string {
  return after.from === 'fault' && after.onlyIf !== undefined ? `, only if ${after.fault} ${after.onlyIf}` : '';
}

function faultRow(shown: FoldedRow<PlannedTime>): string[] {
  if ('again' in shown) return ['', `  … ${sayAgain(shown.again)}`, ''];
  const {occurrence, startMs, endMs} = shown.row;
  const {fault, label} = occurrence;
  return [
    `  +${formatDuration(startMs)} to +${formatDuration(endMs)}`,
    `${label} (${fault.fault})`,
    `${onTargets(fault)}${conditionWords(fault)}`,
  ];
}

const blockRow = ({occurrence: {fault}}: PlannedTime) => ['  ', `${fault.name} (${fault.fault})`, onTargets(fault)];

const onTargets = ({targets}: FaultSpec) => `on ${targets.join(', ') || 'this machine'}`;

/** What an experiment file says, for `validate`: the timeline and what will be measured. Nothing has been looked up. */
export function experimentLines(experiment: Experiment, style: ChalkInstance, more: readonly string[] = []): string[] {
  const {rows} = describeTimeline(experiment);
  const {switchback, control, objective} = experiment;
  const faults = switchback === undefined ? foldRepeats(rows).map(faultRow) : rows.slice(0, 1).map(blockRow);
  const metrics = experiment.steadyState.map(metric => [
    `  ${metric.name}`,
    allowedOf(metric),
    style.dim(metric.source),
  ]);
  return [
    `  ${style.bold(experiment.title)}`,
    ...table(faults),
    ...(switchback === undefined ? [] : blockLines(switchback)),
    ...table(metrics),
    ...(control === undefined ? [] : [`  compared with ${control.targets.join(', ')}`]),
    ...(objective === undefined
      ? []
      : [
          `  tells the share of the error budget that it burns (${objective.metric}: ${formatShare(objective.target)} good)`,
        ]),
    ...[...designWarnings(experiment), ...more].map(warning => style.yellow(`  ! ${warning}`)),
    `  takes up to ${formatDuration(mostTotalMs(withGoOn(experiment)))}`,
  ];
}
