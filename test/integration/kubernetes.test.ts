import {execFile} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {expect} from 'chai';
import {fault as deleteFault} from '../../src/faults/delete/index.js';
import {source as probe} from '../../src/signals/probes/kubernetes/index.js';
import type {FiredrillError} from '../../src/system/error.js';
import {driver} from '../../src/targets/drivers/kubernetes/driver.js';
import {fenceOf} from '../contract/driver-contract.js';
import {AMBIENT, KubeBench} from '../support/kube-api-bench.js';
import {formOn} from '../support/fault-form.js';

async function failure(work: Promise<unknown>): Promise<FiredrillError> {
  try {
    await work;
  } catch (error) {
    return error as FiredrillError;
  }
  throw new Error('expected a failure');
}

describe('Kubernetes driver against an API server', () => {
  let bench: KubeBench;

  beforeEach(async () => {
    bench = await KubeBench.start();
  });
  afterEach(async () => {
    await bench.close();
  });

  describe('delete', () => {
    it("leaves the debt on the pod's owner first, deletes that very pod, and settles once the controller replaced it", async () => {
      bench.api.deployment('checkout', {replicas: 2});
      const change = await bench.draftDelete({labels: {app: 'checkout'}}, 0);
      const pod = change.target.name;
      bench.api.controllers.stuck = true;
      const debt = await bench.inject(change);
      expect(bench.changes()).to.deep.equal(['patch deployments/checkout', `delete pods/${pod}`]);
      const deletion = bench.api.requests.find(({verb}) => verb === 'delete');
      expect(deletion?.body).to.deep.include({gracePeriodSeconds: 0});
      expect(deletion?.body['preconditions']).to.have.property('uid');
      expect(bench.mark()).to.include(debt.id);
      expect(change.platformHeals).to.equal(true);
      expect(await bench.prove(change.proof)).to.equal('in-force');
      expect(await bench.prove(debt.undo.proof)).to.equal('in-force');
      const settled = await bench.settleUnderWay(() => bench.settle(debt));
      expect(settled).to.deep.include({debt: debt.id, outcome: 'undone'});
      expect(bench.mark()).to.equal(undefined);
      expect(await bench.candidates({labels: {app: 'checkout'}})).to.have.length(2);
    });

    it('keeps one mark for several pods of one owner, and frees it with the last debt', async () => {
      bench.api.deployment('checkout', {replicas: 3});
      const pods = await bench.candidates({labels: {app: 'checkout'}});
      const drafts = (await bench.reader()).drafts.workload!;
      const changes = await Promise.all(pods.slice(0, 2).map(({ref}) => drafts.delete(ref, {graceSeconds: undefined})));
      const debts = changes.map((change, i) => bench.debt(change, 'run-1', i + 1));
      const actuator = await bench.actuator();
      await actuator.mark(debts, 5000);
      expect(bench.changes()).to.deep.equal(['patch deployments/checkout']);
      bench.api.controllers.stuck = true;
      const applied = await actuator.apply(
        changes.map(change => change.flip),
        5000,
      );
      expect(applied.map(one => one.state)).to.deep.equal(['done', 'done']);
      const settled = await bench.settleUnderWay(() => actuator.settle(debts, 10_000));
      expect(settled.map(one => one.outcome)).to.deep.equal(['undone', 'undone']);
      expect(bench.mark()).to.equal(undefined);
    });

    it('follows a StatefulSet, whose replacement has the same name and another uid', async () => {
      bench.api.statefulSet('store', {replicas: 2});
      const change = await bench.draftDelete({name: 'store-1'});
      bench.api.controllers.stuck = true;
      const debt = await bench.inject(change);
      expect(await bench.settleUnderWay(() => bench.settle(debt))).to.include({outcome: 'undone'});
      expect(await bench.prove(change.proof), 'the successor is not the deleted pod').to.equal('in-force');
    });

    it('calls a pod without a controller irreversible, and says why for one whose controller it cannot follow', async () => {
      bench.api.barePod('lonely');
      const job = bench.api.store.create('jobs', {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: {name: 'report', namespace: 'shop'},
      });
      const owner = {apiVersion: 'batch/v1', kind: 'Job', name: 'report', uid: job.metadata.uid, controller: true};
      bench.api.barePod('report-x', {ownerReferences: [owner]});
      const lonely = await bench.draftDelete({name: 'lonely'});
      expect(lonely.undo).to.have.property('irreversible').that.includes('no controller');
      expect(lonely.platformHeals).to.equal(undefined);
      const [applied] = await (await bench.actuator()).apply([lonely.flip], 5000);
      expect(applied?.state).to.equal('done');
      expect((await bench.draftDelete({name: 'report-x'})).undo)
        .to.have.property('irreversible')
        .that.includes('Job (`report`)');
    });

    it('refuses a pod that is already gone, and one that carries no debt', async () => {
      bench.api.deployment('checkout');
      const change = await bench.draftDelete({labels: {app: 'checkout'}});
      const actuator = await bench.actuator();
      const [unmarked] = await actuator.apply([change.flip], 5000);
      expect(unmarked).to.deep.include({state: 'refused'});
      expect(unmarked?.why).to.include('does not carry the mark of run run-1');
      await actuator.mark([bench.debt(change)], 5000);
      bench.api.store.remove('pods', 'shop', change.target.name);
      const [gone] = await actuator.apply([change.flip], 5000);
      expect(gone?.why).to.include('does not exist any more');
      expect(bench.changes().filter(one => one.startsWith('delete'))).to.deep.equal([]);
    });

    it('reports a workload that does not recover as failed, with the command to type, and keeps the mark', async () => {
      bench.api.deployment('checkout', {replicas: 2});
      const debt = await bench.inject(await bench.draftDelete({labels: {app: 'checkout'}}));
      bench.api.controllers.stuck = true;
      const settled = await bench.settle(debt, 1200);
      expect(settled).to.include({outcome: 'failed'});
      expect(settled)
        .to.have.property('manual')
        .that.includes(
          "kubectl --context test -n shop wait deployment/checkout --for=jsonpath='{.status.readyReplicas}'=2",
        );
      expect(bench.mark()).to.include(debt.id);
      bench.api.controllers.stuck = false;
      bench.api.controllers.settleNow();
      expect(await bench.settle(debt)).to.include({outcome: 'already'});
    });

    it('cannot be undone by us: `heal: undo` is refused with what would work', async () => {
      const request = {
        targets: [],
        parameters: {},
        can: {},
        heal: 'undo',
        forMs: 1,
        named: {},
        signal: AbortSignal.timeout(1000),
      };
      const form = formOn(deleteFault, 'pod');
      const error = await failure(form.draft(request as Parameters<typeof form.draft>[0]));
      expect(error.code).to.equal('TARGET_UNSUITABLE');
      expect(error.hint).to.include('scale: { replicas: 0 }');
    });
  });

  describe('scale', () => {
    it('writes the replicas and the mark in one patch, onto the version that it read', async () => {
      bench.api.deployment('checkout', {replicas: 3});
      const change = await bench.draftScale({name: 'checkout'}, 1);
      const debt = await bench.inject(change);
      const patches = bench.api.requests.filter(({verb}) => verb === 'patch');
      const flip = patches.find(({body}) => 'spec' in body);
      const metadata = flip?.body['metadata'] as {resourceVersion: string; annotations: Record<string, string>};
      expect(flip?.body['spec']).to.deep.equal({replicas: 1});
      expect(metadata.annotations['firedrill.dev/debts']).to.include(debt.id);
      expect(metadata.resourceVersion).to.match(/^\d+$/);
      expect(await bench.prove(change.proof)).to.equal('in-force');
      expect(await bench.candidates({labels: {app: 'checkout'}})).to.have.length(1);
      expect(await bench.settle(debt)).to.deep.include({debt: debt.id, outcome: 'undone'});
      expect(bench.deployment().spec?.['replicas']).to.equal(3);
      expect(bench.mark()).to.equal(undefined);
    });

    it('reads again and repeats when someone else writes at the same moment', async () => {
      bench.api.deployment('checkout', {replicas: 2});
      const change = await bench.draftScale({name: 'checkout'}, 0);
      bench.api.fail(({verb}) => verb === 'patch', {status: 409, message: 'the object has been modified'}, 2);
      const debt = await bench.inject(change);
      expect(bench.deployment().spec?.['replicas']).to.equal(0);
      bench.api.fail(({verb}) => verb === 'patch', {status: 409, message: 'the object has been modified'}, 2);
      expect(await bench.settle(debt)).to.include({outcome: 'undone'});
    });

    it('does not flip when the replicas are no longer those that were planned for', async () => {
      bench.api.deployment('checkout', {replicas: 2});
      const change = await bench.draftScale({name: 'checkout'}, 0);
      bench.api.store.mergePatch('deployments', 'shop', 'checkout', {spec: {replicas: 4}});
      const error = await failure(bench.inject(change));
      expect(error.message).to.include('has 4 replicas by now; 2 were planned for');
      expect(bench.deployment().spec?.['replicas']).to.equal(4);
    });

    it('refuses a workload that an autoscaler holds, and one that another controller holds', async () => {
      bench.api.deployment('checkout', {replicas: 2});
      const [set] = await bench.candidates({kind: 'replicaset', labels: {app: 'checkout'}});
      const managed = await failure((await bench.reader()).drafts.workload!.scale(set!.ref, {replicas: 0}));
      expect(managed.message).to.include('managed by Deployment `checkout`');
      expect(managed.hint).to.equal('select deployment `checkout` instead');
      bench.api.store.create('horizontalpodautoscalers', {
        apiVersion: 'autoscaling/v1',
        kind: 'HorizontalPodAutoscaler',
        metadata: {name: 'checkout-hpa', namespace: 'shop'},
        spec: {scaleTargetRef: {apiVersion: 'apps/v1', kind: 'Deployment', name: 'checkout'}, maxReplicas: 5},
      });
      const scaled = await failure(bench.draftScale({name: 'checkout'}, 0));
      expect(scaled.code).to.equal('TARGET_UNSUITABLE');
      expect(scaled.message).to.include('HorizontalPodAutoscaler `checkout-hpa`');
    });

    it('refuses a number that is already there, and a pod', async () => {
      bench.api.deployment('checkout', {replicas: 2});
      expect((await failure(bench.draftScale({name: 'checkout'}, 2))).message).to.include('already has 2 replicas');
      const [pod] = await bench.candidates({labels: {app: 'checkout'}});
      const error = await failure((await bench.reader()).drafts.workload!.scale(pod!.ref, {replicas: 0}));
      expect(error.hint).to.equal('say `kind: deployment` in the selector');
    });

    it('leaves the number of someone else alone: superseded', async () => {
      bench.api.deployment('checkout', {replicas: 2});
      const debt = await bench.inject(await bench.draftScale({name: 'checkout'}, 0));
      bench.api.store.mergePatch('deployments', 'shop', 'checkout', {spec: {replicas: 7}});
      const settled = await bench.settle(debt);
      expect(settled).to.include({outcome: 'superseded'});
      expect(settled).to.have.property('detail').that.includes('has 7 replicas');
      expect(bench.deployment().spec?.['replicas']).to.equal(7);
      expect(bench.mark()).to.equal(undefined);
    });

    it('puts the number back from the values alone when someone stripped the mark', async () => {
      bench.api.deployment('checkout', {replicas: 2});
      const debt = await bench.inject(await bench.draftScale({name: 'checkout'}, 0));
      bench.api.store.mergePatch('deployments', 'shop', 'checkout', {metadata: {annotations: null}});
      expect(await bench.settle(debt)).to.include({outcome: 'undone'});
      expect(bench.deployment().spec?.['replicas']).to.equal(2);
    });
  });

  it('is put back by a fresh process that knows nothing but the cluster', async function () {
    bench.api.deployment('checkout', {replicas: 2});
    bench.api.deployment('gateway', {replicas: 2});
    await bench.inject(await bench.draftScale({name: 'checkout'}, 0), 'run-7');
    await bench.inject(await bench.draftDelete({labels: {app: 'gateway'}}), 'run-7');
    const script = `
      import {driver} from ${JSON.stringify(join(import.meta.dirname, '../../src/targets/drivers/kubernetes/driver.ts'))};
      const ambient = {environment: {}, scratch: '', stateDir: '', reveal: text => text, redact: text => text, mask: () => false};
      const address = ${JSON.stringify(bench.address)};
      const reader = await driver.reader(address, ambient);
      const debts = await reader.debts('run-7', AbortSignal.timeout(5000));
      const actuator = await driver.actuator(address, {run: 'run-7', epoch: 2, live: () => true}, ambient);
      const settled = await actuator.settle(debts, 10000);
      console.log(JSON.stringify(settled.map(one => one.outcome).sort()));
      await reader.close();
      await actuator.close();
    `;
    const folder = mkdtempSync(join(tmpdir(), 'firedrill-recover-'));
    const path = join(folder, 'recover.mts');
    writeFileSync(path, script);
    try {
      const {stdout} = await promisify(execFile)(process.execPath, ['--import', 'tsx', path], {timeout: 25_000});
      const outcomes = JSON.parse(stdout) as string[];
      expect(outcomes).to.have.length(2);
      expect(outcomes).to.include('undone');
      expect(bench.deployment().spec?.['replicas']).to.equal(2);
      expect([bench.mark(), bench.mark('gateway')]).to.deep.equal([undefined, undefined]);
    } finally {
      rmSync(folder, {recursive: true, force: true});
    }
  });

  it('takes the request to stop away with the last settlement of the run', async () => {
    bench.api.deployment('checkout', {replicas: 2});
    const debt = await bench.inject(await bench.draftScale({name: 'checkout'}, 0));
    const elsewhere = await bench.actuator(fenceOf('someone'));
    await elsewhere.requestStop('run-1');
    const reader = await bench.reader();
    expect(await reader.stopRequested('run-1', AbortSignal.timeout(5000))).to.equal(true);
    await bench.settle(debt);
    expect(await reader.stopRequested('run-1', AbortSignal.timeout(5000))).to.equal(false);
    expect(bench.api.store.list('configmaps')).to.deep.equal([]);
  });

  describe('selection', () => {
    it('asks the server for the labels and finds pods on all pages, without those that end or have finished', async () => {
      bench.api.pageSize = 2;
      bench.api.deployment('checkout', {replicas: 3});
      bench.api.deployment('gateway', {replicas: 1});
      const done = bench.api.barePod('done');
      bench.api.store.put('pods', {...done, status: {phase: 'Succeeded'}});
      bench.api.controllers.endPod(bench.api.barePod('ending'), 5000);
      expect(await bench.candidates({labels: {app: 'checkout'}})).to.have.length(3);
      const {query} = bench.api.requests.find(({resource}) => resource === 'pods')!;
      expect(query.get('labelSelector')).to.equal('app=checkout');
      expect(await bench.candidates({})).to.have.length(4);
      expect(await bench.candidates({name: 'ending'})).to.deep.equal([]);
    });

    it('protects what is labelled or annotated so, itself or by its owner, system pods, and the pod it runs in', async () => {
      bench.api.deployment('checkout', {labels: {'firedrill.protect': 'true'}});
      bench.api.deployment('gateway');
      bench.api.barePod('marked', {annotations: {'firedrill.protect': 'true'}});
      bench.api.barePod('static', {annotations: {'kubernetes.io/config.mirror': 'x'}});
      bench.api.barePod('dns', {}, 'kube-system');
      const why = async (given: Record<string, unknown>, environment: Record<string, string> = {}) =>
        (await bench.candidates(given, {...AMBIENT, environment})).map(one => one.protectedBy);
      expect(await why({labels: {app: 'checkout'}})).to.deep.equal(['label firedrill.protect=true']);
      expect(await why({kind: 'deployment', name: 'checkout'})).to.deep.equal(['label firedrill.protect=true']);
      expect(await why({name: 'marked'})).to.deep.equal(['annotation firedrill.protect=true']);
      expect((await why({name: 'static'}))[0]).to.include('static pod');
      expect(await why({namespace: 'kube-system'})).to.deep.equal(['namespace kube-system']);
      const [gateway] = await bench.candidates({labels: {app: 'gateway'}});
      const inside = {KUBERNETES_SERVICE_HOST: '10.0.0.1', HOSTNAME: gateway!.ref.name};
      expect(gateway?.protectedBy).to.equal(undefined);
      expect(await why({labels: {app: 'gateway'}}, inside)).to.deep.equal(['Firedrill runs in it']);
      expect(await why({kind: 'deployment', name: 'gateway'}, inside)).to.deep.equal(['Firedrill runs in it']);
    });
  });

  describe('probe', () => {
    it('counts ready replicas while a pod is replaced, and one series per workload', async () => {
      bench.api.deployment('checkout', {replicas: 2});
      const refs = (await bench.candidates({labels: {app: 'checkout'}})).map(one => one.ref);
      const selector = bench.selector({labels: {app: 'checkout'}});
      const target = {refs, reader: await bench.reader(), address: bench.address, selector};
      const context = {reveal: (text: string) => text, targets: {shop: target}, sources: {}, environment: {}};
      const subject = 'deployment shop/checkout';
      const open = await probe.open({of: 'shop', measure: 'ready-replicas'}, context);
      const restarts = await probe.open({of: 'shop', measure: 'restarts'}, context);
      expect(await open.read(AbortSignal.timeout(5000))).to.deep.equal([{subject, value: 2}]);
      const debt = await bench.inject(await bench.draftDelete({labels: {app: 'checkout'}}));
      expect(await open.read(AbortSignal.timeout(5000))).to.deep.equal([{subject, value: 1}]);
      await bench.settle(debt);
      expect(await open.read(AbortSignal.timeout(5000))).to.deep.equal([{subject, value: 2}]);
      expect(await restarts.read(AbortSignal.timeout(5000))).to.deep.equal([{subject, value: 0}]);
      bench.api.store.remove('deployments', 'shop', 'checkout');
      const [lost] = await open.read(AbortSignal.timeout(5000));
      expect(lost).to.deep.include({subject, value: null});
      const single = {...context, targets: {shop: {...target, refs: refs.slice(0, 1)}}};
      const one = await probe.open({of: 'shop', measure: 'ready-replicas'}, single);
      expect(await one.read(AbortSignal.timeout(5000))).to.have.length(1);
      await Promise.all([open.close(), restarts.close(), one.close()]);
    });

    it('is refused for a target that is not on Kubernetes', async () => {
      const context = {reveal: (text: string) => text, targets: {}, sources: {}, environment: {}};
      const error = await failure(probe.open({of: 'shop', measure: 'restarts'}, context));
      expect(error.code).to.equal('PROBE_UNUSABLE');
    });
  });

  it('is version 1 of the operations', () => {
    expect(driver).to.include({name: 'kubernetes', version: 1});
  });
});
