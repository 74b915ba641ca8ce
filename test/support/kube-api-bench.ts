import type {JsonObject} from '../../src/quantities/json.js';
import type {Actuator, Ambient, Candidate, Change, Debt, Fence, Reader, Settled} from '../../src/targets/contract.js';
import {driver} from '../../src/targets/drivers/kubernetes/driver.js';
import {selector} from '../../src/targets/drivers/kubernetes/selector.js';
import {debtOf, fenceOf} from '../contract/driver-contract.js';
import {KubeApi} from './kube-api.js';
import type {Pace} from './kube-api-controllers.js';
import {until} from './processes.js';
import {openSecrets} from '../../src/system/secrets.js';

export const AMBIENT: Ambient = {environment: {}, scratch: '/nowhere', stateDir: '/nowhere', ...openSecrets({})};

/** One API server and the driver on it: what a run would open, closed together. */
export class KubeBench {
  private readonly opened: (Reader | Actuator)[] = [];
  readonly address: JsonObject;

  private constructor(readonly api: KubeApi) {
    this.address = driver.address(this.selector({}), AMBIENT);
  }

  static async start(pace: Partial<Pace> = {}): Promise<KubeBench> {
    return new KubeBench(await KubeApi.start(pace));
  }

  selector(given: Record<string, unknown>): JsonObject {
    const base = {context: 'test', kubeconfig: this.api.kubeconfig(), namespace: 'shop'};
    return selector().parse({...base, ...given}) as JsonObject;
  }

  async reader(ambient: Ambient = AMBIENT, address: JsonObject = this.address): Promise<Reader> {
    const reader = await driver.reader(address, ambient);
    this.opened.push(reader);
    return reader;
  }

  async actuator(fence: Fence = fenceOf('run-1')): Promise<Actuator> {
    const actuator = await driver.actuator(this.address, fence, AMBIENT);
    this.opened.push(actuator);
    return actuator;
  }

  async candidates(given: Record<string, unknown>, ambient: Ambient = AMBIENT): Promise<readonly Candidate[]> {
    const wanted = this.selector(given);
    const reader = await this.reader(ambient, driver.address(wanted, AMBIENT));
    return reader.resolve(wanted, AbortSignal.timeout(10_000));
  }

  async draftDelete(given: Record<string, unknown>, graceSeconds?: number): Promise<Change> {
    const [candidate] = await this.candidates(given);
    return (await this.reader()).drafts.workload!.delete(candidate!.ref, {graceSeconds});
  }

  async draftScale(given: Record<string, unknown>, replicas: number): Promise<Change> {
    const [candidate] = await this.candidates({kind: 'deployment', ...given});
    return (await this.reader()).drafts.workload!.scale(candidate!.ref, {replicas});
  }

  debt(change: Change, run = 'run-1', nth = 1): Debt {
    return debtOf(driver, this.address, change, run, nth);
  }

  /** Marks and flips; fails unless both succeed. */
  async inject(change: Change, run = 'run-1'): Promise<Debt> {
    const debt = this.debt(change, run);
    const actuator = await this.actuator(fenceOf(run));
    const marked = await actuator.mark([debt], 5000);
    const applied = await actuator.apply([change.flip], 5000);
    const bad = [...marked.filter(one => one.state !== 'marked'), ...applied.filter(one => one.state !== 'done')];
    if (bad.length > 0) throw new Error(`not injected: ${JSON.stringify(bad)}`);
    return debt;
  }

  async settle(debt: Debt, budgetMs = 5000): Promise<Settled> {
    const [settled] = await (await this.actuator(fenceOf(debt.run, 2))).settle([debt], budgetMs);
    return settled!;
  }

  /**
   * Settles a deletion that was injected while the controllers were `stuck`; they act when settling has looked for the
   * second time. So what it finds does not hang on who was quicker.
   */
  async settleUnderWay<T>(settle: () => Promise<T>): Promise<T> {
    const from = this.api.requests.length;
    const settling = settle();
    const looks = () =>
      this.api.requests.slice(from).filter(({verb, resource}) => verb === 'list' && resource === 'pods');
    await Promise.race([until('settling looks again', () => looks().length > 1), settling]);
    this.api.controllers.stuck = false;
    this.api.controllers.settleNow();
    return settling;
  }

  async prove(op: Change['proof']): Promise<string> {
    const [proof] = await (await this.reader()).prove([op], AbortSignal.timeout(10_000));
    return proof!.state;
  }

  /** What changed the cluster, in order: `patch deployments/checkout`. */
  changes(): readonly string[] {
    return this.api.requests
      .filter(({verb, resource}) => ['patch', 'delete', 'create'].includes(verb) && !resource.startsWith('selfsubject'))
      .map(({verb, resource, name}) => `${verb} ${resource}/${name ?? ''}`);
  }

  deployment(name = 'checkout') {
    return this.api.store.get('deployments', 'shop', name);
  }

  /** The mark on a deployment, as any kubectl would show it. */
  mark(name = 'checkout'): string | undefined {
    return this.deployment(name).metadata.annotations?.['firedrill.dev/debts'];
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.map(one => one.close()));
    await this.api.close();
  }
}
