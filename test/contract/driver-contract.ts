import {expect} from 'chai';
import {itUnless} from '../support/needs.js';
import type {JsonObject} from '../../src/quantities/json.js';
import type {
  Actuator,
  Ambient,
  Applied,
  Change,
  Debt,
  Driver,
  Drafts,
  Fence,
  Op,
  Proof,
  Reader,
  Settled,
  TargetRef,
  Undo,
} from '../../src/targets/contract.js';

/**
 * ONE suite that every driver passes: `describeDriver('docker', subject)`.
 *
 * A subject says how to get a fresh target and which faults to walk through:
 *
 *     describeDriver('docker', {
 *       driver,                                   // the Driver under test
 *       open: async () => stage,                  // a new target for every test (beforeEach); see `Stage`
 *       cases: [{name: 'pause', draft: (can, ref) => can.lifecycle!.pause(ref)}, …],
 *     });
 *
 * Every case must be reversible (an `irreversible` change is tested in the driver's own tests). The suite builds debts
 * from the drafted changes, always goes through `mark` → `prepare` → `flip`, and settles from an actuator that was
 * opened anew and a debt that went through JSON, as the guardian and `recover` do. `stage.close()` is called whatever
 * happened and has to remove everything, also a target that a failed test left frozen.
 */
export interface DriverSubject {
  readonly driver: Driver;
  open(): Promise<Stage>;
  readonly cases: readonly FaultCase[];
  /** Why its targets have no restart; else each `Stage` has one. */
  readonly noRestart?: string;
  /** For every mutation, ms; default 20 000. */
  readonly budgetMs?: number;
  /** Mocha time-out of one test, ms; default 60 000. */
  readonly timeoutMs?: number;
}

/** One fresh target in its world. */
export interface Stage {
  readonly ambient: Ambient;
  /** Normalised selector that resolves to exactly one candidate, the target. */
  readonly selector: JsonObject;
  /** Normalised selector for the same endpoint that resolves to nothing. */
  readonly missing: JsonObject;
  /** Someone else removes the target for good (`docker rm -f`), also while a fault is in force. */
  vanish(): Promise<void>;
  /** Someone else restarts the target: same object, new incarnation. Left out where the subject has none. */
  readonly restart?: () => Promise<void>;
  /** Removes everything that was made for this test. */
  close(): Promise<void>;
}

type Outcome = Settled['outcome'];

/** One fault as the driver drafts it. */
export interface FaultCase {
  readonly name: string;
  draft(can: Partial<Drafts>, ref: TargetRef): Promise<Change>;
  /** Event faults stay `in-force` after their undo: only the undo's own proof is then asked. Default `state`. */
  readonly nature?: 'state' | 'event';
  /** What `settle` may answer when the target vanished mid-fault. Default `gone`. */
  readonly vanished?: readonly Outcome[];
  /**
   * When it was restarted mid-fault. Default by the undo's lifetime: incarnation `gone`, `already`; object `undone`.
   */
  readonly restarted?: readonly Outcome[];
  /** Only for undos with `restore`: someone else sets the value to one that is neither `was` nor `ours`. */
  overwrite?(stage: Stage, ref: TargetRef): Promise<void>;
}

/** A signal for waits of the tests; bounded, so that a stuck driver fails instead of hanging. */
const patience = () => AbortSignal.timeout(20_000);

export function fenceOf(run: string, epoch = 1, live: () => boolean = () => true): Fence {
  return {run, epoch, live};
}

/** The debt that the runner would record for a change. */
export function debtOf(driver: Driver, address: JsonObject, change: Change, run: string, nth = 1): Debt {
  if (!('op' in change.undo))
    throw new Error(`the case drafts a change without an undo: ${JSON.stringify(change.undo)}`);
  const debt: Debt = {
    id: `${run}-${nth}`,
    run,
    occurrence: `${run}/occurrence-1`,
    epoch: 1,
    driver: `${driver.name}@${driver.version}`,
    address,
    undo: change.undo,
    lease: {ms: 60_000, hardStop: {mono: 1, wall: '2999-01-01T00:00:00.000Z', boot: 'test'}},
  };
  return throughJson(debt);
}

/** What a fresh process would read back from disk. */
export function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Everything opened in one test, closed after it. */
class Bench {
  private readonly opened: (Reader | Actuator)[] = [];
  readonly address: JsonObject;

  constructor(
    readonly subject: DriverSubject,
    readonly stage: Stage,
  ) {
    this.address = throughJson(subject.driver.address(stage.selector, stage.ambient));
  }

  get budget(): number {
    return this.subject.budgetMs ?? 20_000;
  }

  async reader(): Promise<Reader> {
    const reader = await this.subject.driver.reader(this.address, this.stage.ambient);
    this.opened.push(reader);
    return reader;
  }

  async actuator(fence: Fence): Promise<Actuator> {
    const actuator = await this.subject.driver.actuator(this.address, fence, this.stage.ambient);
    this.opened.push(actuator);
    return actuator;
  }

  async target(): Promise<TargetRef> {
    const candidates = await (await this.reader()).resolve(this.stage.selector, patience());
    expect(candidates, 'the stage selector finds exactly one candidate').to.have.length(1);
    return candidates[0]!.ref;
  }

  async draft(fault: FaultCase): Promise<Change> {
    return throughJson(await fault.draft((await this.reader()).drafts, await this.target()));
  }

  /** From a reader of its own, as another process would ask. */
  async proof(op: Op): Promise<Proof> {
    const [answer] = await (await this.reader()).prove([op], patience());
    expect(answer, 'one answer per proof').to.not.equal(undefined);
    return answer!;
  }

  async state(op: Op): Promise<string> {
    return (await this.proof(op)).state;
  }

  async apply(change: Change, fence: Fence): Promise<readonly Applied[]> {
    const actuator = await this.actuator(fence);
    const ops = change.prepare === undefined ? [change.flip] : [change.prepare, change.flip];
    const applied: Applied[] = [];
    for (const op of ops) applied.push(...(await actuator.apply([op], this.budget)));
    return applied;
  }

  /** Marks and flips; answers the debt and the undo. */
  async inject(fault: FaultCase, run: string): Promise<{change: Change; debt: Debt; undo: Undo}> {
    const change = await this.draft(fault);
    const debt = debtOf(this.subject.driver, this.address, change, run);
    const marked = await (await this.actuator(fenceOf(run))).mark([debt], this.budget);
    expect(marked).to.deep.equal([{debt: debt.id, state: 'marked'}]);
    for (const one of await this.apply(change, fenceOf(run))) expect(one).to.deep.equal({op: one.op, state: 'done'});
    expect(await this.state(change.proof), 'the fault is in force').to.equal('in-force');
    return {change, debt, undo: debt.undo};
  }

  /** From an actuator of its own and a debt that went through JSON. */
  async settle(debt: Debt, epoch = 2): Promise<Settled> {
    const actuator = await this.actuator(fenceOf(debt.run, epoch));
    const settled = await actuator.settle([throughJson(debt)], this.budget);
    expect(settled).to.have.length(1);
    expect(settled[0]?.debt).to.equal(debt.id);
    return settled[0]!;
  }

  async owed(run?: string): Promise<readonly string[]> {
    const debts = await (await this.reader()).debts(run, patience());
    return debts.filter(debt => run !== undefined || debt.run.startsWith('contract')).map(debt => debt.id);
  }

  async facets(ref: TargetRef): Promise<JsonObject | undefined> {
    return (await (await this.reader()).facets([ref], patience()))[ref.object];
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.opened.map(one => one.close()));
    await this.stage.close();
  }
}

/** Marks live in a shared world: every test has runs of its own. */
let runs = 0;
const newRun = () => `contract-${process.pid}-${++runs}`;

/** What `settle` answered, with the reason where there is one: readable when an expectation fails. */
const said = (settled: Settled) => settled.outcome + ('why' in settled ? `: ${settled.why}` : '');

export function describeDriver(name: string, subject: DriverSubject): void {
  describe(`Driver contract: ${name}`, function () {
    this.timeout(subject.timeoutMs ?? 60_000);
    let bench: Bench;

    beforeEach(async () => {
      bench = new Bench(subject, await subject.open());
    });
    afterEach(async () => {
      await bench.close();
    });

    describeReading(() => bench);
    describeMarks(() => bench, subject.cases[0]!);
    for (const fault of subject.cases) describeCase(() => bench, fault, subject.noRestart);
  });
}

function describeReading(bench: () => Bench): void {
  it('resolves the selector to the one target, with the endpoint that reader and actuator name', async () => {
    const reader = await bench().reader();
    const [candidate, ...others] = await reader.resolve(bench().stage.selector, patience());
    expect(others).to.deep.equal([]);
    expect(candidate?.protectedBy).to.equal(undefined);
    expect(candidate?.ref.driver).to.equal(bench().subject.driver.name);
    expect(candidate?.ref.endpoint).to.equal(reader.endpoint);
    expect((await bench().actuator(fenceOf(newRun()))).endpoint).to.equal(reader.endpoint);
    expect(throughJson(candidate)).to.deep.equal(candidate);
  });

  it('resolves a selector that matches nothing to nothing', async () => {
    expect(await (await bench().reader()).resolve(bench().stage.missing, patience())).to.deep.equal([]);
  });

  it('resolves to the same reference every time', async () => {
    expect(await bench().target()).to.deep.equal(await bench().target());
  });

  it('changes nothing while it resolves, drafts, proves and asks', async () => {
    const ref = await bench().target();
    const before = await bench().facets(ref);
    expect(before, 'the target has facets').to.not.equal(undefined);
    const reader = await bench().reader();
    for (const fault of bench().subject.cases) {
      const change = await fault.draft(reader.drafts, ref);
      expect(change.target.object).to.be.a('string');
      await reader.prove([change.proof], patience());
    }
    await reader.debts(undefined, patience());
    await reader.stopRequested(newRun(), patience());
    expect(await reader.problems(patience())).to.be.an('array');
    expect(await bench().facets(ref)).to.deep.equal(before);
    expect(await bench().target()).to.deep.equal(ref);
  });
}

function describeMarks(bench: () => Bench, fault: FaultCase): void {
  const owing = async (run: string, nth = 1) =>
    debtOf(bench().subject.driver, bench().address, await bench().draft(fault), run, nth);

  it('marks a target for one run only, names that run to others, and frees it when all is settled', async () => {
    const [first, second] = [newRun(), newRun()];
    const ours = await owing(first);
    const theirs = await owing(second);
    const one = await bench().actuator(fenceOf(first));
    const two = await bench().actuator(fenceOf(second));
    expect(await one.mark([ours], bench().budget)).to.deep.equal([{debt: ours.id, state: 'marked'}]);
    const [held] = await two.mark([theirs], bench().budget);
    expect(held).to.include({debt: theirs.id, state: 'held', by: first});
    expect(await bench().owed(second)).to.deep.equal([]);
    await bench().settle(ours);
    expect(await two.mark([theirs], bench().budget)).to.deep.equal([{debt: theirs.id, state: 'marked'}]);
    await bench().settle(theirs);
  });

  it('lets exactly one of two runs win when both mark at the same time', async () => {
    const both = [newRun(), newRun()];
    const debts = await Promise.all(both.map(run => owing(run)));
    const actuators = await Promise.all(both.map(run => bench().actuator(fenceOf(run))));
    const answers = await Promise.all(actuators.map((actuator, i) => actuator.mark([debts[i]!], bench().budget)));
    expect(
      answers
        .flat()
        .map(answer => answer.state)
        .sort(),
    ).to.deep.equal(['held', 'marked']);
    for (const debt of debts) await bench().settle(debt);
    for (const run of both) expect(await bench().owed(run)).to.deep.equal([]);
  });

  it('marks again for the same run and adds further debts', async () => {
    const run = newRun();
    const [one, two] = [await owing(run, 1), await owing(run, 2)];
    const actuator = await bench().actuator(fenceOf(run));
    for (const debts of [[one], [one], [two]])
      expect((await actuator.mark(debts, bench().budget)).map(marked => marked.state)).to.deep.equal(['marked']);
    expect([...(await bench().owed(run))].sort()).to.deep.equal([one.id, two.id].sort());
    await bench().settle(one);
    expect(await bench().owed(run)).to.deep.equal([two.id]);
    await bench().settle(two);
    expect(await bench().owed(run)).to.deep.equal([]);
  });

  it('reads the whole debt back from the mark with a fresh reader', async () => {
    const run = newRun();
    const debt = await owing(run);
    await (await bench().actuator(fenceOf(run))).mark([debt], bench().budget);
    expect(await (await bench().reader()).debts(run, patience())).to.deep.equal([debt]);
    expect(await bench().owed()).to.include(debt.id);
    await bench().settle(debt);
  });

  it('pushes the hard stop out in the mark', async () => {
    const run = newRun();
    const debt = await owing(run);
    const later: Debt = {...debt, lease: {ms: 90_000, hardStop: {...debt.lease.hardStop, mono: 2}}};
    const actuator = await bench().actuator(fenceOf(run));
    await actuator.mark([debt], bench().budget);
    await actuator.renew([later], bench().budget);
    expect((await (await bench().reader()).debts(run, patience())).map(one => one.lease)).to.deep.equal([later.lease]);
    await bench().settle(debt);
  });

  it('leaves a request to stop that only the named run sees', async () => {
    const [run, other] = [newRun(), newRun()];
    await (await bench().actuator(fenceOf(other))).requestStop(run);
    const reader = await bench().reader();
    expect(await reader.stopRequested(run, patience())).to.equal(true);
    expect(await reader.stopRequested(other, patience())).to.equal(false);
  });
}

function describeCase(bench: () => Bench, fault: FaultCase, noRestart: string | undefined): void {
  describe(`fault ${fault.name}`, () => {
    describeCycle(bench, fault);
    describeTrouble(bench, fault, noRestart);
  });
}

function describeCycle(bench: () => Bench, fault: FaultCase): void {
  const afterUndo = fault.nature === 'event' ? ['in-force', 'absent'] : ['absent'];

  it('goes from absent to in force and back, and settling again is harmless', async () => {
    const run = newRun();
    const ref = await bench().target();
    const before = await bench().facets(ref);
    const drafted = await bench().draft(fault);
    expect(await bench().state(drafted.proof), 'absent before').to.equal('absent');
    const {change, debt, undo} = await bench().inject(fault, run);
    expect(await bench().owed(run)).to.deep.equal([debt.id]);
    expect(said(await bench().settle(debt))).to.equal('undone');
    expect(await bench().state(change.proof), 'the fault after the undo').to.be.oneOf(afterUndo);
    expect(await bench().state(undo.proof), 'the undo after the undo').to.equal('absent');
    expect(await bench().owed(run)).to.deep.equal([]);
    expect(said(await bench().settle(debt))).to.be.oneOf(['already', 'gone']);
    expect(await bench().facets(ref), 'facets').to.deep.equal(before);
  });

  it('alters no facet that it does not say it touches', async () => {
    const ref = await bench().target();
    const before = await bench().facets(ref);
    const {change, debt} = await bench().inject(fault, newRun());
    const during = (await bench().facets(ref)) ?? {};
    const altered = Object.keys({...before, ...during}).filter(
      facet => JSON.stringify(before?.[facet]) !== JSON.stringify(during[facet]),
    );
    expect(change.touches, 'Change.touches').to.include.members(altered);
    await bench().settle(debt);
  });

  it('settles a debt that was marked but never acted on without touching the target', async () => {
    const run = newRun();
    const before = await bench().target();
    const debt = debtOf(bench().subject.driver, bench().address, await bench().draft(fault), run);
    await (await bench().actuator(fenceOf(run))).mark([debt], bench().budget);
    expect(said(await bench().settle(debt))).to.be.oneOf(['already', 'undone']);
    expect(await bench().owed(run)).to.deep.equal([]);
    expect(await bench().target()).to.deep.equal(before);
  });

  it('can be injected again after it was undone', async () => {
    const run = newRun();
    for (const _round of [1, 2]) {
      const {debt} = await bench().inject(fault, run);
      expect(said(await bench().settle(debt))).to.equal('undone');
    }
  });

  it('can be settled by two at the same time', async () => {
    const run = newRun();
    const {debt, undo} = await bench().inject(fault, run);
    const both = await Promise.all([bench().settle(debt, 2), bench().settle(debt, 3)]);
    for (const settled of both) expect(said(settled)).to.be.oneOf(['undone', 'already', 'gone']);
    expect(await bench().state(undo.proof)).to.equal('absent');
    expect(await bench().owed(run)).to.deep.equal([]);
  });
}

function describeTrouble(bench: () => Bench, fault: FaultCase, noRestart: string | undefined): void {
  it('refuses to act once the fence is dead, and changes nothing', async () => {
    const run = newRun();
    const change = await bench().draft(fault);
    const ref = await bench().target();
    const before = await bench().facets(ref);
    const applied = await bench().apply(
      change,
      fenceOf(run, 1, () => false),
    );
    expect(new Set(applied.map(({state}) => state))).to.deep.equal(new Set(['refused']));
    expect(await bench().state(change.proof)).to.equal('absent');
    expect(await bench().facets(ref)).to.deep.equal(before);
  });

  it('does not undo once the fence is dead', async () => {
    const {debt, undo} = await bench().inject(fault, newRun());
    const dead = await bench().actuator(fenceOf(debt.run, 1, () => false));
    const [refused] = await dead.settle([debt], bench().budget);
    expect(refused?.outcome).to.be.oneOf(['failed', 'unknown']);
    expect(await bench().state(undo.proof)).to.equal('in-force');
    expect(said(await bench().settle(debt))).to.equal('undone');
  });

  it('leaves a fault alone that another run holds: a debt that was never marked is settled without acting', async () => {
    const holder = await bench().inject(fault, newRun());
    const stranger = {...holder.debt, id: `${holder.debt.id}-stranger`, run: newRun()};
    expect(said(await bench().settle(stranger))).to.equal('already');
    // What happens once may have been healed by its platform meanwhile; what holds must still be in force.
    const [states, outcomes] =
      fault.nature === 'event'
        ? [
            ['in-force', 'absent'],
            ['undone', 'already'],
          ]
        : [['in-force'], ['undone']];
    expect(await bench().state(holder.undo.proof), "the holder's fault").to.be.oneOf(states);
    expect(said(await bench().settle(holder.debt))).to.be.oneOf(outcomes);
  });

  it('finds the target gone when it vanished mid-fault, and owes nothing more', async () => {
    const {debt, undo} = await bench().inject(fault, newRun());
    await bench().stage.vanish();
    expect(await bench().state(undo.proof), 'a vanished target needs no undo').to.be.oneOf(
      fault.vanished === undefined ? ['absent'] : ['absent', 'in-force'],
    );
    expect(said(await bench().settle(debt))).to.be.oneOf([...(fault.vanished ?? ['gone'])]);
    expect(await bench().owed(debt.run)).to.deep.equal([]);
  });

  itUnless(noRestart, 'knows what a restart mid-fault left behind', async () => {
    const {restart} = bench().stage;
    if (restart === undefined) throw new Error('the subject says nothing of `noRestart`, but its stage has no restart');
    const {debt, undo} = await bench().inject(fault, newRun());
    await restart();
    const byLifetime: readonly Outcome[] = undo.lifetime === 'incarnation' ? ['gone', 'already'] : ['undone'];
    expect(said(await bench().settle(debt))).to.be.oneOf([...(fault.restarted ?? byLifetime)]);
    expect(await bench().state(undo.proof)).to.equal('absent');
    expect(await bench().owed(debt.run)).to.deep.equal([]);
  });

  if (fault.overwrite !== undefined)
    it('leaves a value alone that someone else changed meanwhile', async () => {
      const {debt, undo} = await bench().inject(fault, newRun());
      expect(undo.restore, 'the undo says what it restores').to.not.equal(undefined);
      await fault.overwrite?.(bench().stage, undo.ref);
      const changed = await bench().facets(undo.ref);
      expect(said(await bench().settle(debt))).to.equal('superseded');
      expect(await bench().facets(undo.ref)).to.deep.equal(changed);
      expect(await bench().owed(debt.run)).to.deep.equal([]);
    });
}
