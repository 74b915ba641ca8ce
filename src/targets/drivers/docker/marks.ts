import type {Debt, Marked} from '../../contract.js';
import {IN_FLIGHT, type Engine} from './engine.js';
import {messageOf} from './failures.js';
import {mapInFlight} from './in-flight.js';
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

/** Only a run that marks one target twice at the same moment needs more than one round. */
const ROUNDS = 5;

/**
 * Marks are labelled volumes, because the engine offers nothing else that another machine can see and that is created at
 * most once: creating a volume twice answers success both times and keeps the first creator's labels, so who owns it is
 * read afterwards. One volume per debt; the volumes of a run on a target are its lock. Whoever finds another run's volume
 * beside its own withdraws: as both look after they created, of two runs at least one sees the other.
 */
export class Marks {
  constructor(private readonly engine: Engine) {}

  read(run: string | undefined, signal: AbortSignal): Promise<World> {
    return readWorld(this.engine, run, signal);
  }

  /** One answer per debt, in order. */
  async mark(run: string, debts: readonly Debt[], deadline: () => number): Promise<readonly Marked[]> {
    const all = () => this.read(undefined, AbortSignal.timeout(Math.max(1, deadline())));
    const refusals = new Map<string, string>();
    try {
      let world = await all();
      for (let round = 1; round <= ROUNDS; round += 1) {
        const missing = debts.filter(debt => isFree(world, debt) && ownMark(world, debt) === undefined);
        if (missing.length === 0) break;
        await this.create(missing, world, {refusals, deadline});
        world = await all();
        if (refusals.size > 0) break;
      }
      return await mapInFlight(debts, IN_FLIGHT, debt => this.confirm(debt, world, {refusals, deadline}));
    } catch (error) {
      const why = `the marks of run ${run} cannot be read: ${messageOf(error)}`;
      return debts.map(({id}) => ({debt: id, state: 'failed', why}));
    }
  }

  /** Each under the first number that is free on its target. */
  private async create(debts: readonly Debt[], world: World, request: Request): Promise<void> {
    const used = new Set(world.marks.map(mark => mark.name));
    const named = debts.map(debt => {
      let nth = 1;
      while (used.has(markName(debt.undo.ref.object, nth))) nth += 1;
      const name = markName(debt.undo.ref.object, nth);
      used.add(name);
      return {debt, name};
    });
    await mapInFlight(named, IN_FLIGHT, async ({debt, name}) => {
      const volume = {Name: name, Labels: markLabels(debt)};
      const outcome = await this.engine.mutate(() => this.engine.docker.createVolume(volume), request.deadline());
      if (outcome.state !== 'done') request.refusals.set(debt.id, `the mark cannot be written: ${outcome.why}`);
    });
  }

  /** What the world shows decides, also where the answer to our request was lost. */
  private async confirm(debt: Debt, world: World, request: Request): Promise<Marked> {
    const own = ownMark(world, debt);
    const foreign = world.marks.find(mark => mark.object === debt.undo.ref.object && mark.run !== debt.run);
    if (foreign !== undefined) {
      if (own !== undefined) await this.remove(own.name, request.deadline());
      return held(debt.id, foreign, world);
    }
    if (own !== undefined) return {debt: debt.id, state: 'marked'};
    const why = request.refusals.get(debt.id) ?? 'the mark was written but is not there';
    return {debt: debt.id, state: 'failed', why};
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

interface Request {
  /** Why a mark could not be written, by debt. */
  readonly refusals: Map<string, string>;
  readonly deadline: () => number;
}

function ownMark(world: World, debt: Debt): MarkVolume | undefined {
  return world.marks.find(mark => mark.run === debt.run && mark.debt?.id === debt.id);
}

function isFree(world: World, debt: Debt): boolean {
  return !world.marks.some(mark => mark.object === debt.undo.ref.object && mark.run !== debt.run);
}

function held(debt: string, by: MarkVolume, world: World): Marked {
  const hardStop = by.debt === undefined ? '' : withLease(by.debt, world).lease.hardStop.wall;
  return {debt, state: 'held', by: by.run, hardStop};
}
