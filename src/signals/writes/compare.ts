import {idReader} from './id.js';
import {writesIn, type Writes} from './log.js';
import type {ComparedWrites, ExampleWrite, FoundWrites, IdSpec} from './spec.js';

/** So many examples are kept of each kind. */
const EXAMPLES = 10;

interface Known {
  readonly sentUs: number;
  acknowledged: number;
  failed: number;
}

/** The writes of one request of a load, by their ids, and what was stored before. */
export class WrittenIds {
  private readonly places = new Map<string, number>();
  private readonly known: Known[] = [];
  private readonly before: ReadonlySet<string>;
  private readonly idOf: (entry: string) => string | undefined;

  constructor(
    private readonly writes: Writes,
    {before, id}: {readonly before: readonly string[]; readonly id: IdSpec | undefined},
  ) {
    const read = id === undefined ? undefined : idReader(id);
    this.idOf = read === undefined ? entry => entry.trim() || undefined : entry => read({text: () => entry});
    this.before = new Set(before.flatMap(entry => this.idOf(entry) ?? []));
    for (const {id: written, sentUs, acknowledged} of writesIn(writes)) {
      const write = this.at(written, sentUs);
      if (acknowledged) write.acknowledged++;
      else write.failed++;
    }
  }

  private at(id: string, sentUs: number): Known {
    const place = this.places.get(id);
    const found = place === undefined ? undefined : this.known[place];
    if (found !== undefined) return found;
    const fresh = {sentUs, acknowledged: 0, failed: 0};
    this.places.set(id, this.known.length);
    this.known.push(fresh);
    return fresh;
  }

  /** Compares with a list of what is stored now. `phaseAt`: in which phase of the run a moment (mono µs) lies. */
  compare(entries: readonly string[], phaseAt: (us: number) => string): ComparedWrites {
    const {stored, ...list} = this.count(entries);
    const [lost, doubled, unacknowledged] = [new Finds(phaseAt), new Finds(phaseAt), new Finds(phaseAt)];
    const counts = {acknowledged: 0, failed: 0, already: 0, repeated: 0};
    for (const [id, place] of this.places) {
      const write = this.known[place] ?? {sentUs: 0, acknowledged: 0, failed: 0};
      const times = stored[place] ?? 0;
      const isAcknowledged = write.acknowledged > 0;
      counts[isAcknowledged ? 'acknowledged' : 'failed']++;
      if (this.before.has(id)) {
        counts.already++;
        continue;
      }
      if (isAcknowledged && times === 0) lost.add(id, write);
      if (!isAcknowledged && times > 0) unacknowledged.add(id, write);
      if (times > Math.max(1, write.acknowledged + write.failed)) doubled.add(id, write);
      counts.repeated += Math.max(0, write.acknowledged - Math.max(1, times));
    }
    const {nameless, dropped} = this.writes;
    const found = {lost: lost.all(), doubled: doubled.all(), unacknowledged: unacknowledged.all()};
    return {...counts, nameless, dropped, listed: entries.length, ...list, ...found};
  }

  /** How often each write stands in a list, and what else does. */
  private count(entries: readonly string[]) {
    const stored = new Uint32Array(this.known.length);
    const otherExamples: string[] = [];
    let [withoutId, others] = [0, 0];
    for (const entry of entries) {
      const id = this.idOf(entry);
      const place = id === undefined ? undefined : this.places.get(id);
      if (id === undefined) withoutId++;
      else if (place !== undefined) stored[place] = (stored[place] ?? 0) + 1;
      else if (!this.before.has(id) && others++ < EXAMPLES) otherExamples.push(id);
    }
    return {stored, withoutId, others, otherExamples};
  }
}

/** Gathers the writes of one kind. */
class Finds {
  private count = 0;
  private fromUs = Infinity;
  private toUs = -Infinity;
  private readonly phases: Record<string, number> = {};
  private readonly first: ExampleWrite[] = [];

  constructor(private readonly phaseAt: (us: number) => string) {}

  add(written: string, {sentUs}: Known): void {
    const phase = this.phaseAt(sentUs);
    this.count++;
    this.phases[phase] = (this.phases[phase] ?? 0) + 1;
    this.fromUs = Math.min(this.fromUs, sentUs);
    this.toUs = Math.max(this.toUs, sentUs);
    const last = this.first.at(-1);
    if (this.first.length === EXAMPLES && last !== undefined && last.sentUs <= sentUs) return;
    this.first.push({written, sentUs, phase});
    this.first.sort((a, b) => a.sentUs - b.sentUs);
    this.first.splice(EXAMPLES);
  }

  all(): FoundWrites {
    const {count, phases, fromUs, toUs, first} = this;
    return {count, phases, ...(count === 0 ? {} : {sent: {fromUs, toUs}}), examples: first};
  }
}
