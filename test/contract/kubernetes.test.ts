import {selector} from '../../src/targets/drivers/kubernetes/selector.js';
import {driver} from '../../src/targets/drivers/kubernetes/driver.js';
import {parseObject} from '../../src/targets/drivers/kubernetes/api/identity.js';
import type {JsonObject} from '../../src/quantities/json.js';
import {KubeApi} from '../support/kube-api.js';
import {describeDriver, type DriverSubject, type Stage} from './driver-contract.js';
import {openSecrets} from '../../src/system/secrets.js';

/** Long enough for the suite to look while the new pod is not ready yet. */
const READY_MS = 1500;

interface KubeStage extends Stage {
  readonly api: KubeApi;
}

async function stageOf(kind: 'pod' | 'deployment'): Promise<KubeStage> {
  const api = await KubeApi.start({readyMs: READY_MS});
  api.deployment('checkout', {replicas: kind === 'pod' ? 1 : 2});
  const at = (labels: Record<string, string>) =>
    selector().parse({context: 'test', kubeconfig: api.kubeconfig(), namespace: 'shop', kind, labels}) as JsonObject;
  return {
    api,
    ambient: {environment: {}, scratch: '/nowhere', stateDir: '/nowhere', ...openSecrets({})},
    selector: at({app: 'checkout'}),
    missing: at({app: 'nothing'}),
    vanish: () => {
      api.store.remove('deployments', 'shop', 'checkout');
      api.controllers.settleNow();
      return Promise.resolve();
    },
    close: () => api.close(),
  };
}

const deletion: DriverSubject = {
  driver,
  open: () => stageOf('pod'),
  noRestart: 'a deleted pod comes back as another one',
  cases: [
    {
      name: 'delete',
      nature: 'event',
      draft: (can, ref) => can.workload!.delete(ref, {graceSeconds: undefined}),
    },
  ],
};

const scaling: DriverSubject = {
  driver,
  open: () => stageOf('deployment'),
  noRestart: 'a workload has no restart',
  cases: [
    {
      name: 'scale to zero',
      draft: (can, ref) => can.workload!.scale(ref, {replicas: 0}),
      overwrite: (stage, ref) => {
        const {name} = parseObject(ref.object)!.self;
        (stage as KubeStage).api.store.mergePatch('deployments', 'shop', name, {spec: {replicas: 5}});
        return Promise.resolve();
      },
    },
    {name: 'scale up', draft: (can, ref) => can.workload!.scale(ref, {replicas: 3})},
  ],
};

describeDriver('kubernetes, pods', deletion);
describeDriver('kubernetes, workloads', scaling);
