import type {JsonObject} from '../quantities/json.js';
import type {Place} from './contract.js';
import {NOTIFIERS} from './kinds.js';

export type NotifierName = keyof typeof NOTIFIERS;

/** A place that is told of a run, as the file or the machine's configuration names it. */
export interface NotifierSpec {
  readonly kind: NotifierName;
  /** As its own schema normalised it. */
  readonly parameters: JsonObject;
}

/** What a person calls it: the kind, and the address where that is no secret. */
export function placeName({kind, parameters: {url}}: NotifierSpec): string {
  return typeof url !== 'string' || url.includes('${secret:') ? kind : `${kind} (${url})`;
}

/** Opens the way to each of them. @throws FiredrillError SECRET_MISSING where a reference has no value */
export function openPlaces(specs: readonly NotifierSpec[], reveal: (text: string) => string): readonly Place[] {
  return specs.map(spec => ({
    name: placeName(spec),
    notifier: NOTIFIERS[spec.kind].open(spec.parameters, reveal),
  }));
}
