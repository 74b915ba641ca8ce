import type {ChalkInstance} from 'chalk';
import type {Experiment, MetricSpec} from '../experiment/experiment.js';
import {describeTimeline} from '../experiment/timeline.js';
import {formatDuration} from '../quantities/duration.js';
import {formatShare} from '../quantities/share.js';
import {designWarnings} from '../run/plan/design-warnings.js';
import {describeBounds, describeChange} from '../verdict/judgement/tolerance.js';
import {isErrorShare} from '../verdict/judgement/times/track.js';
import {blockLines} from './block-lines.js';
import {table} from './text.js';

/** What a metric must keep to. */
export function allowedOf(metric: MetricSpec): string {
  const {unit, tolerance, deviation, judge, worse, control} = metric;
  if (judge.length === 0) return 'observed';
  const bounds = tolerance === undefined ? [] : [describeBounds(tolerance, unit)];
  if (deviation === undefined) return bounds[0] ?? 'observed';
  const of = isErrorShare(metric) ? ' of the requests' : '';
  const beyond = control === undefined ? '' : `, beyond ${control}`;
  const change = `${describeChange(deviation, worse)}${of} against the baseline${beyond}`;
  return [...bounds, tolerance === undefined ? change : `reported: ${change}`].join(', ');
}

/** What an experiment file says, for `validate`: the timeline and what will be measured. Nothing has been looked up. */
export function experimentLines(experiment: Experiment, style: ChalkInstance): string[] {
  const {rows, totalMs} = describeTimeline(experiment);
  const {switchback, control, objective} = experiment;
  const shown = switchback === undefined ? rows : rows.slice(0, 1);
  const faults = shown.map(({occurrence: {fault, label}, startMs, endMs}) => [
    switchback === undefined ? `  +${formatDuration(startMs)} to +${formatDuration(endMs)}` : '  ',
    `${switchback === undefined ? label : fault.name} (${fault.fault})`,
    `on ${fault.targets.join(', ') || 'this machine'}`,
  ]);
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
    ...designWarnings(experiment).map(warning => style.yellow(`  ! ${warning}`)),
    `  takes up to ${formatDuration(totalMs)}`,
  ];
}
