import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import {openMachine} from '../../src/run/machine.js';
import {listOwed, recoverRun} from '../../src/run/safety/recover.js';
import {bundleRunner, CrashLab, removeBundle} from '../crash/crash-lab.js';
import {KubeBench} from '../support/kube-api-bench.js';
import {until} from '../support/processes.js';

const FAULTS = [
  {kind: 'deployment', fault: 'scale: {replicas: 0}'},
  {kind: 'pod', fault: 'delete: {}'},
] as const;

const AT_ONCE = 6;

async function open({kind, fault}: (typeof FAULTS)[number], runner: string) {
  const bench = await KubeBench.start({readyMs: 300});
  bench.api.deployment('checkout', {replicas: 1});
  const place = `context: test, kubeconfig: ${bench.api.kubeconfig()}, namespace: shop, kind: ${kind}`;
  const lab = new CrashLab(
    runner,
    `version: 1
title: crash test
targets: {it: {kubernetes: {${place}, labels: {app: checkout}}}}
steadyState: {fine: {command: {run: [echo, "1"], every: 100ms}, tolerance: {equals: 1}}}
windows: {warmup: 100ms, baseline: 600ms, recovery: 6s}
faults: [{name: f, ${fault}, targets: [it], for: 800ms}]
`,
  );
  return {bench, lab};
}

/** As any kubectl would see it. */
function look(bench: KubeBench) {
  const {spec, status, metadata} = bench.deployment();
  return {replicas: spec?.['replicas'], ready: status?.['readyReplicas'], marks: {...metadata.annotations}};
}

/** Put back at once; ready again when the controllers have done their work. */
async function isWhole(bench: KubeBench, label: string): Promise<void> {
  expect(look(bench), label).to.deep.include({replicas: 1, marks: {}});
  await until(`${label}: the pod is ready again`, () => Promise.resolve(look(bench).ready === 1));
}

/** What `firedrill recover --kubernetes test/shop --force` does on a machine that has never seen the run. */
async function recoverElsewhere(bench: KubeBench): Promise<number> {
  const stateDir = mkdtempSync(join(tmpdir(), 'firedrill-elsewhere-'));
  try {
    const {ports} = openMachine({environment: {}, stateDir, scratch: stateDir});
    const world = {driver: 'kubernetes', address: bench.address} as const;
    let left = 0;
    for (const owed of await listOwed(ports, [world], AbortSignal.timeout(20_000)))
      left += (await recoverRun(ports, owed, {force: true, redact: text => text})).owed.length;
    return left;
  } finally {
    rmSync(stateDir, {recursive: true, force: true});
  }
}

async function dieAt(one: (typeof FAULTS)[number], runner: string, step: number, kill: 'runner' | 'both') {
  const {bench, lab} = await open(one, runner);
  const label = `${one.fault}: ${kill} killed at step ${step}`;
  try {
    const ended = await lab.run({dieAt: step, kill});
    expect(ended.signal, `${label}: ${ended.err}`).to.equal('SIGKILL');
    if (kill === 'runner') await lab.guardianIsDone();
    else expect(await recoverElsewhere(bench), `${label}: owed after recover`).to.equal(0);
    await isWhole(bench, label);
  } finally {
    lab.dispose();
    await bench.close();
  }
}

describe('kill -9 at every step of a run, kubernetes', function () {
  this.timeout(600_000);
  let runner = '';
  before(() => (runner = bundleRunner()));
  after(() => {
    removeBundle();
  });

  for (const one of FAULTS)
    it(`puts ${one.fault} back, by the guardian or by recover on a machine that knows only the cluster`, async () => {
      const {bench, lab} = await open(one, runner);
      let steps: readonly number[];
      try {
        const ended = await lab.run({});
        expect(ended.err + ended.out).to.contain('"kind":"done"');
        await isWhole(bench, 'a whole run');
        steps = lab.steps().map(({nth}) => nth);
      } finally {
        lab.dispose();
        await bench.close();
      }
      const queue = steps.flatMap(step => (['runner', 'both'] as const).map(kill => ({step, kill})));
      const count = queue.length;
      const failures: unknown[] = [];
      const worker = async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift())
          await dieAt(one, runner, next.step, next.kill).catch((error: unknown) => failures.push(error));
      };
      await Promise.all(Array.from({length: AT_ONCE}, worker));
      if (failures[0] !== undefined) throw failures[0] as Error;
      console.log(`      ${count} crashes of ${one.fault}`);
    });
});
