import {formatDuration} from '../quantities/duration.js';
import type {Clock} from '../system/clock.js';
import {describeError} from '../system/error.js';
import type {OpenProbe, Reading, Sample} from './contract.js';

export interface SamplerOptions {
  readonly probe: OpenProbe;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly onSample: (subject: string | undefined, sample: Sample) => void;
}

export interface RunningSampler {
  /** Starts no further read and waits for the one in flight, at most for its time-out. No sample comes after it. */
  stop(): Promise<void>;
}

/** How long a probe may take to answer that its time is up. After that its answer no longer counts. */
const GRACE_MS = 100;

/** A reason of the kind that `AbortSignal.timeout` gives, so that probes can tell it from an interrupt. */
function timedOut(timeoutMs: number): DOMException {
  return new DOMException(`timed out after ${formatDuration(timeoutMs)}`, 'TimeoutError');
}

/**
 * Reads a probe on a fixed grid: start, start + every, … Whatever happens, every point of the grid gives one sample per
 * known subject: a probe that throws, is late, still busy, or no longer tells of a subject gives a sample with a reason.
 */
export function startSampler(options: SamplerOptions): RunningSampler {
  return new Sampler(options);
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
      // A process that was frozen does not catch up: the points it slept through are skipped one by one, without a read.
      if (late < 0) await clock.sleep(-late / 1000, this.stopping.signal).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
      if (late > everyMs * 1000) this.fail({t: at, d: 0, value: null, why: 'the sampler was held up'});
      else if (this.busy) this.fail({t: clock.mono(), d: 0, value: null, why: 'previous read still running'});
      else this.counted = this.read();
    }
  }

  private async read(): Promise<void> {
    const {probe, clock, timeoutMs} = this.options;
    const t = clock.mono();
    const timeUp = new AbortController();
    const over = new AbortController();
    const deadline = clock
      .sleep(timeoutMs, over.signal)
      .then(() => timeUp.abort(timedOut(timeoutMs)))
      .then(() => clock.sleep(GRACE_MS, over.signal))
      .then(() => undefined)
      .catch(() => undefined);
    this.busy = true;
    const answer = Promise.resolve()
      .then(() => probe.read(timeUp.signal))
      .catch((error: unknown) => (timeUp.signal.aborted ? timedOut(timeoutMs).message : describeError(error)))
      .finally(() => (this.busy = false));
    const readings = await Promise.race([answer, deadline]);
    over.abort();
    const d = clock.mono() - t;
    if (typeof readings === 'object') this.accept(readings, {t, d});
    else this.fail({t, d, value: null, why: readings ?? timedOut(timeoutMs).message});
  }

  private accept(readings: readonly Reading[], at: {readonly t: number; readonly d: number}): void {
    if (readings.length === 0) {
      this.fail({...at, value: null, why: 'the probe read nothing'});
      return;
    }
    const told = new Set(readings.map(reading => reading.subject));
    if (!told.has(undefined)) this.subjects.delete(undefined);
    for (const subject of told) this.subjects.add(subject);
    this.missing(this.early, this.subjects);
    this.early = [];
    for (const reading of readings) this.options.onSample(reading.subject, sampleOf(reading, at));
    const silent = [...this.subjects].filter(subject => !told.has(subject));
    this.missing([{...at, value: null, why: 'no longer in the answer'}], silent);
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

/** A reading as a sample; what is no number is missing, whatever the probe thinks of it. */
function sampleOf(reading: Reading, at: {readonly t: number; readonly d: number}): Sample {
  if (reading.value === null) return {...at, value: null, why: reading.why};
  if (!Number.isFinite(reading.value)) return {...at, value: null, why: `the probe read ${reading.value}`};
  return {...at, value: reading.value};
}
