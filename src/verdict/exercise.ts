import {formatSize} from '../quantities/size.js';
import {count} from './phrase.js';

/** What a fault's proof counts (`exercised`), and what it means that it counted nothing. */
interface Exercise {
  readonly told: (value: number) => string;
  readonly nothing: string;
}

const LIMIT: Exercise = {
  told: value => `the limit was met ${count(value, 'time')}`,
  nothing: 'was never met',
};
const IDLE = 'did no work';

const EXERCISES: Readonly<Record<string, Exercise>> = {
  'cpu-throttle': LIMIT,
  'memory-limit': LIMIT,
  'pids-limit': LIMIT,
  'file-descriptor-exhaustion': {
    told: value => `${value} ${value === 1 ? 'process' : 'processes'} without a free descriptor`,
    nothing: 'left every process a free descriptor',
  },
  'cpu-stress': {told: value => `${value} s of processor time`, nothing: IDLE},
  'memory-stress': {told: value => `${formatSize(value)} held`, nothing: IDLE},
  'io-stress': {told: value => `${formatSize(value)} written`, nothing: IDLE},
};

/** What a fault of this kind did, with its unit. */
export function exerciseOf(kind: string, value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return EXERCISES[kind]?.told(rounded) ?? `exercised ${count(rounded, 'time')}`;
}

/** That it did nothing, as a sentence about the fault of this name without its full stop. */
export function nothingOf(kind: string, name: string): string {
  const told = EXERCISES[kind];
  return told === undefined ? `nothing went through ${name}` : `${name} ${told.nothing}`;
}
