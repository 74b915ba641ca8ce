import type {FormEntry} from './catalogue.js';
import {FAULTS, SELECTORS} from './catalogue.generated.js';
import type {TargetSpec} from './experiment.js';

/** What a target's selector can resolve to. */
export function kindsOf({driver, selector}: TargetSpec): readonly string[] {
  const entry = SELECTORS[driver];
  return entry?.kindsOf?.(selector) ?? entry?.kinds ?? [];
}

/** Every kind of target that a fault hits in one form or another. */
export function hitsOf(fault: string): readonly string[] {
  return (FAULTS[fault]?.forms ?? []).flatMap(({hits}) => hits);
}

/** What the fault is on this target; undefined where it cannot hit it. */
export function formFor(fault: string, target: TargetSpec): FormEntry | undefined {
  const kinds = kindsOf(target);
  return FAULTS[fault]?.forms.find(({hits}) => kinds.some(kind => hits.includes(kind)));
}
