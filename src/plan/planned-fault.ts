import type {Occurrence} from '../experiment/timeline.js';
import type {Candidate} from '../targets/contract.js';
import type {LocatedChange} from '../targets/contract.js';
import type {OccurrenceTargets} from './groups.js';

/** One occurrence of the plan: what it hits and the changes drafted for it. */
export interface PlannedFault {
  readonly occurrence: Occurrence;
  readonly nature: 'state' | 'event';
  readonly startMs: number;
  readonly endMs: number;
  /** All that may be hit: where `where` decides at the injection, all among which it does. */
  readonly hit: readonly Candidate[];
  readonly byTarget: OccurrenceTargets['byTarget'];
  readonly changes: readonly LocatedChange[];
}
