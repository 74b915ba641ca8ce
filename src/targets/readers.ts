import type {JsonObject} from '../quantities/json.js';
import type {Ambient, Driver, Reader} from './contract.js';

/** Where drivers come from. */
export interface Drivers {
  readonly ambient: Ambient;
  driver(name: string): Promise<Driver>;
}

interface Closable {
  close(): Promise<void>;
}

/** Opens each endpoint once, by driver and address, and closes them together. */
export class EndpointPool<T extends Closable> {
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
  private readonly pool = new EndpointPool<Reader>();

  constructor(private readonly drivers: Drivers) {}

  get(driver: string, address: JsonObject): Promise<Reader> {
    const {drivers} = this;
    return this.pool.get(driver, address, async () => (await drivers.driver(driver)).reader(address, drivers.ambient));
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
