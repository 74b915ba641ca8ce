import {noValue, type NoValue} from '../missing.js';
import type {Form} from './spec.js';

/** What one of the metrics has at a moment. */
export type Part = {readonly name: string} & ({readonly value: number} | NoValue);

/** The parts as one number. Without one of them there is none: a failure of the target is told before one of ours. */
export function combine(form: Form, parts: readonly Part[]): {readonly value: number} | NoValue {
  const without = parts.flatMap(part => (part.value === null ? [part] : []));
  const decisive = without.find(({missing}) => missing.because === 'target') ?? without[0];
  if (decisive !== undefined) {
    const {name, why, missing} = decisive;
    return {value: null, why: `\`${name}\`: ${why}`, missing};
  }
  const values = parts.flatMap(({value}) => value ?? []);
  const [first = 0, second = 0] = values;
  switch (form) {
    case 'sum':
      return {value: values.reduce((sum, value) => sum + value, 0)};
    case 'difference':
      return {value: first - second};
    case 'ratio':
    case 'share':
      return second === 0 ? noValue('zero', `\`${parts[1]?.name}\` is 0`) : {value: first / second};
  }
}
