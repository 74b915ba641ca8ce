import {alertsOf, alertSources} from '../../experiment/alerts.js';
import type {Experiment} from '../../experiment/experiment.js';
import type {AlertsAnswer, AlertSource} from '../../signals/alerts/open.js';
import {alertName, type AlertSelector, type ReadAlert} from '../../signals/alerts/spec.js';
import type {ProbeContext} from '../../signals/contract.js';
import {describeError} from '../../system/error.js';
import {alertDoubts} from '../../verdict/alerts/before.js';
import {judgeAlertGuard, type GuardedAlert} from '../../verdict/alerts/guard.js';
import type {RunContext} from '../context.js';
import {pause} from '../stop-switch.js';

/** Between two looks at a source: longer where an answer takes long, so that looking costs little. */
const LOOK_EVERY_MS = 500;
const LONGEST_BETWEEN_MS = 2_000;
const TIMES_AS_LONG = 4;

/** States that do not say whether an alert fires. */
const WITHOUT_ANSWER: Readonly<Partial<Record<ReadAlert['state'], string>>> = {
  none: 'there is no such rule',
  unknown: 'its rule has not been evaluated yet',
};

/** Looks at the alerts of one source again and again, and records what changes. */
class WatchedSource {
  private opened: AlertSource | undefined;
  private told: readonly ReadAlert[] | undefined;
  private isRead = false;
  private lastGoodUs: number | null = null;
  /** What is known of each alert, by its name. */
  private readonly known = new Map<string, GuardedAlert>();

  constructor(
    private readonly source: string,
    private readonly alerts: readonly AlertSelector[],
    private readonly context: Pick<RunContext, 'record' | 'ports'>,
  ) {}

  async open(probes: ProbeContext): Promise<void> {
    const {openAlerts} = await import('../../signals/alerts/open.js');
    this.opened = await openAlerts(this.source, probes);
  }

  /** One look; what it shows is on record if it is new, or if `always`. Returns how long it took, ms. */
  async look(signal: AbortSignal, always = false): Promise<AlertsAnswer & {readonly tookMs: number}> {
    const {clock} = this.context.ports;
    const askedUs = clock.mono();
    const answer = (await this.opened?.read(this.alerts, signal)) ?? {why: 'the source is not open'};
    if ('why' in answer) this.unread(answer.why);
    else this.read(answer.alerts, askedUs, always);
    return {...answer, tookMs: (clock.mono() - askedUs) / 1000};
  }

  guarded(alert: AlertSelector): GuardedAlert | undefined {
    return this.known.get(alertName(alert));
  }

  async close(): Promise<void> {
    await this.opened?.close();
  }

  private unread(why: string): void {
    for (const [name, known] of this.known) this.known.set(name, {...known, why});
    if (!this.isRead && this.told !== undefined) return;
    const {source} = this;
    this.context.record.event({type: 'alerts.read', source, sinceUs: this.lastGoodUs, alerts: null, why});
    this.isRead = false;
    this.told ??= [];
  }

  private read(now: readonly ReadAlert[], askedUs: number, always: boolean): void {
    // Two looks may overtake each other: what was asked earlier says nothing new.
    if (askedUs < (this.lastGoodUs ?? -Infinity)) return;
    for (const alert of now) this.know(alert, askedUs);
    const alerts = now.map(alert => (this.isTold(alert) ? alert : {...alert, changed: true as const}));
    if (always || !this.isRead || alerts.some(alert => 'changed' in alert)) {
      const {source, lastGoodUs: sinceUs} = this;
      this.context.record.event({type: 'alerts.read', source, sinceUs, alerts});
    }
    this.told = now;
    this.isRead = true;
    this.lastGoodUs = askedUs;
  }

  private isTold(alert: ReadAlert): boolean {
    return this.told?.some(before => JSON.stringify(before) === JSON.stringify(alert)) === true;
  }

  private know(alert: ReadAlert, askedUs: number): void {
    const name = alertName(alert);
    const {state, rule} = alert;
    const why = WITHOUT_ANSWER[state] ?? rule?.error;
    const firing = state === 'firing';
    if (why === undefined || firing) this.known.set(name, {firing, knownUs: askedUs});
    else this.known.set(name, {firing, knownUs: this.known.get(name)?.knownUs ?? askedUs, why});
  }
}

/** Watches the alerts that a file names, beside the run: it is never held up by them. */
export class AlertWatch {
  private readonly sources: ReadonlyMap<string, WatchedSource>;
  private readonly over = new AbortController();
  private watching: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly context: RunContext,
    private readonly experiment: Experiment,
  ) {
    const names = alertSources(experiment);
    this.sources = new Map(names.map(name => [name, new WatchedSource(name, alertsOf(experiment, name), context)]));
  }

  /** Begins to look. A source that does not answer is on record as that. */
  async start(probes: ProbeContext): Promise<void> {
    await Promise.all([...this.sources.values()].map(source => source.open(probes)));
    const {stop} = this.context;
    this.watching = Promise.all([...this.sources.values()].map(source => this.watch(source))).catch((error: unknown) =>
      stop.pull({kind: 'bug', detail: describeError(error)}),
    );
  }

  /**
   * Looks once more before the injection. An alert that fires already, a guard without a rule, and a source that cannot
   * be read stop the run: afterwards nobody could tell what the fault did.
   */
  async checkBefore(): Promise<void> {
    const {stop, record} = this.context;
    for (const [name, source] of this.sources) {
      if (stop.why() !== undefined) return;
      const answer = await source.look(this.over.signal);
      if ('why' in answer) {
        stop.pull({kind: 'not-steady', detail: `the alerts of \`${name}\` cannot be read: ${answer.why}`});
        return;
      }
      for (const {kind, what} of alertDoubts(this.experiment, name, answer.alerts)) {
        if (kind === 'told') record.event({type: 'noted', level: 'warning', text: `${what}.`});
        else stop.pull({kind, detail: what});
      }
    }
  }

  /** The first guard on an alert that stops the run now; undefined while none does. */
  tripped(
    nowUs: number,
  ): {readonly guard: AlertSelector; readonly answer: 'tripped' | 'blind'; readonly why: string} | undefined {
    for (const guard of this.experiment.alertGuards ?? []) {
      const known = this.sources.get(guard.from)?.guarded(guard);
      const judged = judgeAlertGuard(known ?? {firing: false, knownUs: -Infinity}, nowUs);
      if (judged.answer !== 'ok') return {guard, answer: judged.answer, why: judged.why};
    }
    return undefined;
  }

  /** Looks for the last time, so that it is known until when nothing changed, and lets the sources go. */
  async stop(): Promise<void> {
    this.over.abort(new Error('the run has ended'));
    await this.watching;
    const last = new AbortController().signal;
    await Promise.all(
      [...this.sources.values()].map(async source => {
        await source.look(last, true);
        await source.close();
      }),
    );
  }

  private async watch(source: WatchedSource): Promise<void> {
    const {signal} = this.over;
    let restMs = 0;
    while (await pause(this.context.ports.clock, restMs, signal)) {
      try {
        const {tookMs} = await source.look(signal);
        restMs = Math.min(LONGEST_BETWEEN_MS, Math.max(LOOK_EVERY_MS, TIMES_AS_LONG * tookMs));
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }
}
