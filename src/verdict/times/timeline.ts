import type {Unit} from '../../quantities/unit.js';
import type {Facts} from '../facts.js';
import {loadOf} from '../judgement/data.js';
import {SECOND_US} from '../../quantities/duration.js';
import type {MetricTimes, TimelineRow, TimesResult} from '../result.js';
import {timesWindows} from './windows.js';
import {allowedWords} from './words.js';

interface Moment {
  readonly us: number;
  readonly what: string;
}

function momentsOf(
  times: MetricTimes,
  {name, unit}: {name: string; unit: Unit},
  {zeroUs, afterUs}: {zeroUs: number; afterUs: number},
): readonly Moment[] {
  const beyond = `by more than ${allowedWords(times.allowed, unit)}`;
  const onset =
    times.onset === null
      ? []
      : [
          {
            us: zeroUs + times.onset[0] * SECOND_US,
            what: `Onset: the earliest moment at which the deviation of ${name} may have begun.`,
          },
          {us: zeroUs + times.onset[1] * SECOND_US, what: `Detected: a deviation of ${name} ${beyond} is proven.`},
        ];
  const at = (seconds: number) => afterUs + seconds * SECOND_US;
  const recoveries = times.recoveries.flatMap(({atMost, relapsedBy}) => [
    ...(relapsedBy === undefined
      ? []
      : [{us: at(relapsedBy), what: `Relapse: a new deviation of ${name} ${beyond} is proven.`}]),
    ...(atMost === null ? [] : [{us: at(atMost), what: `Recovered: the return of ${name} to its baseline is proven.`}]),
  ]);
  const tolerated =
    times.tolerated === null
      ? []
      : [{us: at(times.tolerated[1]), what: `Recovered: ${name} is inside its tolerance, and stays.`}];
  return [...onset, ...tolerated, ...recoveries];
}

/**
 * Onset, detection and recovery of each metric for the timeline: computed from what was measured, which is named as the
 * source.
 */
export function timesRows(facts: Facts, {metrics}: TimesResult): readonly TimelineRow[] {
  const {time, experiment} = facts;
  const windows = timesWindows(facts);
  return metrics.flatMap(times => {
    const of = windows.find(({occurrence}) => occurrence.planned.id === times.occurrence);
    const spec = experiment.steadyState.find(({name}) => name === times.metric);
    if (of === undefined || spec === undefined) return [];
    const name = times.subject === undefined ? times.metric : `${times.metric} of ${times.subject}`;
    const source = spec.source === 'load' ? `load.ndjson, ${loadOf(spec)}` : `samples.ndjson, ${times.metric}`;
    const afterUs = of.after?.fromUs ?? of.fault.toUs;
    return momentsOf(times, {name, unit: spec.unit}, {zeroUs: of.zeroUs, afterUs}).map(({us, what}) => ({
      at: time.iso(us),
      seconds: time.seconds(us),
      what,
      source,
      kind: 'note' as const,
    }));
  });
}
