import type {Facts} from './facts.js';
import {loadOf, SECOND_US} from './judgement/data.js';
import type {TimelineRow} from './result.js';
import type {MetricTimes, TimesResult} from './times-result.js';
import {timesWindows} from './times-windows.js';
import {allowedWords} from './times-words.js';

interface Moment {
  readonly us: number;
  readonly what: string;
}

function momentsOf(
  times: MetricTimes,
  name: string,
  {zeroUs, afterUs}: {zeroUs: number; afterUs: number},
): readonly Moment[] {
  const beyond = `by more than ${allowedWords(times.allowed)}`;
  const onset =
    times.onset === null
      ? []
      : [
          {us: zeroUs + times.onset[0] * SECOND_US, what: `Onset: ${name} begins to deviate, at the earliest.`},
          {us: zeroUs + times.onset[1] * SECOND_US, what: `Detected: ${name} is proven to deviate ${beyond}.`},
        ];
  const recoveries = times.recoveries.flatMap(({atLeast, atMost}, i) => {
    const again =
      i === 0 ? [] : [{us: afterUs + atLeast * SECOND_US, what: `Relapse: ${name} is still proven to deviate again.`}];
    return atMost === null
      ? again
      : [...again, {us: afterUs + atMost * SECOND_US, what: `Recovered: ${name} is proven to be back.`}];
  });
  return [...onset, ...recoveries];
}

/** Onset, detection and recovery of each metric for the timeline: computed from what was measured, which is named as the source. */
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
    return momentsOf(times, name, {zeroUs: of.zeroUs, afterUs}).map(({us, what}) => ({
      at: time.iso(us),
      seconds: time.seconds(us),
      what,
      source,
      kind: 'note' as const,
    }));
  });
}
