import type {JsonObject} from '../../quantities/json.js';
import {FiredrillError} from '../../system/error.js';
import type {Actuator, Debt, DriverName, Reader} from '../../targets/contract.js';
import type {Ports} from '../ports.js';
import type {RunFence} from './fence.js';

const DRIVER_NAMES: readonly DriverName[] = [
  'docker',
  'kubernetes',
  'process',
  'proxy',
  'toxiproxy',
  'command',
  'memory',
];

interface Closable {
  close(): Promise<void>;
}

/** Opens each endpoint once, by driver and address, and closes them together. */
class Pool<T extends Closable> {
  private readonly open = new Map<string, Promise<T>>();

  get(driver: string, address: JsonObject, opener: () => Promise<T>): Promise<T> {
    const key = JSON.stringify([driver, address]);
    const known = this.open.get(key);
    if (known !== undefined) return known;
    // An endpoint that could not be opened is tried again by the next caller.
    const opening = opener().catch((error: unknown) => {
      this.open.delete(key);
      throw error;
    });
    this.open.set(key, opening);
    return opening;
  }

  async close(): Promise<void> {
    const all = [...this.open.values()];
    this.open.clear();
    await Promise.allSettled(all.map(async connection => (await connection).close()));
  }
}

/** The readers of a run: all that `plan` ever gets. */
export class Readers {
  private readonly pool = new Pool<Reader>();

  constructor(private readonly ports: Ports) {}

  get(driver: DriverName, address: JsonObject): Promise<Reader> {
    const {ports} = this;
    return this.pool.get(driver, address, async () => (await ports.driver(driver)).reader(address, ports.ambient));
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

/** The actuators of whoever holds the epoch. Each time one is asked for, the fence looks again whether that is still so. */
export class Actuators {
  private readonly pool = new Pool<Actuator>();

  constructor(
    private readonly ports: Ports,
    private readonly fence: RunFence,
  ) {}

  async get(driver: DriverName, address: JsonObject): Promise<Actuator> {
    const {ports, fence} = this;
    await fence.refresh();
    return this.pool.get(driver, address, async () =>
      (await ports.driver(driver)).actuator(address, fence, ports.ambient),
    );
  }

  /** The actuator that can carry out this debt. @throws FiredrillError when no driver of that name and version is here. */
  async forDebt(debt: Debt): Promise<Actuator> {
    const [name, version] = debt.driver.split('@');
    const known = DRIVER_NAMES.find(driver => driver === name);
    const driver = known === undefined ? undefined : await this.ports.driver(known);
    if (known === undefined || driver?.version !== Number(version)) {
      const here = driver === undefined ? 'none' : `\`${driver.name}@${driver.version}\``;
      throw new FiredrillError(
        'UNDO_FAILED',
        `Expected a driver \`${debt.driver}\` to undo \`${debt.undo.op}\`; this version has ${here}.`,
        {hint: `Run recover with the version of Firedrill that wrote the debt, or by hand: ${debt.undo.manual}`},
      );
    }
    return this.get(known, debt.address);
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
