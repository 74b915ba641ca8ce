import type {CheckSpec, Experiment, MetricSpec, WritesSpec} from '../../experiment/experiment.js';
import {madeOf} from '../../experiment/derived.js';
import {startLoadThread, type LoadThread} from '../../signals/load/thread.js';
import {openDerived} from '../../signals/derived/probe.js';
import {noValue, type NoValue} from '../../signals/missing.js';
import {loadList} from '../../signals/writes/list.js';
import type {Listing} from '../../signals/writes/listing.js';
import type {Writes} from '../../signals/writes/log.js';
import {loadSource, readOnce} from '../../signals/read-once.js';
import {readHistory} from '../../signals/read-history.js';
import {startSampler} from '../../signals/sampler.js';
import type {RunningSampler} from '../../signals/sampling.js';
import {timeLimit} from '../../signals/time-limit.js';
import type {LoadSecond, LoadTotals, OpenProbe, Past, ProbeContext, Reading, Sample} from '../../signals/contract.js';
import {formatDuration} from '../../quantities/duration.js';
import {describeError} from '../../system/error.js';
import type {Clock} from '../../system/clock.js';
import {LiveData} from '../../record/live-data.js';
import type {RecordWriter} from '../../record/writer.js';
import {operandsOf} from './operands.js';

const NOTHING_SENT: LoadTotals = {intended: 0, sent: 0, accepted: 0, failed: 0, unanswered: 0, inFlight: 0};

const NOTHING_WRITTEN: Writes = {blocks: [], nameless: 0, dropped: 0};

/** Everything that measures during a run: load generators and samplers, writing to the record. */
export class Measurement {
  readonly data = new LiveData();
  private readonly loads: LoadThread[] = [];
  /** What was stored before the loads began, by the check of writes that listed it. */
  readonly storedBefore = new Map<string, readonly string[]>();
  private readonly samplers: RunningSampler[] = [];
  /** By the metric that each of them measures. */
  private readonly probes = new Map<string, OpenProbe>();
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
      /** A load has ended by a fault of its own. */
      readonly onFailure: (why: string) => void;
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
      const onSecond = (second: LoadSecond) => record.second(second);
      const onFailure = (error: Error) => this.options.onFailure(`load \`${spec.name}\`: ${describeError(error)}`);
      this.loads.push(await startLoadThread({spec, reveal: context.reveal, clock, onSecond, onFailure}));
    }
    for (const metric of this.experiment.steadyState) {
      if (metric.source !== 'load') await this.startSampling(metric);
    }
  }

  /**
   * The time that was read back before the first sample (`windows.baseline.lookBack`): the baseline, where there is
   * one.
   */
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
    const patience = [...this.probes.values()].map(probe => probe.patienceMs?.() ?? 0);
    return patience.every(ms => ms === 0) ? 0 : Math.max(...patience) + slowest;
  }

  /** Stops everything, waits for requests in flight (bounded by their time-outs), and releases all connections. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.samplers.map(sampler => sampler.stop()), ...this.loads.map(load => load.stop())]);
    await Promise.allSettled([...this.probes.values()].map(probe => probe.close()));
    this.samplers.length = 0;
    this.loads.length = 0;
    this.probes.clear();
    this.forget();
  }

  /**
   * Ends the loads: sends no more, and waits for the requests in flight (at most their time-out). What they counted
   * stays known.
   */
  async drain(): Promise<void> {
    await Promise.allSettled(this.loads.map(load => load.stop()));
  }

  /**
   * What a request of a load has written; undefined before the load has ended, and where it did not come to its end.
   */
  writesOf({load, request}: Pick<WritesSpec, 'load' | 'request'>): Writes | undefined {
    const place = Object.keys(this.experiment.load).indexOf(load);
    const all = this.loads[place]?.writes();
    return all === undefined ? undefined : (all.get(request) ?? NOTHING_WRITTEN);
  }

  /** Lists once what is stored, and records how much that is. Rejects only when the run is stopped meanwhile. */
  async list({name, stored}: WritesSpec, when: 'before' | 'after', signal: AbortSignal): Promise<Listing> {
    const {record, context} = this.options;
    const listing = await within(stored.timeoutMs, signal, async bounded =>
      (await loadList(stored.source))(stored.parameters, context, bounded),
    );
    const told = 'entries' in listing ? {entries: listing.entries.length} : {entries: null, why: listing.why};
    record.event({type: 'writes.listed', check: name, when, ...told});
    return listing;
  }

  /** Reads a check once and records what it says, with what the loads had counted meanwhile. */
  async check(check: CheckSpec, when: 'before' | 'after', signal: AbortSignal): Promise<Reading> {
    const {record, context} = this.options;
    const from = this.totals();
    const reading = await readCheck(check, context, signal);
    const to = this.totals();
    const counted = Object.entries(from).map(
      ([name, totals]) => [name, {from: totals, to: to[name] ?? totals}] as const,
    );
    record.event({
      type: 'check.read',
      check: check.name,
      when,
      value: reading.value,
      ...(reading.value === null ? {why: reading.why} : {}),
      ...(counted.length === 0 ? {} : {loads: Object.fromEntries(counted)}),
    });
    return reading;
  }

  /** What each load of the file has counted so far: nothing before it was started. */
  private totals(): Readonly<Record<string, LoadTotals>> {
    const names = Object.keys(this.experiment.load);
    return Object.fromEntries(names.map((name, i) => [name, this.loads[i]?.totals() ?? NOTHING_SENT]));
  }

  private async startSampling(metric: MetricSpec): Promise<void> {
    const {record, clock} = this.options;
    const probe = await this.open(metric);
    this.probes.set(metric.name, probe);
    const {everyMs, timeoutMs} = metric;
    const onSample = (subject: string | undefined, sample: Sample) => {
      this.sayWhenCoarse(metric, sample);
      record.sample(this.seriesOf(metric, subject), sample);
    };
    const signal = this.options.signal ?? new AbortController().signal;
    if (this.lookedBack !== undefined) await readHistory(probe, this.lookedBack, onSample, signal);
    this.samplers.push(startSampler({probe, clock, everyMs, timeoutMs, onSample}));
  }

  private async open(metric: MetricSpec): Promise<OpenProbe> {
    const {everyMs, source, parameters} = metric;
    const parts = madeOf(metric);
    if (parts === undefined) return (await loadSource(source)).open(parameters, this.options.context, everyMs);
    const measured = {data: this.data, probeOf: (name: string) => this.probes.get(name)};
    return openDerived({form: parts.form, everyMs, operands: operandsOf(parts.metrics, this.experiment, measured)});
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
  return within(check.timeoutMs, signal, bounded => readOnce(source, check.parameters, context, bounded));
}

/** What it reads within a time; rejects only when the run is stopped meanwhile. */
async function within<T>(
  timeoutMs: number | undefined,
  signal: AbortSignal,
  read: (bounded: AbortSignal) => Promise<T>,
): Promise<T | NoValue> {
  const bounded = timeoutMs === undefined ? signal : AbortSignal.any([signal, timeLimit(timeoutMs)]);
  try {
    return await read(bounded);
  } catch (error) {
    signal.throwIfAborted();
    return noValue(bounded.aborted ? 'timeout' : 'bug', describeError(error));
  }
}
