import {formatDuration} from '../quantities/duration.js';
import type {Reading, Sample} from './contract.js';
import {noValue, type NoValue} from './missing.js';
import {readWithin, sampleOf, type RunningSampler, type SamplerOptions} from './sampling.js';

/** What somebody else measures is not new more often than this. */
const LEAST_EVERY_MS = 1000;

/**
 * Reads a probe that tells of the past: whatever bins each read gives become samples at their own time. No sample is
 * owed per read; bins that have not come within the probe's patience (its server is away) become missing samples, and
 * are not taken any more when they come after all.
 */
export function startBackfill(options: SamplerOptions): RunningSampler {
  return new Backfill(options);
}

class Backfill implements RunningSampler {
  private readonly stopping = new AbortController();
  private readonly loop: Promise<void>;
  private readonly subjects = new Set<string | undefined>();
  /** Bins that were given up before the probe told of any subject: they will belong to those of its first answer. */
  private early: Sample[] = [];
  /** Everything before this has been told or given up. */
  private toldUs: number;
  /** Until then, bins of a time before the start are taken as well. */
  private begun = false;
  private binUs: number;
  private why: NoValue | undefined;
  /** The probe itself has not come back yet. */
  private busy = false;

  constructor(private readonly options: SamplerOptions) {
    this.toldUs = options.clock.mono();
    this.binUs = options.everyMs * 1000;
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    this.missing(this.early, [undefined]);
    this.early = [];
  }

  hasTold(toUs: number): boolean {
    return this.toldUs + this.binUs > toUs;
  }

  private async run(): Promise<void> {
    const {clock, everyMs} = this.options;
    const {signal} = this.stopping;
    while (!signal.aborted) {
      const startUs = clock.mono();
      if (!this.busy) await this.read();
      this.giveUp();
      const restMs = Math.max(everyMs, LEAST_EVERY_MS) - (clock.mono() - startUs) / 1000;
      await clock.sleep(restMs, signal).catch(() => undefined);
    }
  }

  private async read(): Promise<void> {
    const {probe, clock, timeoutMs} = this.options;
    this.busy = true;
    const {answer, done} = readWithin(probe, timeoutMs, clock);
    void done.then(() => (this.busy = false));
    this.accept(await answer);
  }

  private accept(answer: readonly Reading[] | NoValue): void {
    if ('missing' in answer) {
      this.why = answer;
      return;
    }
    this.why = answer.flatMap(reading => (reading.at === undefined && reading.value === null ? [reading] : []))[0];
    const fresh = answer.filter(({at}) => at !== undefined && (!this.begun || at >= this.toldUs));
    for (const {subject} of fresh) this.subjects.add(subject);
    if (fresh.length > 0) {
      this.missing(this.early, this.subjects);
      this.early = [];
    }
    for (const reading of fresh) {
      const {at = 0, lasts = this.binUs, subject} = reading;
      this.options.onSample(subject, sampleOf(reading, {t: at, d: 0}));
      this.binUs = lasts;
      this.toldUs = this.begun ? Math.max(this.toldUs, at + lasts) : at + lasts;
      this.begun = true;
    }
  }

  /** Bins for which the probe has been silent for too long. */
  private giveUp(): void {
    const {probe, clock} = this.options;
    const patienceMs = probe.patienceMs?.() ?? 0;
    while (this.toldUs + this.binUs + patienceMs * 1000 <= clock.mono()) {
      const {why, missing} = this.why ?? noValue('silent', `nothing was told for ${formatDuration(patienceMs)}`);
      const sample: Sample = {t: this.toldUs, d: 0, value: null, why, missing, lasts: this.binUs};
      if (this.subjects.size === 0 && probe.perSubject !== true) this.subjects.add(undefined);
      if (this.subjects.size === 0) this.early.push(sample);
      else this.missing([sample], this.subjects);
      this.toldUs += this.binUs;
      this.begun = true;
    }
  }

  private missing(samples: readonly Sample[], subjects: Iterable<string | undefined>): void {
    for (const subject of subjects) for (const sample of samples) this.options.onSample(subject, sample);
  }
}
