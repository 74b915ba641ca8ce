import type {JsonObject} from '../../src/quantities/json.js';
import type {
  Actuator,
  Ambient,
  Candidate,
  Change,
  Debt,
  Driver,
  Op,
  Proof,
  Reader,
  Settled,
} from '../../src/targets/contract.js';

const BUDGET_MS = 15_000;

/** A driver opened for one selector, with the steps that a run takes, for tests of what a fault really does. */
export interface Opened {
  readonly reader: Reader;
  readonly address: JsonObject;
  find(): Promise<readonly Candidate[]>;
  one(): Promise<Candidate>;
  prove(op: Op): Promise<Proof>;
  apply(op: Op): ReturnType<Actuator['apply']>;
  owe(change: Change, run?: string): Debt;
  /** Marks, prepares and flips. */
  inject(change: Change, run?: string): Promise<Debt>;
  /** From an actuator and a debt as a fresh process has them. */
  settle(debt: Debt): Promise<Settled>;
  owed(): Promise<readonly Debt[]>;
}

export async function openDriver(driver: Driver, selector: JsonObject, ambient: Ambient): Promise<Opened> {
  const address = JSON.parse(JSON.stringify(driver.address(selector, ambient))) as JsonObject;
  const reader = await driver.reader(address, ambient);
  const signal = () => AbortSignal.timeout(BUDGET_MS);
  const actuator = (run: string) => driver.actuator(address, {run, epoch: 1, live: () => true}, ambient);
  const opened: Opened = {
    reader,
    address,
    find: () => reader.resolve(selector, signal()),
    one: async () => {
      const found = await opened.find();
      if (found.length !== 1) throw new Error(`expected one candidate; got ${found.length}`);
      return found[0]!;
    },
    prove: async op => (await reader.prove([op], signal()))[0]!,
    apply: async op => (await actuator('run')).apply([op], BUDGET_MS),
    owe: (change, run = 'run') => owe(driver, address, change, run),
    inject: async (change, run = 'run') => {
      const debt = owe(driver, address, change, run);
      const acting = await actuator(run);
      const [marked] = await acting.mark([debt], BUDGET_MS);
      if (marked?.state !== 'marked') throw new Error(JSON.stringify(marked));
      for (const op of change.prepare === undefined ? [change.flip] : [change.prepare, change.flip]) {
        const [applied] = await acting.apply([op], BUDGET_MS);
        if (applied?.state !== 'done') throw new Error(`${op.op}: ${applied?.state ?? ''} ${applied?.why ?? ''}`);
      }
      return debt;
    },
    settle: async debt =>
      (await (await actuator(debt.run)).settle([JSON.parse(JSON.stringify(debt)) as Debt], BUDGET_MS))[0]!,
    owed: () => reader.debts(undefined, signal()),
  };
  return opened;
}

function owe(driver: Driver, address: JsonObject, change: Change, run: string): Debt {
  if (!('op' in change.undo)) throw new Error(JSON.stringify(change.undo));
  return {
    id: `${run}/1/${change.flip.op}`,
    run,
    occurrence: `${run}/1`,
    epoch: 1,
    driver: `${driver.name}@${driver.version}`,
    address,
    undo: change.undo,
    lease: {ms: 60_000, hardStop: {mono: 1, wall: '2999-01-01T00:00:00.000Z', boot: 'test'}},
  };
}
