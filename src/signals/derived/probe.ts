import type {OpenProbe, Reading} from '../contract.js';
import {noValue} from '../missing.js';
import {combine, type Part} from './combine.js';
import {toldUntilUs, valueAt, type Operand, type OperandSeries} from './operand.js';
import type {Form} from './spec.js';

/** A metric that is made of others. */
export interface Derived {
  readonly form: Form;
  readonly everyMs: number;
  readonly operands: readonly Operand[];
}

interface Seen {
  readonly operand: Operand;
  readonly series: readonly OperandSeries[];
}

/**
 * Opens what makes a metric of others. It tells afterwards, bin by bin: a load and Prometheus tell of a moment when it
 * is over, and what is put together must have been so at one time. So it never shows a fault before or after it was.
 */
export function openDerived({form, everyMs, operands}: Derived): OpenProbe {
  const everyUs = everyMs * 1000;
  /** Where the next bin begins. */
  let fromUs: number | undefined;
  const patienceMs = () => Math.max(...operands.map(operand => operand.patienceMs())) + everyMs;
  return {
    perSubject: true,
    patienceMs,
    read: () => {
      // As far back as a value may stand, and a late one come.
      const since = fromUs === undefined ? -Infinity : fromUs - (2 * patienceMs() + 5 * everyMs) * 1000;
      const seen = operands.map(operand => ({operand, series: operand.since(since).filter(hasSamples)}));
      if (seen.some(({series}) => series.length === 0)) return Promise.resolve([]);
      fromUs ??= Math.max(...seen.map(({series}) => Math.min(...series.map(begins))));
      const toUs = Math.min(...seen.flatMap(({operand, series}) => series.map(one => toldUntilUs(one, operand))));
      const readings: Reading[] = [];
      for (; fromUs + everyUs <= toUs; fromUs += everyUs)
        readings.push(...bin(form, seen, {at: fromUs, lasts: everyUs}));
      return Promise.resolve(readings);
    },
    close: () => Promise.resolve(),
  };
}

function hasSamples({samples}: OperandSeries): boolean {
  return samples.length > 0;
}

function begins({samples}: OperandSeries): number {
  return samples[0]?.t ?? Infinity;
}

/** What all of them had at the end of the bin, for each subject. */
function bin(
  form: Form,
  seen: readonly Seen[],
  time: {readonly at: number; readonly lasts: number},
): readonly Reading[] {
  const named = new Set(seen.flatMap(({series}) => series.flatMap(({subject}) => subject ?? [])));
  const subjects = named.size === 0 ? [undefined] : [...named];
  return subjects.map(subject => {
    const parts = seen.map(({operand: {metric}, series}): Part => {
      const one = series.find(other => other.subject === subject) ?? series.find(other => other.subject === undefined);
      const {name} = metric;
      return one === undefined
        ? {name, ...noValue('silent', `it has nothing of ${subject}`)}
        : {name, ...valueAt(one, metric, time.at + time.lasts)};
    });
    return {...time, ...(subject === undefined ? {} : {subject}), ...combine(form, parts)};
  });
}
