import type {JsonObject} from '../../../quantities/json.js';
import {FiredrillError} from '../../../system/error.js';
import type {Ambient, DriverFolder} from '../../contract.js';
import {KubernetesActuator} from './actuator.js';
import {type Cluster, openCluster} from './api/cluster.js';
import {address, addressOf, diagnoseKubeconfig} from './api/kubeconfig.js';
import {OPS_VERSION} from './ops.js';
import {KubernetesReader} from './reader.js';

/** A cluster is known by the uid of this namespace: it is made with the cluster and never again. */
const IDENTITY = 'kube-system';

async function open(given: JsonObject, ambient: Ambient): Promise<{cluster: Cluster; endpoint: string}> {
  const cluster = await openCluster(address().parse(given), ambient);
  const namespace = await cluster.read({verb: 'get', resource: 'namespaces', name: IDENTITY}, options =>
    cluster.core.readNamespace({name: IDENTITY}, options),
  );
  const endpoint = namespace.metadata?.uid;
  if (endpoint === undefined)
    throw new FiredrillError(
      'DRIVER_UNREACHABLE',
      `Expected a namespace \`${IDENTITY}\` with a uid from ${cluster.where}; got none: this does not look like a Kubernetes API server`,
    );
  return {cluster, endpoint};
}

export const driver: DriverFolder = {
  name: 'kubernetes',
  kinds: ['pod', 'workload'],
  reference: {title: 'kubernetes', frame: ['shop-kubernetes.base.yaml']},
  version: OPS_VERSION,
  address: addressOf,
  diagnose: ambient => Promise.resolve(diagnoseKubeconfig(ambient)),
  reader: async (given, ambient) => {
    const {cluster, endpoint} = await open(given, ambient);
    return new KubernetesReader(cluster, endpoint, ambient);
  },
  actuator: async (given, fence, ambient) => {
    const {cluster, endpoint} = await open(given, ambient);
    return new KubernetesActuator(cluster, endpoint, fence);
  },
};
