import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {AnyFault} from '../../src/faults/contract.js';
import type {JsonObject} from '../../src/quantities/json.js';
import type {
  Actuator,
  Ambient,
  Applied,
  Candidate,
  Change,
  Debt,
  Heal,
  Op,
  Proof,
  Reader,
  Settled,
  TargetRef,
} from '../../src/targets/contract.js';
import {driver} from '../../src/targets/drivers/docker/driver.js';
import {undoForms} from '../../src/targets/drivers/docker/marks/undo-forms.js';
import {readMarks} from '../../src/targets/debt.js';
import {removeMarks} from './docker.js';
import {formOn} from './fault-form.js';
import {openSecrets} from '../../src/system/secrets.js';

const BUDGET_MS = 20_000;
let runs = 0;

/** A signal that bounds every wait of a test. */
export const patience = (ms = 20_000) => AbortSignal.timeout(ms);

/** The docker driver as the runner uses it, on one engine and under one run; everything opened is closed by `close`. */
export class DockerBench {
  readonly run = `bench-${process.pid}-${++runs}`;
  readonly ambient: Ambient;
  readonly address: JsonObject;
  private readonly folder = mkdtempSync(join(tmpdir(), 'firedrill-docker-bench-'));
  private readonly opened: (Reader | Actuator)[] = [];
  private nth = 0;

  constructor(endpoint: JsonObject = {}) {
    this.ambient = {
      environment: {PATH: process.env['PATH'], HOME: process.env['HOME']},
      scratch: this.folder,
      stateDir: this.folder,
      ...openSecrets({}),
    };
    this.address = driver.address(endpoint, this.ambient);
  }

  async reader(): Promise<Reader> {
    const reader = await driver.reader(this.address, this.ambient);
    this.opened.push(reader);
    return reader;
  }

  async actuator(epoch = 1, live: () => boolean = () => true): Promise<Actuator> {
    const actuator = await driver.actuator(this.address, {run: this.run, epoch, live}, this.ambient);
    this.opened.push(actuator);
    return actuator;
  }

  async resolve(selector: JsonObject): Promise<readonly Candidate[]> {
    return (await this.reader()).resolve(selector, patience());
  }

  async draft(
    fault: AnyFault,
    selector: JsonObject,
    given: JsonObject = {},
    options: {heal?: Heal; named?: Readonly<Record<string, readonly TargetRef[]>>} = {},
  ) {
    const {heal = 'default', named = {}} = options;
    const reader = await this.reader();
    const targets = (await reader.resolve(selector, patience())).map(candidate => candidate.ref);
    const form = formOn(fault, 'container');
    const parameters = form.parameters().parse(given) as JsonObject;
    const request = {targets, parameters, can: reader.drafts, heal, forMs: 10_000, named, signal: patience()};
    return form.draft(request);
  }

  debts(changes: readonly Change[]): readonly Debt[] {
    return changes.flatMap(({undo}) => {
      if (!('op' in undo)) return [];
      this.nth += 1;
      const hardStop = {mono: 1, wall: '2999-01-01T00:00:00.000Z', boot: 'test'};
      const debt: Debt = {
        id: `${this.run}-${this.nth}`,
        run: this.run,
        occurrence: 'occurrence-1',
        epoch: 1,
        driver: `docker@${driver.version}`,
        address: this.address,
        undo,
        lease: {ms: 60_000, hardStop},
      };
      return [this.readable(JSON.parse(JSON.stringify(debt)) as Debt)];
    });
  }

  /** A mark that nobody could read back would be no mark: every undo that is drafted has its form. */
  private readable(debt: Debt): Debt {
    const {run, undo} = debt;
    const mark = {where: 'a mark', run, debts: [debt], isOn: () => true};
    const world = {driver: 'docker', version: driver.version, endpoint: undo.ref.endpoint} as const;
    const {unreadable} = readMarks([mark], {...world, undos: undoForms(this.folder)});
    if (unreadable.length > 0) throw new Error(`${undo.op}: ${unreadable[0]?.why ?? ''}`);
    return debt;
  }

  /** Marks, prepares and flips, and answers what is owed and what each flip answered. */
  async inject(changes: readonly Change[]): Promise<{debts: readonly Debt[]; applied: readonly Applied[]}> {
    const actuator = await this.actuator();
    const debts = this.debts(changes);
    for (const marked of await actuator.mark(debts, BUDGET_MS)) {
      if (marked.state !== 'marked') throw new Error(`not marked: ${JSON.stringify(marked)}`);
    }
    const prepared = await actuator.apply(
      changes.flatMap(change => change.prepare ?? []),
      BUDGET_MS,
    );
    const failed = prepared.find(one => one.state !== 'done');
    if (failed !== undefined) throw new Error(`not prepared: ${JSON.stringify(failed)}`);
    const flips = changes.map(change => change.flip);
    return {debts, applied: await actuator.apply(flips, BUDGET_MS)};
  }

  /** Drafts one change on the container of this name, and puts it in force. */
  async injectOne(fault: AnyFault, name: string, parameters: JsonObject) {
    const [change] = await this.draft(fault, {name}, parameters);
    if (change === undefined) throw new Error('nothing was drafted');
    const {debts, applied} = await this.inject([change]);
    for (const {state, why} of applied) {
      if (state !== 'done') throw new Error(why ?? state);
    }
    return {change, debts};
  }

  /** How each settlement ended, with the reason where there is one. */
  async undo(debts: readonly Debt[]): Promise<readonly string[]> {
    const settled = await this.settle(debts);
    return settled.map(one => ('why' in one ? `${one.outcome}: ${one.why}` : one.outcome));
  }

  async settle(debts: readonly Debt[], budgetMs = BUDGET_MS): Promise<readonly Settled[]> {
    return (await this.actuator(2)).settle(debts, budgetMs);
  }

  async prove(op: Op): Promise<Proof> {
    const [proof] = await (await this.reader()).prove([op], patience());
    if (proof === undefined) throw new Error('no proof');
    return proof;
  }

  async owed(): Promise<readonly string[]> {
    return (await (await this.reader()).debts(this.run, patience())).map(debt => debt.id);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.opened.map(one => one.close()));
    await removeMarks(this.run);
    rmSync(this.folder, {recursive: true, force: true});
  }
}
