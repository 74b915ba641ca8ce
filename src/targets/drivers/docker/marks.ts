import type {Debt, Marked} from '../../contract.js';
import {IN_FLIGHT, type Engine} from './engine.js';
import {messageOf} from './failures.js';
import {groupsBy, mapInFlight} from './in-flight.js';
import {
  LABEL,
  markLabels,
  markName,
  ofRun,
  readWorld,
  volumeSafe,
  withLease,
  type MarkVolume,
  type World,
} from './mark-volumes.js';

/** More debts of one run on one target than this is a bug, not a use. */
const MOST_PER_TARGET = 64;

type Created =
  | {readonly state: 'ours' | 'taken'}
  | {readonly state: 'foreign'; readonly by: string}
  | {readonly state: 'failed'; readonly why: string};

/**
 * Marks are labelled volumes, because the engine offers nothing else that another machine can see and that is created at
 * most once: creating a volume twice answers success both times, with the first creator's labels. One volume per debt; the
 * volumes of a run on a target are its lock. Whoever creates one looks afterwards whether another run has one too and
 * withdraws then, so that of two runs at least one always sees the other.
 */
export class Marks {
  constructor(private readonly engine: Engine) {}

  read(run: string | undefined, signal: AbortSignal): Promise<World> {
    return readWorld(this.engine, run, signal);
  }

  /** One answer per debt, in order. */
  async mark(run: string, debts: readonly Debt[], deadline: () => number): Promise<readonly Marked[]> {
    const failed = (why: string): readonly Marked[] => debts.map(({id}) => ({debt: id, state: 'failed', why}));
    const all = () => readWorld(this.engine, undefined, AbortSignal.timeout(Math.max(1, deadline())));
    try {
      const before = await all();
      const tried = await mapInFlight(
        groupsBy(debts, debt => debt.undo.ref.object),
        IN_FLIGHT,
        ([object, group]) => this.markTarget({run, object, debts: group, world: before, deadline}),
      );
      const after = await all();
      const answers = new Map(tried.flat().map(one => [one.debt, one]));
      const judged: Marked[] = [];
      for (const debt of debts)
        judged.push(await this.confirm(run, debt, {after, first: answers.get(debt.id), deadline}));
      return judged;
    } catch (error) {
      return failed(`the marks cannot be read: ${messageOf(error)}`);
    }
  }

  private async markTarget(request: {
    readonly run: string;
    readonly object: string;
    readonly debts: readonly Debt[];
    readonly world: World;
    readonly deadline: () => number;
  }): Promise<readonly Marked[]> {
    const {run, object, debts, world, deadline} = request;
    const present = world.marks.filter(mark => mark.object === object);
    const foreign = present.find(mark => mark.run !== run);
    if (foreign !== undefined) return debts.map(({id}) => held(id, foreign, world));
    const known = new Set(present.map(mark => mark.debt?.id));
    const answers: Marked[] = [];
    for (const debt of debts) {
      answers.push(known.has(debt.id) ? {debt: debt.id, state: 'marked'} : await this.add(debt, present, deadline));
    }
    return answers;
  }

  /** The first free number; each taken one costs a request, and only a run that marks twice at once meets one. */
  private async add(debt: Debt, present: readonly MarkVolume[], deadline: () => number): Promise<Marked> {
    const used = new Set(present.map(mark => mark.name));
    for (let nth = 1; nth <= MOST_PER_TARGET; nth += 1) {
      const name = markName(debt.undo.ref.object, nth);
      if (used.has(name)) continue;
      const created = await this.create(name, debt, deadline());
      if (created.state === 'ours') return {debt: debt.id, state: 'marked'};
      if (created.state === 'foreign') return {debt: debt.id, state: 'held', by: created.by, hardStop: ''};
      if (created.state === 'failed') return {debt: debt.id, state: 'failed', why: created.why};
    }
    return {debt: debt.id, state: 'failed', why: `more than ${MOST_PER_TARGET} debts on one target`};
  }

  private async create(name: string, debt: Debt, budgetMs: number): Promise<Created> {
    let labels: Readonly<Record<string, string>> = {};
    const outcome = await this.engine.mutate(async () => {
      const answer = await this.engine.docker.createVolume({Name: name, Labels: markLabels(debt)});
      labels = (answer as {readonly Labels?: Record<string, string> | null}).Labels ?? {};
    }, budgetMs);
    if (outcome.state !== 'done') return {state: 'failed', why: `the mark cannot be written: ${outcome.why}`};
    const owner = labels[LABEL.run] ?? '';
    if (owner !== debt.run) return {state: 'foreign', by: owner};
    return {state: labels[LABEL.debtId] === debt.id ? 'ours' : 'taken'};
  }

  /** What the world shows afterwards decides, also where the answer to our request was lost. */
  private async confirm(
    run: string,
    debt: Debt,
    seen: {readonly after: World; readonly first: Marked | undefined; readonly deadline: () => number},
  ): Promise<Marked> {
    const {after, first, deadline} = seen;
    const there = after.marks.filter(mark => mark.object === debt.undo.ref.object);
    const foreign = there.find(mark => mark.run !== run);
    const own = there.find(mark => mark.run === run && mark.debt?.id === debt.id);
    if (foreign === undefined) {
      if (own !== undefined) return {debt: debt.id, state: 'marked'};
      return first !== undefined && first.state !== 'marked'
        ? first
        : {debt: debt.id, state: 'failed', why: 'the mark was written but is not there any more'};
    }
    if (own !== undefined) await this.remove(own.name, deadline());
    return held(debt.id, foreign, after);
  }

  /** Removes the marks of these debts; answers what could not be removed, by debt. */
  async release(debts: readonly Debt[], deadline: () => number): Promise<ReadonlyMap<string, string>> {
    const left = new Map<string, string>();
    if (debts.length === 0) return left;
    let world: World;
    try {
      world = await this.read(undefined, AbortSignal.timeout(Math.max(1, deadline())));
    } catch (error) {
      const why = `its mark cannot be read: ${messageOf(error)}`;
      return new Map(debts.map(debt => [debt.id, why]));
    }
    const ids = new Map(debts.map(debt => [`${debt.run} ${debt.id}`, debt]));
    const ours = world.marks.filter(mark => ids.has(`${mark.run} ${mark.debt?.id ?? ''}`));
    await mapInFlight(ours, IN_FLIGHT, async mark => {
      const why = await this.remove(mark.name, deadline());
      if (why !== undefined && mark.debt !== undefined)
        left.set(mark.debt.id, `its mark ${mark.name} cannot be removed: ${why}`);
    });
    const removed = new Set(ours.map(mark => mark.name));
    for (const run of new Set(debts.map(debt => debt.run))) {
      const remains = world.marks.some(mark => mark.run === run && !removed.has(mark.name));
      if (!remains) for (const lease of ofRun(world.leases, run)) await this.remove(lease.name, deadline());
    }
    return left;
  }

  /** Labels cannot change, so a renewal is one more volume per run that carries all its leases; older ones are removed. */
  async renew(run: string, debts: readonly Debt[], deadline: () => number): Promise<void> {
    const world = await readWorld(this.engine, run, AbortSignal.timeout(Math.max(1, deadline())));
    const older = ofRun(world.leases, run);
    const leases: Record<string, Debt['lease']> = {};
    for (const one of older) Object.assign(leases, one.leases);
    for (const debt of debts) leases[debt.id] = debt.lease;
    const nth = Math.max(0, ...older.map(one => one.nth)) + 1;
    const labels = {[LABEL.run]: run, [LABEL.renewal]: String(nth), [LABEL.leases]: JSON.stringify(leases)};
    const name = `firedrill-lease-${volumeSafe(run)}-${nth}`;
    const outcome = await this.engine.mutate(
      () => this.engine.docker.createVolume({Name: name, Labels: labels}),
      deadline(),
    );
    if (outcome.state !== 'done') return;
    for (const lease of older) await this.remove(lease.name, deadline());
  }

  async requestStop(run: string, budgetMs: number): Promise<string | undefined> {
    const labels = {[LABEL.run]: run, [LABEL.stop]: 'true'};
    const name = `firedrill-stop-${volumeSafe(run)}`;
    const create = () => this.engine.docker.createVolume({Name: name, Labels: labels});
    const outcome = await this.engine.mutate(create, budgetMs);
    return outcome.state === 'done' ? undefined : outcome.why;
  }

  /** Stop requests and leases of a run that owes nothing. */
  async tidy(run: string, deadline: () => number): Promise<void> {
    const world = await readWorld(this.engine, run, AbortSignal.timeout(Math.max(1, deadline())));
    if (world.marks.some(mark => mark.run === run)) return;
    for (const volume of [...ofRun(world.stops, run), ...ofRun(world.leases, run)])
      await this.remove(volume.name, deadline());
  }

  /** Why it could not be removed; undefined when it is gone, whoever removed it. */
  private async remove(name: string, budgetMs: number): Promise<string | undefined> {
    const attempt = () => this.engine.mutate(() => this.engine.docker.getVolume(name).remove(), budgetMs);
    let outcome = await attempt();
    if (outcome.state === 'unknown') outcome = await attempt();
    return outcome.state === 'done' || outcome.status === 404 ? undefined : outcome.why;
  }
}

function held(debt: string, by: MarkVolume, world: World): Marked {
  const hardStop = by.debt === undefined ? '' : withLease(by.debt, world).lease.hardStop.wall;
  return {debt, state: 'held', by: by.run, hardStop};
}
