import type {CheckSpec, Experiment, MetricSpec} from '../../experiment/experiment.js';
import {startLoad, type RunningLoad} from '../../signals/load/generator.js';
import {PROBES} from '../../signals/probes/registry.generated.js';
import {readOnce} from '../../signals/read-once.js';
import {tellPast} from '../../signals/past.js';
import {startSampler} from '../../signals/sampler.js';
import type {RunningSampler} from '../../signals/sampling.js';
import type {OpenProbe, Past, ProbeContext, ProbeSource, Reading, Sample} from '../../signals/contract.js';
import {formatDuration} from '../../quantities/duration.js';
import {describeError, FiredrillError} from '../../system/error.js';
import type {Clock} from '../../system/clock.js';
import {LiveData} from '../record/live-data.js';
import type {RecordWriter} from '../record/writer.js';

/** The probe source of that name. @throws FiredrillError PROBE_UNUSABLE. */
export async function loadSource(name: string): Promise<ProbeSource> {
  const load = PROBES[name];
  if (load === undefined) throw new FiredrillError('PROBE_UNUSABLE', `No probe \`${name}\` in this version.`);
  return load();
}

/** Everything that measures during a run: load generators and samplers, writing to the record. */
export class Measurement {
  readonly data = new LiveData();
  private readonly loads: RunningLoad[] = [];
  private readonly samplers: RunningSampler[] = [];
  private readonly probes: OpenProbe[] = [];
  private readonly seriesIds = new Map<string, number>();
  /** Metrics of which was said that their values stand for longer than the file asks for. */
  private readonly coarse = new Set<string>();
  private readonly forget: () => void;
  private lookedBack: Past | undefined;

  constructor(
    private readonly experiment: Experiment,
    private readonly options: {
      readonly record: RecordWriter;
      readonly clock: Clock;
      readonly context: ProbeContext;
      /** Ends reading the past. */
      readonly signal?: AbortSignal;
    },
  ) {
    this.forget = options.record.subscribe(this.data);
  }

  /** Starts the loads, then the probes. @throws FiredrillError when one of them cannot be set up at all. */
  async start(): Promise<void> {
    const {record, clock, context} = this.options;
    const {lookBackMs} = this.experiment.windows;
    const nowUs = clock.mono();
    if (lookBackMs !== undefined) this.lookedBack = {fromUs: nowUs - lookBackMs * 1000, toUs: nowUs};
    for (const spec of Object.values(this.experiment.load)) {
      this.loads.push(
        await startLoad({spec, reveal: context.reveal, clock, onSecond: second => record.second(second)}),
      );
    }
    for (const metric of this.experiment.steadyState) {
      if (metric.source !== 'load') await this.startSampling(metric);
    }
  }

  /** The time that was read back before the first sample (`windows.baseline.lookBack`): the baseline, where there is one. */
  get past(): Past | undefined {
    return this.lookedBack;
  }

  /** Whether the probes that tell afterwards have told (or given up) everything before this moment, mono µs. */
  hasTold(toUs: number): boolean {
    return this.samplers.every(sampler => sampler.hasTold?.(toUs) ?? true);
  }

  /** How long it takes at most until they have, ms. Known better once they have told something. */
  get latenessMs(): number {
    const slack = (metric: MetricSpec) => metric.everyMs + metric.timeoutMs;
    const slowest = Math.max(0, ...this.experiment.steadyState.map(slack));
    const patience = this.probes.map(probe => probe.patienceMs?.() ?? 0);
    return patience.every(ms => ms === 0) ? 0 : Math.max(...patience) + slowest;
  }

  /** Stops everything, waits for requests in flight (bounded by their time-outs), and releases all connections. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.samplers.map(sampler => sampler.stop()), ...this.loads.map(load => load.stop())]);
    await Promise.allSettled(this.probes.map(probe => probe.close()));
    this.samplers.length = 0;
    this.loads.length = 0;
    this.probes.length = 0;
    this.forget();
  }

  /** Reads the checks once and records what they say. */
  async check(checks: readonly CheckSpec[], when: 'before' | 'after', signal: AbortSignal): Promise<void> {
    const {record, context} = this.options;
    for (const check of checks) {
      const reading = await readCheck(check, context, signal);
      record.event({
        type: 'check.read',
        check: check.name,
        when,
        value: reading.value,
        ...(reading.value === null ? {why: reading.why} : {}),
      });
    }
  }

  private async startSampling(metric: MetricSpec): Promise<void> {
    const {record, clock, context} = this.options;
    const source = await loadSource(metric.source);
    const probe = await source.open(metric.parameters, context, metric.everyMs);
    this.probes.push(probe);
    const {everyMs, timeoutMs} = metric;
    const onSample = (subject: string | undefined, sample: Sample) => {
      this.sayWhenCoarse(metric, sample);
      record.sample(this.seriesOf(metric, subject), sample);
    };
    const signal = this.options.signal ?? new AbortController().signal;
    if (this.lookedBack !== undefined) await tellPast(probe, this.lookedBack, onSample, signal);
    this.samplers.push(startSampler({probe, clock, everyMs, timeoutMs, onSample}));
  }

  private sayWhenCoarse({name, everyMs}: MetricSpec, {lasts = 0}: Sample): void {
    if (lasts <= everyMs * 1000 || this.coarse.has(name)) return;
    this.coarse.add(name);
    this.options.record.event({
      type: 'noted',
      level: 'info',
      text: `${name}: its source is measured every ${formatDuration(lasts / 1000)}, so each value stands for that long, not for ${formatDuration(everyMs)}.`,
    });
  }

  /** The number of a series; a subject that shows up for the first time opens one. */
  private seriesOf(metric: MetricSpec, subject: string | undefined): number {
    const key = JSON.stringify([metric.name, subject ?? null]);
    const known = this.seriesIds.get(key);
    if (known !== undefined) return known;
    const id = this.seriesIds.size;
    this.seriesIds.set(key, id);
    const {name, unit} = metric;
    this.options.record.event({
      type: 'series.opened',
      id,
      metric: name,
      unit,
      ...(subject === undefined ? {} : {subject}),
    });
    return id;
  }
}

/** Reads a check within its time-out; rejects only when the run is stopped meanwhile. */
async function readCheck(check: CheckSpec, context: ProbeContext, signal: AbortSignal): Promise<Reading> {
  const source = await loadSource(check.source);
  const bounded =
    check.timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(check.timeoutMs)]);
  try {
    return await readOnce(source, check.parameters, context, bounded);
  } catch (error) {
    signal.throwIfAborted();
    return {value: null, why: describeError(error)};
  }
}
