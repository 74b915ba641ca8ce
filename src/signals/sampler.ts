import {startBackfill} from './backfill.js';
import type {Reading, Sample} from './contract.js';
import {noValue} from './missing.js';
import {readWithin, sampleOf, type RunningSampler, type SamplerOptions} from './sampling.js';

/**
 * Reads a probe on a fixed grid: start, start + every, … Whatever happens, every point of the grid gives one sample per
 * known subject: a probe that throws, is late, still busy, or no longer tells of a subject gives a sample with a
 * reason. Of a probe that tells afterwards no sample per point is owed (see `startBackfill`).
 */
export function startSampler(options: SamplerOptions): RunningSampler {
  return options.probe.patienceMs === undefined ? new Sampler(options) : startBackfill(options);
}

class Sampler implements RunningSampler {
  private readonly stopping = new AbortController();
  private readonly loop: Promise<void>;
  private readonly subjects = new Set<string | undefined>();
  /** Reads that failed before the probe told of any subject: they will belong to those of its first answer. */
  private early: Sample[] = [];
  /** The read in flight as the sampler sees it: settles at the time-out at the latest. */
  private counted: Promise<void> = Promise.resolve();
  /** The probe itself has not come back yet. */
  private busy = false;

  constructor(private readonly options: SamplerOptions) {
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await this.counted;
    this.missing(this.early, [undefined]);
    this.early = [];
  }

  private async run(): Promise<void> {
    const {clock, everyMs} = this.options;
    const start = clock.mono();
    for (let point = 0; ; point++) {
      const at = start + point * everyMs * 1000;
      const late = clock.mono() - at;
      // A process that was frozen does not catch up: the points it slept through are skipped one by one, without a
      // read.
      if (late < 0) await clock.sleep(-late / 1000, this.stopping.signal).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
      if (late > everyMs * 1000) this.fail({t: at, d: 0, ...noValue('late', 'the sampler was held up')});
      else if (this.busy) this.fail({t: clock.mono(), d: 0, ...noValue('busy', 'previous read still running')});
      else this.counted = this.read();
    }
  }

  private async read(): Promise<void> {
    const {probe, clock, timeoutMs} = this.options;
    const t = clock.mono();
    this.busy = true;
    const {answer, done} = readWithin(probe, timeoutMs, clock);
    void done.then(() => (this.busy = false));
    const readings = await answer;
    const d = clock.mono() - t;
    if ('missing' in readings) this.fail({t, d, ...readings});
    else this.accept(readings, {t, d});
  }

  private accept(readings: readonly Reading[], at: {readonly t: number; readonly d: number}): void {
    if (readings.length === 0) {
      this.fail({...at, ...noValue('silent', 'the probe read nothing')});
      return;
    }
    const told = new Set(readings.map(reading => reading.subject));
    if (!told.has(undefined)) this.subjects.delete(undefined);
    for (const subject of told) this.subjects.add(subject);
    this.missing(this.early, this.subjects);
    this.early = [];
    for (const reading of readings) this.options.onSample(reading.subject, sampleOf(reading, at));
    const silent = [...this.subjects].filter(subject => !told.has(subject));
    this.missing([{...at, ...noValue('silent', 'no longer in the answer')}], silent);
  }

  private fail(sample: Sample): void {
    if (this.subjects.size > 0) this.missing([sample], this.subjects);
    else if (this.options.probe.perSubject === true) this.early.push(sample);
    else {
      this.subjects.add(undefined);
      this.missing([sample], [undefined]);
    }
  }

  private missing(samples: readonly Sample[], subjects: Iterable<string | undefined>): void {
    for (const subject of subjects) for (const sample of samples) this.options.onSample(subject, sample);
  }
}
