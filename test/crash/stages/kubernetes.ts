import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {openMachine} from '../../../src/run/machine.js';
import {listOwed, recoverRun} from '../../../src/run/safety/recover.js';
import {KubeBench} from '../../support/kube-api-bench.js';
import {until} from '../../support/processes.js';
import {casesOf, experiment, type CrashCase, type CrashStage} from './stage.js';

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

/**
 * A deployment of one pod; what both dead processes leave behind is recovered by a machine that knows only the cluster.
 */
async function kubernetesStage(kind: 'pod' | 'deployment', entry: string): Promise<CrashStage> {
  const bench = await KubeBench.start({readyMs: 300});
  bench.api.deployment('checkout', {replicas: 1});
  const isReady = () => bench.deployment().status?.['readyReplicas'] === 1;
  const place = `context: test, kubeconfig: ${bench.api.kubeconfig()}, namespace: shop, kind: ${kind}`;
  return {
    yaml: experiment(`{kubernetes: {${place}, labels: {app: checkout}}}`, entry),
    look: async () => {
      await until('the pod is ready', isReady);
      const {spec, metadata} = bench.deployment();
      return {replicas: spec?.['replicas'], marks: {...metadata.annotations}};
    },
    recover: () => recoverElsewhere(bench),
    close: () => bench.close(),
  };
}

export const KUBERNETES_CASES: readonly CrashCase[] = [
  ...casesOf('kubernetes', entry => kubernetesStage('deployment', entry), ['scale: {replicas: 0}']),
  ...casesOf('kubernetes', entry => kubernetesStage('pod', entry), ['delete: {}']),
];
