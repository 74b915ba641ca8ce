import type {LoadSecond, Sample} from '../signals/contract.js';
import type {Event} from './events.js';

/**
 * Whoever watches a run: the live view, plain lines, live metrics. An observer that throws is dropped and never hurts
 * the run.
 */
export interface Observer {
  event?(event: Event): void;
  sample?(series: number, sample: Sample): void;
  second?(second: LoadSecond): void;
}
