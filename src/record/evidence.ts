import type {LoadSecond, Sample} from '../signals/contract.js';
import type {Event} from './events.js';

export interface Series {
  readonly id: number;
  readonly metric: string;
  readonly subject?: string;
  /** Ordered by time. */
  readonly samples: readonly Sample[];
}

/**
 * All that the judge gets: the record of one run, read back from its folder. The same for a live, a finished and a
 * killed run.
 */
export interface Evidence {
  readonly run: string;
  readonly folder: string;
  readonly events: readonly Event[];
  readonly series: readonly Series[];
  readonly loads: readonly LoadSecond[];
  /** What could not be read: torn lines, missing files. */
  readonly gaps: readonly string[];
  /** A `run.ended` was found. */
  readonly complete: boolean;
}
