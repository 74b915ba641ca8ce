import type {LoadSecond, Sample} from '../signals/contract.js';
import type {Event} from './events.js';
import type {Series} from './evidence.js';
import type {Observer} from './observer.js';

/**
 * What has been measured so far, in the shape the judging functions take: decisions taken live use the same functions.
 */
export class LiveData implements Observer {
  private readonly byId = new Map<number, {id: number; metric: string; subject?: string; samples: Sample[]}>();
  private readonly seconds: LoadSecond[] = [];
  private measured: {readonly fromUs: number; readonly toUs: number} | undefined;

  event(event: Event): void {
    if (event.type === 'phase.entered') this.enter(event);
    if (event.type !== 'series.opened') return;
    const {id, metric, subject} = event;
    this.byId.set(id, {id, metric, samples: [], ...(subject === undefined ? {} : {subject})});
  }

  sample(series: number, sample: Sample): void {
    const samples = this.byId.get(series)?.samples;
    if (samples === undefined) return;
    // What is told afterwards may be older than what was given up meanwhile; the judge wants it by time.
    const newer = samples.findLastIndex(({t}) => t <= sample.t);
    samples.splice(newer + 1, 0, sample);
  }

  second(second: LoadSecond): void {
    this.seconds.push(second);
  }

  /** When the baseline was measured, monotonic µs; undefined before it began. */
  get baseline(): {readonly fromUs: number; readonly toUs: number} | undefined {
    return this.measured;
  }

  private enter({phase, at, past}: Extract<Event, {type: 'phase.entered'}>): void {
    const us = at.mono;
    if (phase === 'baseline') this.measured = past ?? {fromUs: us, toUs: Infinity};
    else if (this.measured?.toUs === Infinity) this.measured = {...this.measured, toUs: us};
  }

  get series(): readonly Series[] {
    return [...this.byId.values()];
  }

  get loads(): readonly LoadSecond[] {
    return this.seconds;
  }
}
