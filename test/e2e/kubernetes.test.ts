import {expect} from 'chai';
import type {Actuator, Reader} from '../../src/targets/contract.js';
import {driver} from '../../src/targets/drivers/kubernetes/driver.js';
import {AMBIENT} from '../support/kube-api-bench.js';
import {TestNamespace} from '../support/cluster.js';
import {describeWith} from '../support/needs.js';
import {debtOf, describeDriver, fenceOf, throughJson, type Stage} from '../contract/driver-contract.js';

const BUDGET_MS = 60_000;
const patience = () => AbortSignal.timeout(20_000);

describeWith('kubernetes', 'Kubernetes driver on a real cluster', () => {
  const opened: (Reader | Actuator)[] = [];
  let place: TestNamespace;

  before(async function () {
    this.timeout(2 * BUDGET_MS);
    place = await TestNamespace.make();
    await place.deploy('checkout', 2);
  });
  after(async () => {
    await Promise.all(opened.map(one => one.close()));
    await place.remove();
  });

  const open = async (run: string, epoch = 1) => {
    const address = throughJson(driver.address(place.selector({}), AMBIENT));
    const reader = await driver.reader(address, AMBIENT);
    const actuator = await driver.actuator(address, fenceOf(run, epoch), AMBIENT);
    opened.push(reader, actuator);
    return {address, reader, actuator};
  };

  it('has all rights it needs, and finds pods and their workload', async () => {
    const {reader} = await open('plan');
    expect(await reader.problems(patience())).to.deep.equal([]);
    const pods = await reader.resolve(place.selector({labels: {app: 'checkout'}}), patience());
    expect(pods.map(pod => pod.status)).to.deep.equal(['Running', 'Running']);
    expect(pods[0]?.details).to.deep.include({controller: `deployment ${place.name}/checkout`, ready: true});
    const [deployment] = await reader.resolve(place.selector({kind: 'deployment', name: 'checkout'}), patience());
    expect(deployment?.ref.name).to.equal('deployment/checkout');
  });

  it('deletes a pod with the debt on its deployment, and another process sees the controller replace it', async function () {
    this.timeout(2 * BUDGET_MS);
    const {address, reader, actuator} = await open('run-delete');
    const [pod] = await reader.resolve(place.selector({labels: {app: 'checkout'}}), patience());
    const change = throughJson(await reader.drafts.workload!.delete(pod!.ref, {graceSeconds: undefined}));
    const debt = debtOf(driver, address, change, 'run-delete');
    expect(await actuator.mark([debt], BUDGET_MS)).to.deep.equal([{debt: debt.id, state: 'marked'}]);
    expect((await actuator.apply([change.flip], BUDGET_MS)).map(one => one.state)).to.deep.equal(['done']);
    const [inForce] = await reader.prove([change.proof], patience());
    expect(inForce?.state).to.equal('in-force');
    const other = await open('run-delete', 2);
    const owed = await other.reader.debts('run-delete', patience());
    expect(owed).to.deep.equal([debt]);
    expect(await other.actuator.settle(owed, BUDGET_MS)).to.deep.equal([{debt: debt.id, outcome: 'undone'}]);
    expect((await place.read('checkout')).status?.readyReplicas).to.equal(2);
    expect(await other.reader.debts(undefined, patience())).to.deep.equal([]);
  });

  it('scales to zero and back from another process', async function () {
    this.timeout(2 * BUDGET_MS);
    const {address, reader, actuator} = await open('run-scale');
    const wanted = place.selector({kind: 'deployment', name: 'checkout'});
    const [deployment] = await reader.resolve(wanted, patience());
    const before = await reader.facets([deployment!.ref], patience());
    const change = throughJson(await reader.drafts.workload!.scale(deployment!.ref, {replicas: 0}));
    const debt = debtOf(driver, address, change, 'run-scale');
    await actuator.mark([debt], BUDGET_MS);
    await actuator.apply([change.flip], BUDGET_MS);
    const [inForce] = await reader.prove([change.proof], patience());
    expect(inForce).to.deep.include({state: 'in-force', readings: {asked: 0, current: 0}});
    const other = await open('run-scale', 2);
    const owed = await other.reader.debts('run-scale', patience());
    expect(await other.actuator.settle(owed, BUDGET_MS)).to.deep.equal([{debt: debt.id, outcome: 'undone'}]);
    const deployed = await place.read('checkout');
    expect(deployed.spec?.replicas).to.equal(2);
    expect(deployed.metadata?.annotations).to.not.have.property('firedrill.dev/debts');
    expect(await reader.facets([deployment!.ref], patience())).to.deep.equal(before);
    await place.until('checkout', ({status}) => status?.readyReplicas === 2);
  });
});

/** The one suite of all drivers, with the real controllers behind it. */
async function stageOf(kind: 'pod' | 'deployment'): Promise<Stage> {
  const place = await TestNamespace.make();
  await place.deploy('checkout', 1);
  return {
    ambient: AMBIENT,
    selector: place.selector({kind, labels: {app: 'checkout'}}),
    missing: place.selector({kind, labels: {app: 'nothing'}}),
    vanish: async () => {
      await place.apps.deleteNamespacedDeployment({name: 'checkout', namespace: place.name});
    },
    close: () => place.remove(),
  };
}

describeWith('kubernetes', 'Kubernetes driver contract on a real cluster', () => {
  describeDriver('kubernetes pods on a cluster', {
    driver,
    budgetMs: BUDGET_MS,
    timeoutMs: 3 * BUDGET_MS,
    open: () => stageOf('pod'),
    noRestart: 'a deleted pod comes back as another one',
    cases: [
      {
        name: 'delete',
        nature: 'event',
        draft: (can, ref) => can.workload!.delete(ref, {graceSeconds: undefined}),
      },
    ],
  });
  describeDriver('kubernetes workloads on a cluster', {
    driver,
    budgetMs: BUDGET_MS,
    timeoutMs: 3 * BUDGET_MS,
    open: () => stageOf('deployment'),
    noRestart: 'a workload has no restart',
    cases: [{name: 'scale to zero', draft: (can, ref) => can.workload!.scale(ref, {replicas: 0})}],
  });
});
