import {expect} from 'chai';
import type {FiredrillError} from '../../src/system/error.js';
import {driver} from '../../src/targets/drivers/kubernetes/driver.js';
import {fenceOf} from '../contract/driver-contract.js';
import {AMBIENT, KubeBench} from '../support/kube-api-bench.js';
import type {Seen} from '../support/kube-api.js';

async function failure(work: Promise<unknown>): Promise<FiredrillError> {
  try {
    await work;
  } catch (error) {
    return error as FiredrillError;
  }
  throw new Error('expected a failure');
}

const patchesReplicas = ({verb, body}: Seen) => verb === 'patch' && 'spec' in body;

describe('Kubernetes driver in trouble', () => {
  let bench: KubeBench;

  beforeEach(async () => {
    bench = await KubeBench.start();
    bench.api.deployment('checkout', {replicas: 2});
  });
  afterEach(async () => {
    await bench.close();
  });

  describe('reaching the cluster', () => {
    const open = (changes: Record<string, string>) => driver.reader({...bench.address, ...changes}, AMBIENT);

    it('names the contexts there are when the named one is not among them, and never uses the ambient one', async () => {
      const error = await failure(open({context: 'production'}));
      expect(error.code).to.equal('DRIVER_UNREACHABLE');
      expect(error.message).to.include('Expected one of the contexts `test`, `other`');
      expect(error.message).to.include('got `production`');
    });

    it('says where it looked for a kubeconfig', async () => {
      const error = await failure(open({kubeconfig: '/nowhere/config'}));
      expect(error.message).to.equal('Expected a kubeconfig at `/nowhere/config`; there is none');
    });

    it('falls back to the kubeconfig of this machine when the path of the debt is of another one', async () => {
      const environment = {KUBECONFIG: bench.api.kubeconfig()};
      const address = {...bench.address, kubeconfig: '/home/someone/else'};
      const reader = await driver.reader(address, {...AMBIENT, environment});
      expect(reader.endpoint).to.equal(bench.api.store.get('namespaces', undefined, 'kube-system').metadata.uid);
      await reader.close();
    });

    it('takes the place of the kubeconfig from the environment only when the selector names none', () => {
      const environment = {KUBECONFIG: '/tmp/a:/tmp/b', HOME: '/home/me'};
      const place = {context: 'test', namespace: 'shop'};
      const at = (given: Record<string, string>, env: Record<string, string>) =>
        driver.address({...place, ...given}, {...AMBIENT, environment: env})['kubeconfig'];
      expect(at({}, environment)).to.equal('/tmp/a:/tmp/b');
      expect(at({}, {HOME: '/home/me'})).to.equal('/home/me/.kube/config');
      expect(at({kubeconfig: '~/clusters/one'}, environment)).to.equal('/home/me/clusters/one');
    });

    it('says that the credentials are refused', async () => {
      bench.api.token = 'another-token';
      const error = await failure(bench.reader());
      expect(error.code).to.equal('DRIVER_UNREACHABLE');
      expect(error.message).to.include('refuses the credentials');
      expect(error.message).to.not.include('secret-token');
    });

    it('says that nobody answers', async () => {
      const error = await failure(open({context: 'other'}));
      expect(error.code).to.equal('DRIVER_UNREACHABLE');
      expect(error.message).to.include('does not answer (get namespaces `kube-system`)');
    });

    it('repeats a read after a passing fault', async () => {
      bench.api.fail(({verb}) => verb === 'get', {status: 503}, 2);
      expect((await bench.reader()).endpoint).to.be.a('string');
    });

    it('stops waiting when it is told to', async () => {
      const reader = await bench.reader();
      bench.api.fail(({resource}) => resource === 'pods', 'hang');
      const reason = await failure(reader.resolve(bench.selector({}), AbortSignal.timeout(200)));
      expect(reason.name).to.equal('TimeoutError');
    });
  });

  describe('rights', () => {
    it('names verb, resource and namespace of a read that is forbidden', async () => {
      bench.api.deny('list pods');
      const error = await failure(bench.candidates({}));
      expect(error.code).to.equal('CAPABILITY_MISSING');
      expect(error.message).to.include('does not allow to list pods in namespace `shop`');
      expect(error.hint).to.include('grant the verb `list` on `pods` in namespace `shop`');
    });

    it('refuses a draft that could not be carried out, before anything is touched', async () => {
      bench.api.deny('delete pods', 'patch deployments', 'list horizontalpodautoscalers');
      const deletion = await failure(bench.draftDelete({labels: {app: 'checkout'}}));
      expect(deletion.code).to.equal('CAPABILITY_MISSING');
      expect(deletion.message).to.include('delete pods (for the fault `delete`); patch deployments.apps');
      const scaling = await failure(bench.draftScale({name: 'checkout'}, 0));
      expect(scaling.message).to.include('list horizontalpodautoscalers.autoscaling');
      expect(bench.changes()).to.deep.equal([]);
    });

    it('lists what is missing for the plan', async () => {
      const reader = await bench.reader();
      expect(await reader.problems(AbortSignal.timeout(5000))).to.deep.equal([]);
      bench.api.deny('patch statefulsets', 'get configmaps');
      expect(await reader.problems(AbortSignal.timeout(5000))).to.deep.equal([
        'missing right in namespace `shop`: patch statefulsets.apps, needed for the mark that lets `recover` put things back',
        'missing right in namespace `shop`: get configmaps, needed for noticing a `firedrill stop` from another machine',
      ]);
      expect(await reader.stopRequested('run-1', AbortSignal.timeout(5000))).to.equal(false);
    });

    it('refuses to flip when the right was taken away after the plan', async () => {
      const change = await bench.draftScale({name: 'checkout'}, 0);
      const actuator = await bench.actuator();
      await actuator.mark([bench.debt(change)], 5000);
      bench.api.deny('patch deployments');
      const [applied] = await actuator.apply([change.flip], 5000);
      expect(applied?.state).to.equal('refused');
      expect(applied?.why).to.include('cannot patch resource "deployments"');
    });
  });

  describe('while it changes something', () => {
    it('sees that a scale landed although the answer was lost', async () => {
      const change = await bench.draftScale({name: 'checkout'}, 0);
      bench.api.fail(patchesReplicas, 'drop-after');
      const debt = await bench.inject(change);
      expect(bench.api.requests.filter(patchesReplicas)).to.have.length(1);
      bench.api.fail(patchesReplicas, 'drop-after');
      expect(await bench.settle(debt)).to.include({outcome: 'undone'});
      expect(bench.deployment().spec?.['replicas']).to.equal(2);
    });

    it('sees that a deletion landed although the answer was lost, and deletes no second pod', async () => {
      bench.api.fail(({verb}) => verb === 'delete', 'drop-after');
      bench.api.controllers.stuck = true;
      const debt = await bench.inject(await bench.draftDelete({labels: {app: 'checkout'}}));
      expect(bench.changes().filter(one => one.startsWith('delete'))).to.have.length(1);
      expect(await bench.settleUnderWay(() => bench.settle(debt))).to.include({outcome: 'undone'});
    });

    it('repeats what never arrived', async () => {
      bench.api.fail(({verb}) => verb === 'patch', 'drop-before', 2);
      const debt = await bench.inject(await bench.draftScale({name: 'checkout'}, 0));
      expect(bench.deployment().spec?.['replicas']).to.equal(0);
      expect(await bench.settle(debt)).to.include({outcome: 'undone'});
    });

    it('waits as long as a busy server asks, within its budget', async () => {
      const change = await bench.draftScale({name: 'checkout'}, 0);
      bench.api.fail(patchesReplicas, {status: 429, retryAfterSeconds: 1});
      const from = Date.now();
      const debt = await bench.inject(change);
      expect(Date.now() - from).to.be.at.least(950);
      bench.api.fail(patchesReplicas, {status: 429, retryAfterSeconds: 60});
      const settled = await bench.settle(debt, 1000);
      expect(settled).to.include({outcome: 'unknown'});
      expect(settled).to.have.property('manual').that.includes('scale deployment/checkout --replicas=2');
      expect(bench.mark(), 'what could not be undone stays owed').to.include(debt.id);
      expect(await bench.settle(debt)).to.include({outcome: 'undone'});
    });

    it('is in doubt about a request that is not answered within the budget', async () => {
      const change = await bench.draftScale({name: 'checkout'}, 0);
      const actuator = await bench.actuator();
      await actuator.mark([bench.debt(change)], 5000);
      bench.api.fail(patchesReplicas, 'hang', 9);
      const [applied] = await actuator.apply([change.flip], 500);
      expect(applied?.state).to.equal('unknown');
      expect(applied?.why).to.include('no answer within');
    });

    it('goes on settling through a short outage of the server', async () => {
      bench.api.controllers.stuck = true;
      const debt = await bench.inject(await bench.draftDelete({labels: {app: 'checkout'}}));
      const actuator = await bench.actuator(fenceOf('run-1', 2));
      bench.api.fail(() => true, {status: 500}, 8);
      const settled = await bench.settleUnderWay(() => actuator.settle([debt], 15_000));
      expect(settled.map(({debt: id, outcome}) => [id, outcome])).to.deep.equal([[debt.id, 'undone']]);
    });

    it('does nothing under an epoch that was taken over, and a late flip of a dead run finds no mark', async () => {
      const change = await bench.draftScale({name: 'checkout'}, 0);
      const debt = bench.debt(change);
      const first = await bench.actuator(fenceOf('run-1', 1));
      const second = await bench.actuator(fenceOf('run-1', 2));
      await first.mark([debt], 5000);
      await second.renew([debt], 5000);
      const [late] = await first.apply([change.flip], 5000);
      expect(late?.state).to.equal('refused');
      const [again] = await first.mark([debt], 5000);
      expect(again).to.include({state: 'failed'});
      expect((await second.settle([debt], 5000)).map(({outcome}) => outcome)).to.deep.equal(['already']);
      const [later] = await second.apply([change.flip], 5000);
      expect(later?.why).to.include('nobody owes anything on it');
      expect(bench.deployment().spec?.['replicas']).to.equal(2);
    });

    it('refuses debts of another cluster and of another version, with the command to type', async () => {
      const debt = bench.debt(await bench.draftScale({name: 'checkout'}, 0));
      const {undo} = debt;
      const elsewhere = await bench.settle({...debt, undo: {...undo, ref: {...undo.ref, endpoint: 'other-uid'}}});
      expect(elsewhere).to.include({outcome: 'failed'});
      expect(elsewhere).to.have.property('why').that.includes('another cluster (kube-system other-uid)');
      const newer = await bench.settle({...debt, driver: 'kubernetes@2', undo: {...undo, v: 2}});
      expect(newer).to.have.property('why').that.includes('kubernetes@2');
      expect(newer).to.have.property('manual').that.includes('--replicas=2');
    });

    it('does not touch a workload whose mark it cannot read', async () => {
      const change = await bench.draftScale({name: 'checkout'}, 0);
      bench.api.store.mergePatch('deployments', 'shop', 'checkout', {
        metadata: {annotations: {'firedrill.dev/debts': 'not json'}},
      });
      const [marked] = await (await bench.actuator()).mark([bench.debt(change)], 5000);
      expect(marked).to.include({state: 'failed'});
      expect(marked).to.have.property('why').that.includes('cannot be read');
      expect(bench.mark()).to.equal('not json');
    });
  });
});
