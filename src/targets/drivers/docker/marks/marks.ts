import {signalWithin} from '../../../../system/clock.js';
import type {Debt, Marked} from '../../../contract.js';
import {IN_FLIGHT, type Engine} from '../engine/engine.js';
import {messageOf, type MutationOutcome} from '../engine/failures.js';
import {mapInFlight} from '../../../../system/in-flight.js';
import {
  LABEL,
  markVolumes,
  ofRun,
  readWorld,
  volumeSafe,
  withLease,
  type MarkVolume,
  type OwnVolume,
  type EngineVolumes,
} from './mark-volumes.js';

/** Only runs that mark one target at the same moment need more than one round. */
const ROUNDS = 10;
const BETWEEN_ROUNDS_MS = 50;

/**
 * Marks are labelled volumes, because the engine offers nothing else that another machine can see. The debts that are
 * marked together share a volume; the volumes of a run that name a target are its lock. Whoever finds another run's
 * volume beside its own new one withdraws: as both look after they created, of two runs at least one sees the other.
 * Where both do, the one whose name comes first tries again, so that one of them gets the target.
 */
export class Marks {
  /** Volumes cannot be changed: taking a debt out of one is a new volume and the removal of the old, one at a time. */
  private releasing: Promise<unknown> = Promise.resolve();

  constructor(private readonly engine: Engine) {}

  read(run: string | undefined, signal: AbortSignal): Promise<EngineVolumes> {
    return readWorld(this.engine, run, signal);
  }

  /** One answer per debt, in order. */
  async mark(run: string, debts: readonly Debt[], deadline: () => number): Promise<readonly Marked[]> {
    try {
      return await this.compete(debts, deadline);
    } catch (error) {
      const why = `the marks of run ${run} cannot be read: ${messageOf(error)}`;
      return debts.map(({id}) => ({debt: id, state: 'failed', why}));
    }
  }

  private async compete(debts: readonly Debt[], deadline: () => number): Promise<readonly Marked[]> {
    const all = () => this.read(undefined, signalWithin(deadline()));
    // Runs that marked at the same moment and come later by name: they withdraw.
    const rivals = new Set<string>();
    const withdrawn = new Set<Debt>();
    for (let round = 1; ; round += 1) {
      const before = await all();
      const missing = debts.filter(debt => isFree(before, debt) && ownMark(before, debt) === undefined);
      const refused = await this.create(missing, deadline);
      const world = missing.length === 0 ? before : await all();
      for (const debt of missing) withdrawn.delete(debt);
      // Only what was created just now: a mark from before may stand for a fault that is in force.
      const contested = missing.filter(debt => !isFree(world, debt) && ownMark(world, debt) !== undefined);
      await this.shrink(world, contested, deadline);
      for (const debt of contested) {
        withdrawn.add(debt);
        for (const {run} of foreignMarks(world, debt)) if (debt.run < run) rivals.add(run);
      }
      const waits = debts.some(debt => foreignMarks(world, debt).some(({run}) => rivals.has(run)));
      if (!waits || round === ROUNDS) {
        return debts.map(debt => answer(debt, {world, withdrawn: withdrawn.has(debt), refused}));
      }
      await this.engine.clock.sleep(BETWEEN_ROUNDS_MS);
    }
  }

  /** Why it could not be written, where the engine refused. */
  private async create(debts: readonly Debt[], deadline: () => number): Promise<string | undefined> {
    const outcomes = await mapInFlight(markVolumes(debts), IN_FLIGHT, volume =>
      this.engine.mutate(() => this.engine.docker.createVolume(volume), deadline()),
    );
    const bad = outcomes.find(
      (outcome): outcome is Exclude<MutationOutcome, {state: 'done'}> => outcome.state !== 'done',
    );
    return bad?.why;
  }

  /** Takes these debts out of their marks; answers what could not be removed, by debt. */
  private async shrink(
    world: EngineVolumes,
    debts: readonly Debt[],
    deadline: () => number,
  ): Promise<ReadonlyMap<string, string>> {
    const left = new Map<string, string>();
    const ids = new Set(debts.map(keyOf));
    // What else it holds may be owed: a mark that nobody understands as a whole is for a person to take away.
    const affected = world.marks.filter(
      mark => mark.values.length === mark.debts.length && mark.debts.some(debt => ids.has(keyOf(debt))),
    );
    await mapInFlight(affected, IN_FLIGHT, async mark => {
      // First the new one: at no moment is a debt unmarked that is still owed.
      const rest = mark.debts.filter(debt => !ids.has(keyOf(debt)));
      const why = (await this.create(rest, deadline)) ?? (await this.remove(mark.name, deadline()));
      if (why === undefined) return;
      for (const debt of mark.debts)
        if (ids.has(keyOf(debt))) left.set(debt.id, `its mark ${mark.name} cannot be removed: ${why}`);
    });
    return left;
  }

  /** Removes the marks of these debts; answers what could not be removed, by debt. */
  release(debts: readonly Debt[], deadline: () => number): Promise<ReadonlyMap<string, string>> {
    const released = this.releasing.then(() => this.releaseNow(debts, deadline));
    this.releasing = released;
    return released;
  }

  private async releaseNow(debts: readonly Debt[], deadline: () => number): Promise<ReadonlyMap<string, string>> {
    if (debts.length === 0) return new Map();
    let world: EngineVolumes;
    try {
      world = await this.read(undefined, signalWithin(deadline()));
    } catch (error) {
      const why = `its mark cannot be read: ${messageOf(error)}`;
      return new Map(debts.map(debt => [debt.id, why]));
    }
    const left = await this.shrink(world, debts, deadline);
    const ids = new Set(debts.map(keyOf));
    for (const run of new Set(debts.map(debt => debt.run))) {
      const remains = ofRun(world.marks, run).some(mark => mark.debts.some(debt => !ids.has(keyOf(debt))));
      if (!remains) await this.removeAll(ofRun(world.leases, run), deadline);
    }
    return left;
  }

  /**
   * Labels cannot change, so a renewal is one more volume per run that carries all its leases; older ones are removed.
   */
  async renew(run: string, debts: readonly Debt[], deadline: () => number): Promise<void> {
    const world = await readWorld(this.engine, run, signalWithin(deadline()));
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
    if (outcome.state === 'done') await this.removeAll(older, deadline);
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
    const world = await readWorld(this.engine, run, signalWithin(deadline()));
    if (ofRun(world.marks, run).length > 0) return;
    await this.removeAll([...ofRun(world.stops, run), ...ofRun(world.leases, run)], deadline);
  }

  private async removeAll(volumes: readonly OwnVolume[], deadline: () => number): Promise<void> {
    for (const {name} of volumes) await this.remove(name, deadline());
  }

  /** Why it could not be removed; undefined when it is gone, whoever removed it. */
  private async remove(name: string, budgetMs: number): Promise<string | undefined> {
    const attempt = () => this.engine.mutate(() => this.engine.docker.getVolume(name).remove(), budgetMs);
    let outcome = await attempt();
    if (outcome.state === 'unknown') outcome = await attempt();
    return outcome.state === 'done' || outcome.status === 404 ? undefined : outcome.why;
  }
}

function keyOf(debt: Debt): string {
  return `${debt.run} ${debt.id}`;
}

function ownMark(world: EngineVolumes, debt: Debt): MarkVolume | undefined {
  return world.marks.find(mark => mark.debts.some(marked => keyOf(marked) === keyOf(debt)));
}

function foreignMarks(world: EngineVolumes, debt: Debt): readonly MarkVolume[] {
  return world.marks.filter(mark => mark.run !== debt.run && mark.objects.has(debt.undo.ref.object));
}

function isFree(world: EngineVolumes, debt: Debt): boolean {
  return foreignMarks(world, debt).length === 0;
}

/** What the world shows decides, also where the answer to our request was lost. */
function answer(
  debt: Debt,
  {
    world,
    withdrawn,
    refused,
  }: {readonly world: EngineVolumes; readonly withdrawn: boolean; readonly refused: string | undefined},
): Marked {
  const foreign = foreignMarks(world, debt)[0];
  const own = withdrawn ? undefined : ownMark(world, debt);
  if (own !== undefined) return {debt: debt.id, state: 'marked'};
  if (foreign !== undefined)
    return {debt: debt.id, state: 'held', by: foreign.run, hardStop: hardStopOf(foreign, world)};
  const why =
    refused === undefined ? 'the mark was written but is not there' : `the mark cannot be written: ${refused}`;
  return {debt: debt.id, state: 'failed', why};
}

/** The latest of what the mark holds, renewals included. */
function hardStopOf({debts, hardStop}: MarkVolume, world: EngineVolumes): string {
  return (
    debts
      .map(debt => withLease(debt, world).lease.hardStop.wall)
      .sort()
      .at(-1) ?? hardStop
  );
}
