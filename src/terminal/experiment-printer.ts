import type {ChalkInstance} from 'chalk';
import type {Experiment} from '../experiment/experiment.js';
import {describeTimeline} from '../experiment/timeline.js';
import {formatDuration} from '../quantities/duration.js';
import {describeBounds} from '../verdict/judgement/tolerance.js';
import {table} from './text.js';

/** What an experiment file says, for `validate`: the timeline and what will be measured. Nothing has been looked up. */
export function experimentLines(experiment: Experiment, style: ChalkInstance): string[] {
  const {rows, totalMs} = describeTimeline(experiment);
  const faults = rows.map(({occurrence, startMs, endMs}) => [
    `  +${formatDuration(startMs)} to +${formatDuration(endMs)}`,
    `${occurrence.label} (${occurrence.fault.fault})`,
    `on ${occurrence.fault.targets.join(', ') || 'this machine'}`,
  ]);
  const metrics = experiment.steadyState.map(({name, source, unit, tolerance, judge}) => [
    `  ${name}`,
    tolerance === undefined || judge.length === 0 ? 'observed' : describeBounds(tolerance, unit),
    style.dim(source),
  ]);
  return [
    `  ${style.bold(experiment.title)}`,
    ...table(faults),
    ...table(metrics),
    `  takes up to ${formatDuration(totalMs)}`,
  ];
}
