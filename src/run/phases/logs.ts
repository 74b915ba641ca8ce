import type {Experiment} from '../../experiment/experiment.js';
import type {Event} from '../../record/events.js';
import {aroundOf} from '../../record/around.js';
import type {CountedLog} from '../../signals/logs/contract.js';
import {PatternEvidence} from '../../signals/logs/evidence.js';
import {openLog, type OpenLog} from '../../signals/logs/open.js';
import type {LogSpec} from '../../signals/logs/spec.js';
import type {ProbeContext} from '../../signals/contract.js';
import {describeError} from '../../system/error.js';
import type {RunContext} from '../context.js';

/** Lines are looked at so often, and for so long at a time over all logs together: a fifth of one processor at most. */
const [EVERY_MS, BUDGET_MS] = [50, 10];
/** At the end, for the lines that still wait. */
const LAST_MS = 500;
/** So many new patterns of a log are told while the run goes on; all of them are counted at its end. */
const MOST_AT_ONCE = 10;

interface Followed extends OpenLog {
  readonly spec: LogSpec;
  readonly evidence: PatternEvidence;
  /** Why it could not be read, each reason once. */
  readonly trouble: Set<string>;
}

/** Follows the logs of an experiment from now on, until it is stopped. */
export class Logs {
  private readonly stopping = new AbortController();
  private readonly followed: readonly Followed[];
  private readonly loop: Promise<void>;
  private readonly forget: () => void;
  private injectedUs: number | undefined;

  constructor(
    private readonly context: RunContext,
    {logs = []}: Pick<Experiment, 'logs'>,
    {targets}: Pick<ProbeContext, 'targets'>,
  ) {
    this.forget = context.record.subscribe({event: event => this.hear(event)});
    this.followed = logs.map(spec => this.open(spec, targets));
    this.loop = this.followed.length === 0 ? Promise.resolve() : this.run();
  }

  /** By the name that the file gives them. */
  get byName(): Readonly<Record<string, CountedLog>> {
    return Object.fromEntries(this.followed.map(({spec, log}) => [spec.name, log]));
  }

  /** Follows no further, looks at what still waits, within bounds, and records what the logs have shown. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await Promise.allSettled(this.followed.flatMap(({sources}) => sources.map(source => source.close())));
    const end = performance.now() + LAST_MS;
    for (const one of this.followed) {
      this.look(one, () => one.log.finish(() => performance.now() < end));
      const {spec, log, evidence, trouble} = one;
      const shown = {...log.counts, ...evidence.summary(), trouble: [...trouble]};
      this.context.record.event({type: 'log.read', log: spec.name, ...shown});
    }
    this.forget();
  }

  private open(spec: LogSpec, targets: ProbeContext['targets']): Followed {
    const {clock, ambient} = this.context.ports;
    let told = 0;
    const evidence = new PatternEvidence(
      () => this.injectedUs,
      pattern => {
        if (++told <= MOST_AT_ONCE) this.context.record.event({type: 'log.pattern', log: spec.name, ...pattern});
      },
    );
    const onEvent = (event: Parameters<PatternEvidence['take']>[0]) => {
      const {mono, wall} = clock.now();
      evidence.take(event, Date.parse(wall) - (mono - event.atUs) / 1000);
    };
    return {spec, evidence, trouble: new Set(), ...openLog(spec, {clock, redact: ambient.redact, targets, onEvent})};
  }

  private async run(): Promise<void> {
    const {signal} = this.stopping;
    while (!signal.aborted) {
      const until = performance.now() + BUDGET_MS;
      this.followed.forEach((one, i) => {
        // Each has its share of what is left.
        const end = performance.now() + (until - performance.now()) / (this.followed.length - i);
        this.look(one, () => one.log.work(() => performance.now() < end));
        if (one.log.why !== undefined) one.trouble.add(one.log.why.why);
      });
      await this.context.ports.clock.sleep(EVERY_MS, signal).catch(() => undefined);
    }
  }

  /** Whatever a log holds cannot hurt the run. */
  private look({trouble}: Followed, work: () => void): void {
    try {
      work();
    } catch (error) {
      trouble.add(`a line could not be looked at: ${describeError(error)}`);
    }
  }

  /** From the first injection on nothing is the baseline any more. */
  private hear(event: Event): void {
    if (event.type !== 'change.requested' || aroundOf(event.occurrence) !== undefined) return;
    this.injectedUs ??= event.at.mono;
  }
}
