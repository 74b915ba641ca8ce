import type {Proof} from '../targets/contract.js';
import {targetKey} from '../targets/target.js';
import type {OccurrenceFacts} from './occurrences.js';
import type {ActiveWindow, OccurrenceResult} from './result.js';
import {say, type TimeBase} from './time.js';
import {exerciseOf} from './exercise.js';

/** A time that is only known to lie between two samples, µs of the base clock. */
type UncertainTime = readonly [fromUs: number, toUs: number];

interface OpenWindow {
  readonly from: UncertainTime;
  /** Last seen in force. */
  seenUs: number;
  exercised: number | null;
}

interface Closed extends OpenWindow {
  readonly to: UncertainTime | null;
  readonly ended: ActiveWindow['ended'];
}

/** Over the changes of one target; null where none of them can tell. */
function exercisedIn(proofs: readonly Proof[]): number | null {
  const known = proofs.flatMap(({exercised}) => exercised ?? []);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
}

/** Follows one target through the record of an occurrence. */
class TargetWindows {
  readonly closed: Closed[] = [];
  private open: OpenWindow | undefined;
  private absentUs: number | undefined;

  constructor(
    private readonly occurrence: OccurrenceFacts,
    private readonly time: TimeBase,
    private readonly key: string,
  ) {}

  read(): readonly Closed[] {
    for (const entry of this.occurrence.proofs) this.take(entry);
    this.settle();
    return this.closed;
  }

  private take(entry: OccurrenceFacts['proofs'][number]): void {
    const places = entry.proofs.flatMap(({ref}, i) => (targetKey(ref) === this.key ? [i] : []));
    const proofs = places.flatMap(i => entry.proofs[i] ?? []);
    if (proofs.length === 0) return;
    const lastUs = places.flatMap(i => {
      const instant = entry.lastInForce?.[i];
      return instant === undefined || instant === null ? [] : [this.time.us(instant)];
    });
    if (this.open !== undefined) this.open.seenUs = Math.max(this.open.seenUs, ...lastUs);
    const us = proofs.map(({at}) => this.time.us(at));
    const absent = proofs.findIndex(({state}) => state === 'absent');
    if (absent >= 0) {
      this.absentUs = us[absent] ?? entry.us;
      this.close('lost', this.absentUs);
    } else if (proofs.every(({state}) => state === 'in-force')) this.seen(entry, us, exercisedIn(proofs));
  }

  private seen(entry: OccurrenceFacts['proofs'][number], us: readonly number[], exercised: number | null): void {
    const seenUs = Math.max(...us);
    if (this.open === undefined) {
      const asked = this.occurrence.requestsUs.findLast(at => at <= entry.us);
      const earliest = entry.confirmed ? asked : this.absentUs;
      this.open = {from: [earliest ?? seenUs, seenUs], seenUs, exercised};
      return;
    }
    this.open.seenUs = Math.max(this.open.seenUs, seenUs);
    this.open.exercised = exercised ?? this.open.exercised;
  }

  private close(ended: ActiveWindow['ended'], atUs: number | null, notBeforeUs = 0): void {
    if (this.open === undefined) return;
    const {seenUs} = this.open;
    const to: UncertainTime | null = atUs === null ? null : [Math.min(Math.max(seenUs, notBeforeUs), atUs), atUs];
    this.closed.push({...this.open, to, ended});
    this.open = undefined;
  }

  /** What the last answer about its debts says. */
  private settle(): void {
    const {debts, settlements, undoRequestedUs} = this.occurrence;
    const own = debts.filter(({undo}) => targetKey(undo.ref) === this.key);
    const allKnown = settlements.every(({settled}) => debts.some(({id}) => id === settled.debt));
    if (own.length === 0 && allKnown && undoRequestedUs !== null) {
      // What has no undo is over when its time is: nothing on the target tells of its end.
      this.close('over', undoRequestedUs, undoRequestedUs);
      return;
    }
    const answers = own.map(({id}) => settlements.findLast(({settled}) => settled.debt === id));
    const times: number[] = [];
    for (const answer of answers) {
      if (answer === undefined || 'why' in answer.settled) {
        this.close('owed', null);
        return;
      }
      times.push(answer.settled.at === undefined ? answer.us : this.time.us(answer.settled.at));
    }
    const outcomes = answers.map(answer => answer?.settled.outcome);
    // Only an undo that had something to do shows that the fault was there until it was asked for.
    const undone = outcomes.includes('undone');
    if (times.length === 0) this.close('owed', null);
    else if (!undone && outcomes.includes('gone')) this.close('lost', Math.max(...times));
    else this.close('undone', Math.max(...times), undone ? (undoRequestedUs ?? 0) : 0);
  }
}

const MS = 1000;

/**
 * When each target really had the fault, as its proofs show: from the first proof in force (it came between the request
 * and that) to the loss or the verified undo. An event that the platform heals has no end that a proof of the fault
 * could show: it has none.
 */
export function activeWindows(occurrence: OccurrenceFacts, time: TimeBase): readonly ActiveWindow[] {
  const {planned} = occurrence;
  if (planned.nature === 'event' && planned.heal === 'platform') return [];
  const refs = new Map(occurrence.proofs.flatMap(({proofs}) => proofs.map(({ref}) => [targetKey(ref), ref] as const)));
  const names = new Map(planned.targets.map(ref => [targetKey(ref), ref.name]));
  const seconds = ([from, to]: UncertainTime) => [time.seconds(from), time.seconds(to)] as const;
  return [...refs].flatMap(([key, ref]) =>
    new TargetWindows(occurrence, time, key).read().map(({from, to, ended, exercised}) => ({
      target: names.get(key) ?? ref.name,
      from: seconds(from),
      to: to === null ? null : seconds(to),
      seconds:
        to === null
          ? null
          : ([Math.max(0, Math.round((to[0] - from[1]) / MS) / MS), Math.round((to[1] - from[0]) / MS) / MS] as const),
      ended,
      exercised,
    })),
  );
}

/** First to last over the targets whose fault was undone, seconds; null where none was. */
export function undoSkew(windows: readonly ActiveWindow[]): number | null {
  const ends = windows.flatMap(({to, ended}) => (to === null || ended !== 'undone' ? [] : [to[1]]));
  return ends.length === 0 ? null : Math.round((Math.max(...ends) - Math.min(...ends)) * MS) / MS;
}

/** How much went through the fault in all of its windows; null where no target can tell. */
export function exercisedInAll(windows: readonly ActiveWindow[]): number | null {
  const known = windows.flatMap(({exercised}) => exercised ?? []);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
}

/** `19.8s to 20.2s`, or one figure where both say the same. */
export function range([least, most]: readonly [number, number]): string {
  return say(least) === say(most) ? say(most) : `${say(least)} to ${say(most)}`;
}

/** How long the targets really had the fault, as the proofs show; undefined where that was not measured. */
export function windowsSentence({
  windows,
  undoSkewSeconds,
  exercised,
  kind,
}: Pick<OccurrenceResult, 'windows' | 'undoSkewSeconds' | 'exercised' | 'kind'>): string | undefined {
  const known = windows.flatMap(({seconds}) => (seconds === null ? [] : [seconds]));
  if (known.length === 0) return undefined;
  const targets = new Set(windows.map(({target}) => target)).size;
  const shortest = Math.min(...known.map(([least]) => least));
  const longest = Math.max(...known.map(([, most]) => most));
  const each =
    targets === 1 ? '' : targets === known.length ? ` on each of ${targets} targets` : ` on ${targets} targets`;
  const skew =
    undoSkewSeconds !== null && targets > 1 ? `; ${say(undoSkewSeconds)} between the first and the last undo` : '';
  const through = exercised === null ? '' : `; ${exerciseOf(kind, exercised)}`;
  return `${range([shortest, longest])}${each}${skew}${through}.`;
}
