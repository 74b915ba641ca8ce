import type {JsonObject} from '../../quantities/json.js';
import {FiredrillError} from '../../system/error.js';
import type {Actuator, Debt} from '../../targets/contract.js';
import type {Ports} from '../../ports.js';
import {EndpointPool} from '../../targets/readers.js';
import type {RunFence} from './fence.js';

/** A debt may come from a version that had other drivers. */
function noneOfThatName(error: unknown): undefined {
  if (!(error instanceof FiredrillError) || error.code !== 'CAPABILITY_MISSING') throw error;
}

/**
 * The actuators of whoever holds the epoch. Each time one is asked for, the fence looks again whether that is still so.
 */
export class Actuators {
  private readonly pool = new EndpointPool<Actuator>();

  constructor(
    private readonly ports: Ports,
    private readonly fence: RunFence,
  ) {}

  async get(driver: string, address: JsonObject): Promise<Actuator> {
    const {ports, fence} = this;
    await fence.refresh();
    return this.pool.get(driver, address, async () =>
      (await ports.driver(driver)).actuator(address, fence, ports.ambient),
    );
  }

  /**
   * The actuator that can carry out this debt.
   * @throws FiredrillError when no driver of that name and version is here.
   */
  async forDebt(debt: Debt): Promise<Actuator> {
    const [name, version] = debt.driver.split('@');
    const driver = await this.ports.driver(name ?? '').catch(noneOfThatName);
    if (driver?.version !== Number(version)) {
      const here = driver === undefined ? 'none' : `\`${driver.name}@${driver.version}\``;
      throw new FiredrillError(
        'UNDO_FAILED',
        `Expected a driver \`${debt.driver}\` to undo \`${debt.undo.op}\`; this version has ${here}.`,
        {hint: `Run recover with the version of Firedrill that wrote the debt, or by hand: ${debt.undo.manual}`},
      );
    }
    return this.get(driver.name, debt.address);
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
