import {signalWithin, type Left} from '../../../../system/clock.js';
import {type Cluster, mayPass, pause} from '../api/cluster.js';
import {FiredrillError} from '../../../../system/error.js';
import {explain, requestFailureIn} from '../api/failure.js';

/** One ConfigMap of the namespace holds who asked which run to stop: a run may not have marked any workload yet. */
const STOPS_NAME = 'firedrill-stop-requests';

const keyOf = (run: string) => run.replaceAll(/[^-._a-zA-Z0-9]/g, '_');
const place = (cluster: Cluster) => ({name: STOPS_NAME, namespace: cluster.namespace});
const requestOf = (cluster: Cluster, verb: 'get' | 'create' | 'patch' | 'delete') =>
  ({verb, resource: 'configmaps', ...place(cluster)}) as const;

async function find(cluster: Cluster, signal: AbortSignal) {
  return cluster.find(
    requestOf(cluster, 'get'),
    options => cluster.core.readNamespacedConfigMap(place(cluster), options),
    signal,
  );
}

/** False also where the right to look is missing: `problems` says so in the plan. */
export async function isStopRequested(cluster: Cluster, run: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await find(cluster, signal))?.data?.[keyOf(run)] !== undefined;
  } catch (error) {
    if (error instanceof FiredrillError && error.code === 'CAPABILITY_MISSING') return false;
    throw error;
  }
}

/** Rejects with a FiredrillError when the request could not be left. */
export async function leaveStop(cluster: Cluster, run: string, left: Left): Promise<void> {
  const data = {[keyOf(run)]: new Date().toISOString()};
  const {V1ConfigMap, V1ObjectMeta} = cluster.sdk;
  const metadata = Object.assign(new V1ObjectMeta(), {name: STOPS_NAME});
  const created = Object.assign(new V1ConfigMap(), {metadata, data});
  await write(cluster, left, async (exists, budgetMs) =>
    exists
      ? cluster.change(
          requestOf(cluster, 'patch'),
          options => cluster.core.patchNamespacedConfigMap({...place(cluster), body: {data}}, options),
          budgetMs,
        )
      : cluster.change(
          requestOf(cluster, 'create'),
          options => cluster.core.createNamespacedConfigMap({namespace: cluster.namespace, body: created}, options),
          budgetMs,
        ),
  );
}

/** Removes a run's request, and the ConfigMap with the last one. */
export async function clearStop(cluster: Cluster, run: string, left: Left): Promise<void> {
  const key = keyOf(run);
  const found = await find(cluster, signalWithin(left()));
  if (found?.data?.[key] === undefined) return;
  const {V1DeleteOptions, V1Preconditions} = cluster.sdk;
  const version = {resourceVersion: found.metadata?.resourceVersion ?? ''};
  const preconditions = Object.assign(new V1Preconditions(), version);
  const deletion = Object.assign(new V1DeleteOptions(), {preconditions});
  const last = Object.keys(found.data).length === 1;
  await write(cluster, left, async (exists, budgetMs) => {
    if (!exists) return;
    await (last
      ? cluster.change(
          requestOf(cluster, 'delete'),
          options => cluster.core.deleteNamespacedConfigMap({...place(cluster), body: deletion}, options),
          budgetMs,
        )
      : cluster.change(
          requestOf(cluster, 'patch'),
          options => cluster.core.patchNamespacedConfigMap({...place(cluster), body: {data: {[key]: null}}}, options),
          budgetMs,
        ));
  });
}

async function write(
  cluster: Cluster,
  left: Left,
  act: (exists: boolean, budgetMs: number) => Promise<unknown>,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      const found = await find(cluster, signalWithin(left()));
      await act(found !== undefined, left());
      return;
    } catch (error) {
      const failure = requestFailureIn(error);
      if (failure !== undefined && mayPass(failure) && (await pause(cluster, failure, {tries, left}))) continue;
      throw failure === undefined ? error : explain(failure, cluster.where);
    }
  }
}
