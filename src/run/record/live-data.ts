import type {LoadSecond, Sample} from '../../signals/contract.js';
import type {Event} from './events.js';
import type {Series} from './evidence.js';
import type {Observer} from './observer.js';

/** What has been measured so far, in the shape the judging functions take: decisions taken live use the same functions. */
export class LiveData implements Observer {
  private readonly byId = new Map<number, {id: number; metric: string; subject?: string; samples: Sample[]}>();
  private readonly seconds: LoadSecond[] = [];

  event(event: Event): void {
    if (event.type !== 'series.opened') return;
    const {id, metric, subject} = event;
    this.byId.set(id, {id, metric, samples: [], ...(subject === undefined ? {} : {subject})});
  }

  sample(series: number, sample: Sample): void {
    this.byId.get(series)?.samples.push(sample);
  }

  second(second: LoadSecond): void {
    this.seconds.push(second);
  }

  get series(): readonly Series[] {
    return [...this.byId.values()];
  }

  get loads(): readonly LoadSecond[] {
    return this.seconds;
  }
}
