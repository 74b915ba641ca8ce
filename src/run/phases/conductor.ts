import type {Occurrence} from '../../experiment/timeline.js';
import {describeError} from '../../system/error.js';
import type {Debt} from '../../targets/contract.js';
import {unmetWords, wentWords} from '../../verdict/conditions.js';
import type {Verdict} from '../../verdict/result.js';
import type {FaultLook} from '../../verdict/deviation/settled.js';
import {pause} from '../stop-switch.js';
import {Edges} from './edges.js';
import {hold} from './hold.js';
import type {RunContext} from '../context.js';
import type {LocatedChange} from '../../targets/contract.js';
import {inject, undo, type Injected} from './occurrence.js';
import {reapplier} from './reapply.js';

export interface Score {
  readonly occurrences: readonly Occurrence[];
  /** Mono µs: the end of the baseline. */
  readonly zeroUs: number;
  /** How long nothing is injected behind the last occurrence before the recovery begins: off blocks of a switchback. */
  readonly trailingMs: number;
  /** Drafts the occurrence for the present incarnations of its targets, or of only these. */
  draft(occurrence: Occurrence, only?: readonly LocatedChange[]): Promise<readonly LocatedChange[]>;
  /** Whether the platform is expected to restore the targets of this occurrence. */
  healsItself(occurrence: Occurrence, changes: readonly LocatedChange[]): boolean;
  /**
   * How long an occurrence has been in force at each of its planned looks, ms; the last is the longest that it may be
   * held.
   */
  looksMs(occurrence: Occurrence): readonly number[];
  /** Whether everything that this occurrence is to decide is settled so far, as the verdict will see it. */
  look(occurrence: Occurrence): FaultLook;
  /**
   * Whether a judged metric deviated while this occurrence was in force: ends a series of steps that says `stopOn:
   * deviation`.
   */
  deviated(occurrence: string): boolean;
  /** How these occurrences went together, as far as it is known; null where nothing was judged. */
  went(occurrences: readonly string[]): Verdict | null;
}

/** What is still owed to platforms that should heal by themselves. */
export interface PlatformDebts {
  readonly occurrence: string;
  readonly debts: readonly Debt[];
}

type InForce = Extract<Injected, {state: 'in-force'}>;

interface Active {
  readonly occurrence: Occurrence;
  debts: readonly Debt[];
}

/**
 * Plays one run's occurrences: triggers, overlaps, repeats and steps; undoes in reverse order when the run is stopped.
 */
export class Conductor {
  private readonly edges = new Edges();
  private readonly active: Active[] = [];
  private readonly platform: PlatformDebts[] = [];
  /** Faults of which nothing more is played, and why: a step deviated, or what they depend on went otherwise. */
  private readonly ended = new Map<string, string>();
  /** Occurrences whose undo could not be verified: nothing more of their fault is injected. */
  private readonly unsettled = new Set<string>();

  constructor(
    private readonly context: RunContext,
    private readonly score: Score,
  ) {}

  /** Resolves when all is over but what platforms should still heal: their debts. */
  async play(): Promise<readonly PlatformDebts[]> {
    await Promise.all(
      this.score.occurrences.map(occurrence =>
        this.playOne(occurrence).catch((error: unknown) =>
          this.context.stop.pull({kind: 'bug', detail: describeError(error)}),
        ),
      ),
    );
    await pause(this.context.ports.clock, this.score.trailingMs, this.context.stop.signal);
    const reason = this.context.stop.why();
    if (reason !== undefined) {
      for (const {occurrence, debts} of [...this.active].reverse()) {
        await undo(this.context, occurrence.id, debts, reason);
      }
    }
    return this.platform;
  }

  private async playOne(occurrence: Occurrence): Promise<void> {
    const {context, edges} = this;
    const {clock} = context.ports;
    if (!(await this.awaitTrigger(occurrence))) return;
    if (occurrence.index === 0) this.decideCondition(occurrence);
    const ended = this.ended.get(occurrence.fault.name);
    if (ended !== undefined) {
      const text = `${occurrence.id} (${occurrence.label}) is not injected: ${ended}.`;
      context.record.event({type: 'noted', level: 'info', text});
      edges.reached(occurrence.id, 'ends', clock.mono());
      return;
    }
    edges.reached(occurrence.id, 'starts', clock.mono());
    const injected = await this.injectOne(occurrence);
    if (injected?.state !== 'in-force') {
      this.fail(occurrence, injected);
      return;
    }
    await this.holdOne(occurrence, injected);
    edges.reached(occurrence.id, 'ends', clock.mono());
  }

  /** False when the run was stopped before the trigger. */
  private async awaitTrigger(occurrence: Occurrence): Promise<boolean> {
    const {start} = occurrence;
    const {signal} = this.context.stop;
    const {clock} = this.context.ports;
    let fromUs = this.score.zeroUs;
    if (start.from === 'occurrence') {
      const edge = await this.orStopped(this.edges.when(start.occurrence, start.edge));
      if (edge === undefined) return false;
      fromUs = edge;
    }
    if (!(await pause(clock, Math.max(0, (fromUs - clock.mono()) / 1000 + start.ms), signal))) return false;
    return this.awaitPrevious(occurrence);
  }

  /**
   * A repeat, step or block never meets its own undo: it waits until the one before it has ended, and ends the run if
   * that is not put back.
   */
  private async awaitPrevious({id, fault, index}: Occurrence): Promise<boolean> {
    const previous = this.score.occurrences.find(other => other.fault === fault && other.index === index - 1);
    if (previous === undefined) return true;
    if ((await this.orStopped(this.edges.when(previous.id, 'ends'))) === undefined) return false;
    if (!this.unsettled.has(previous.id)) return true;
    this.context.stop.pull({kind: 'not-injected', detail: `${id}: the undo of ${previous.id} is not verified`});
    return false;
  }

  /** The answer, or undefined once the run is stopped. */
  private async orStopped<T>(wanted: Promise<T>): Promise<T | undefined> {
    const {signal} = this.context.stop;
    if (signal.aborted) return undefined;
    const over = new AbortController();
    const stopped = new Promise<undefined>(resolve =>
      signal.addEventListener('abort', () => resolve(undefined), {once: true, signal: over.signal}),
    );
    try {
      return await Promise.race([wanted, stopped]);
    } finally {
      over.abort();
    }
  }

  private async injectOne(occurrence: Occurrence): Promise<Injected | undefined> {
    if (this.context.stop.signal.aborted) return undefined;
    try {
      const changes = await this.score.draft(occurrence);
      // Whoever undoes it for us waits until the last moment at which it may still be held.
      const forMs = this.score.looksMs(occurrence).at(-1) ?? occurrence.forMs;
      return await inject(this.context, {occurrence: occurrence.id, forMs, firstDebt: 0}, changes);
    } catch (error) {
      // Drafting only reads, and what a failed injection left is in the ledger.
      return {state: 'failed', why: describeError(error)};
    }
  }

  private fail(occurrence: Occurrence, injected: Exclude<Injected, {state: 'in-force'}> | undefined): void {
    if (injected === undefined) return;
    const {stop} = this.context;
    if (injected.state === 'locked') {
      stop.pull({kind: 'locked', detail: `${occurrence.id}: a target is locked by ${injected.by}`});
    } else {
      stop.pull({kind: 'not-injected', detail: `${occurrence.id}: ${injected.why}`});
    }
  }

  /** Whether a fault that depends on how another one went is played: on record, as for steps. */
  private decideCondition({fault}: Occurrence): void {
    const {after} = fault;
    if (after.from !== 'fault' || after.onlyIf === undefined) return;
    const others = this.score.occurrences.filter(other => other.fault.name === after.fault);
    const went = this.score.went(others.map(({id}) => id));
    const isMet = went === after.onlyIf;
    this.context.record.event({
      type: 'decided',
      what: 'condition',
      answer: isMet ? 'yes' : 'no',
      basis: {
        fault: fault.name,
        onlyIf: after.onlyIf,
        of: after.fault,
        went,
        detail: `${fault.name} is for when ${after.fault} ${after.onlyIf}, and it ${wentWords(went)}`,
      },
    });
    const unmet = {of: after.fault, onlyIf: after.onlyIf, went: wentWords(went)};
    if (!isMet) this.ended.set(fault.name, unmetWords(unmet));
  }

  /** Whether the next steps are played: on record, because the verdict goes by what was decided. */
  private decideStep({id, label, fault}: Occurrence): void {
    const deviated = this.score.deviated(id);
    this.context.record.event({
      type: 'decided',
      what: 'step-deviated',
      answer: deviated ? 'yes' : 'no',
      basis: {occurrence: id, detail: label},
    });
    if (deviated) this.ended.set(fault.name, 'an earlier step deviated');
  }

  /**
   * Holds until a look finds everything settled, or until the last one, which is the verdict's: each is at a planned
   * time, and the undo never waits for it.
   */
  private async holdOn(entry: Active, injected: InForce, confirmedUs: number): Promise<void> {
    const {context, score} = this;
    const {occurrence} = entry;
    const {clock} = context.ports;
    const looksMs = score.looksMs(occurrence);
    const reapply = occurrence.fault.keep
      ? reapplier(context, occurrence, lost => score.draft(occurrence, lost), {
          firstDebt: injected.debts.length,
          forMs: looksMs.at(-1) ?? occurrence.forMs,
        })
      : undefined;
    let held = injected;
    for (const [i, untilMs] of looksMs.entries()) {
      const forMs = Math.max(0, untilMs - (clock.mono() - confirmedUs) / 1000);
      held = await hold(context, {occurrence: occurrence.id, forMs, injected: held}, reapply);
      entry.debts = held.debts;
      const next = looksMs[i + 1];
      if (context.stop.signal.aborted || next === undefined) return;
      const {answer, open} = score.look(occurrence);
      const until = answer === 'open' ? {untilMs: next, moreMs: (looksMs.at(-1) ?? next) - untilMs} : {};
      context.record.event({
        type: 'looked',
        occurrence: occurrence.id,
        look: i + 1,
        looks: looksMs.length,
        answer,
        open,
        ...until,
      });
      if (answer !== 'open') return;
    }
  }

  private async holdOne(occurrence: Occurrence, injected: InForce): Promise<void> {
    const {context, score} = this;
    const confirmedUs = context.ports.clock.mono();
    this.edges.reached(occurrence.id, 'confirmed', confirmedUs);
    const entry: Active = {occurrence, debts: injected.debts};
    this.active.push(entry);
    await this.holdOn(entry, injected, confirmedUs);
    // A stopped run undoes everything together, the newest first.
    if (context.stop.signal.aborted) return;
    context.record.event({type: 'hold.ended', occurrence: occurrence.id, why: 'its time is over'});
    if (occurrence.step !== undefined && occurrence.fault.steps?.stopOnDeviation === true) this.decideStep(occurrence);
    this.active.splice(this.active.indexOf(entry), 1);
    if (score.healsItself(occurrence, injected.changes)) {
      this.platform.push({occurrence: occurrence.id, debts: entry.debts});
      return;
    }
    const settled = await undo(context, occurrence.id, entry.debts, {kind: 'done', detail: 'its time is over'});
    if (!settled) this.unsettled.add(occurrence.id);
  }
}
