import {appliesIn} from '../experiment/deciding.js';
import type {Experiment, MetricSpec} from '../experiment/experiment.js';
import type {Instant} from '../quantities/instant.js';
import type {Event, Phase, PlannedOccurrence} from '../record/events.js';
import type {Observer} from '../record/observer.js';
import type {LoadSecond, Sample} from '../signals/contract.js';
import {loadOf} from '../verdict/judgement/data.js';
import {secondValue} from '../verdict/judgement/load-window.js';
import {asDecided} from '../verdict/occurrences.js';
import {isWithin} from '../verdict/judgement/tolerance.js';

const KEPT = 240;

export type OccurrenceState = 'waiting' | 'injecting' | 'in force' | 'lost' | 'undoing' | 'undone' | 'failed';

export interface LiveOccurrence {
  planned: PlannedOccurrence;
  state: OccurrenceState;
  /** Monotonic µs of the confirmation. */
  confirmedAt: number | null;
  note: string;
}

export interface LiveMetric {
  readonly spec: MetricSpec;
  /** Newest last, at most 240; null is a missing value. */
  readonly values: (number | null)[];
  why: string;
  /** How many values there have been in all. */
  count: number;
}

/** Whether a value is outside its tolerance, in a phase in which that applies. */
export function isOutside({spec}: LiveMetric, value: number, phase: Phase | undefined): boolean {
  const time = phase === 'baseline' || phase === 'recovery' ? phase : 'fault';
  return spec.tolerance !== undefined && appliesIn(spec, time) && !isWithin(value, spec.tolerance);
}

export interface LivePhase {
  readonly phase: Phase;
  readonly since: number;
  readonly lastsMs: number | null;
}

/**
 * What the live view shows, kept up to date by the events of a run. It reads no clock: a frame is drawn for a given
 * moment.
 */
export class LiveState implements Observer {
  experiment: Experiment | undefined;
  run = '';
  phase: LivePhase | undefined;
  startedAt = 0;
  /** The last event's time: ties the monotonic clock to the wall clock. */
  clock: Instant | undefined;
  ended: Extract<Event, {type: 'run.ended'}> | undefined;
  readonly occurrences = new Map<string, LiveOccurrence>();
  readonly metrics = new Map<string, LiveMetric>();
  readonly notes: {readonly level: 'info' | 'warning'; readonly text: string}[] = [];
  readonly decisions: Extract<Event, {type: 'decided'}>[] = [];
  /** Requests per second of the last whole second, by load: asked for, sent, failed. */
  readonly loads = new Map<string, {intended: number; sent: number; failed: number}>();
  private readonly metricOfSeries = new Map<number, string>();

  get planned(): readonly PlannedOccurrence[] {
    return [...this.occurrences.values()].map(({planned}) => planned);
  }

  event(event: Event): void {
    this.clock = event.at;
    switch (event.type) {
      case 'run.started':
        this.start(event);
        return;
      case 'resized':
        this.resize(event);
        return;
      case 'phase.entered':
        this.phase = {phase: event.phase, since: event.at.mono, lastsMs: event.lastsMs};
        return;
      case 'series.opened':
        this.metricOfSeries.set(event.id, event.metric);
        return;
      case 'decided':
        this.decisions.push(event);
        return;
      case 'noted':
        this.notes.push(event);
        return;
      case 'run.ended':
        this.ended = event;
        return;
      default:
        this.occurrence(event);
    }
  }

  private start(event: Extract<Event, {type: 'run.started'}>): void {
    this.experiment = event.experiment;
    this.run = event.run;
    this.startedAt = event.at.mono;
    for (const planned of event.occurrences) {
      this.occurrences.set(planned.id, {planned, state: 'waiting', confirmedAt: null, note: ''});
    }
    for (const spec of event.experiment.steadyState) this.metrics.set(spec.name, {spec, values: [], why: '', count: 0});
  }

  private resize({experiment, occurrences}: Extract<Event, {type: 'resized'}>): void {
    this.experiment = experiment;
    if (this.phase?.phase === 'baseline') this.phase = {...this.phase, lastsMs: experiment.windows.baselineMs};
    for (const planned of occurrences) {
      this.occurrences.set(planned.id, {planned, state: 'waiting', confirmedAt: null, note: ''});
    }
  }

  private holdOn(live: LiveOccurrence, {untilMs, open}: Extract<Event, {type: 'looked'}>): void {
    if (untilMs === undefined) return;
    const longerMs = untilMs - live.planned.forMs;
    this.occurrences.set(live.planned.id, {
      ...live,
      planned: {...live.planned, forMs: untilMs},
      note: `going on, not settled yet: ${open.map(({metric}) => metric).join(', ')}`,
    });
    const {phase} = this;
    if (phase?.phase === 'fault' && phase.lastsMs !== null) {
      this.phase = {...phase, lastsMs: phase.lastsMs + longerMs};
    }
  }

  private occurrence(event: Event): void {
    if (!('occurrence' in event)) return;
    const live = this.occurrences.get(event.occurrence);
    if (live === undefined) return;
    live.planned = asDecided(live.planned, event);
    switch (event.type) {
      case 'change.requested':
        live.state = 'injecting';
        return;
      case 'change.confirmed':
        live.state = 'in force';
        live.confirmedAt = event.at.mono;
        return;
      case 'change.failed':
        live.state = 'failed';
        live.note = event.why;
        return;
      case 'proof.changed':
        live.state = event.proofs.every(proof => proof.state === 'in-force') ? 'in force' : 'lost';
        return;
      case 'looked':
        this.holdOn(live, event);
        return;
      case 'undo.requested':
        live.state = 'undoing';
        live.note = '';
        return;
      case 'debts.settled': {
        const owed = event.settled.flatMap(one => ('why' in one ? [one.why] : []));
        live.state = owed.length === 0 ? 'undone' : 'failed';
        const replaced = event.settled.some(({outcome}) => outcome === 'superseded');
        live.note =
          owed.length > 0 ? `not undone: ${owed.join('; ')}` : replaced ? 'changed by someone else meanwhile' : '';
        return;
      }
      default:
        return;
    }
  }

  sample(series: number, sample: Sample): void {
    const metric = this.metrics.get(this.metricOfSeries.get(series) ?? '');
    if (metric === undefined) return;
    this.push(metric, sample.value, sample.why ?? '');
  }

  second(second: LoadSecond): void {
    const failed = Object.entries(second.outcomes)
      .filter(([outcome]) => outcome !== 'ok')
      .reduce((sum, [, buckets]) => sum + buckets.reduce((count, [, n]) => count + n, 0), 0);
    this.loads.set(second.load, {intended: second.intended, sent: second.sent, failed});
    for (const metric of this.metrics.values()) {
      if (metric.spec.source !== 'load' || loadOf(metric.spec) !== second.load) continue;
      this.push(metric, secondValue(metric.spec, second), 'no requests');
    }
  }

  private push(metric: LiveMetric, value: number | null, why: string): void {
    metric.values.push(value);
    metric.count++;
    if (metric.values.length > KEPT) metric.values.shift();
    metric.why = value === null ? why : '';
  }
}
