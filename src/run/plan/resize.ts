import type {Experiment} from '../../experiment/experiment.js';
import {stretched} from '../../experiment/stretch.js';
import {describeTimeline} from '../../experiment/timeline.js';

/** What `--resize` allows where it gives no limit: how long a baseline and an injection may become. */
export const RESIZE_LIMIT_MS = 10 * 60_000;

/** How much longer injections may become in all: the longest of them up to the limit. */
export function mostStretch({faults}: Pick<Experiment, 'faults'>, limitMs: number): number {
  return Math.max(1, limitMs / Math.max(1, ...faults.map(fault => fault.forMs)));
}

/** How long a run takes at most when its baseline and injections may become as long as this. */
export function mostTotalMs(experiment: Experiment, limitMs: number): number {
  const {windows} = experiment;
  const longest = stretched(experiment, mostStretch(experiment, limitMs));
  return describeTimeline({...longest, windows: {...windows, baselineMs: Math.max(windows.baselineMs, limitMs)}})
    .totalMs;
}
