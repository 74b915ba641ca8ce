import {BOUNDS, type CheckSpec} from './experiment.js';

/** What may be read of a load once the run is over: `${load:NAME.accepted}`. */
export const LOAD_COUNTS = ['accepted', 'failed', 'sent', 'intended'] as const;

/** A load whose count is referred to, with what is counted. */
export interface LoadReference {
  readonly load: string;
  readonly count: string;
}

/** Reads `${load:checkout.accepted}`; undefined for anything else. */
export function parseLoadReference(text: string): LoadReference | undefined {
  const match = /^\$\{load:(.+)\.([a-z]+)\}$/.exec(text);
  return match?.[1] === undefined || match[2] === undefined ? undefined : {load: match[1], count: match[2]};
}

/** Whether a check compares with what a load counted. */
export function countsOnLoad({value, change}: Pick<CheckSpec, 'value' | 'change'>): boolean {
  const bounds = [value, change].flatMap(comparison => BOUNDS.map(bound => comparison?.[bound]));
  return bounds.some(bound => typeof bound === 'string' && parseLoadReference(bound) !== undefined);
}
