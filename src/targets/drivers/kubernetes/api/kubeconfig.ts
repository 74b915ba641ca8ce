import {existsSync} from 'node:fs';
import {delimiter, join, resolve} from 'node:path';
import type {KubeConfig} from '@kubernetes/client-node';
import * as z from 'zod';
import type {JsonObject} from '../../../../quantities/json.js';
import {describeError, FiredrillError} from '../../../../system/error.js';
import type {Ambient} from '../../../contract.js';
import type {Diagnosis} from '../../../diagnosis.js';

/**
 * How a fresh process reaches the same cluster and namespace. Paths and names only: credentials stay in the kubeconfig.
 */
export const address = () =>
  z.strictObject({context: z.string().min(1), kubeconfig: z.string().min(1), namespace: z.string().min(1)});
export type ClusterAddress = z.output<ReturnType<typeof address>>;

function ambientPath(ambient: Ambient): string {
  const named = ambient.environment['KUBECONFIG'];
  return named === undefined || named === '' ? join(ambient.environment['HOME'] ?? '', '.kube', 'config') : named;
}

/** The environment may say where the kubeconfig lies; which context of it is used, only the selector says. */
export function addressOf(selector: JsonObject, ambient: Ambient): ClusterAddress {
  const written = selector['kubeconfig'];
  const paths = (typeof written === 'string' ? written : ambientPath(ambient))
    .split(delimiter)
    .filter(path => path !== '');
  const home = ambient.environment['HOME'] ?? '';
  return address().parse({
    context: selector['context'],
    namespace: selector['namespace'],
    kubeconfig: paths.map(path => resolve(path.replace(/^~(?=\/)/, home))).join(delimiter),
  });
}

/** Whether there is a kubeconfig; no cluster is asked, because none is named. */
export function diagnoseKubeconfig(ambient: Ambient): readonly Diagnosis[] {
  const what = 'kubeconfig';
  const paths = ambientPath(ambient);
  if (paths.split(delimiter).some(existsSync))
    return [{what, state: 'works', found: `${paths}; a file says which context and namespace are meant`}];
  const advice = 'Targets in Kubernetes need one: KUBECONFIG, or `kubeconfig: PATH` in the file.';
  return [{what, state: 'limited', found: `none at ${paths}`, advice}];
}

/**
 * The configuration with the named context selected. On another machine the address's path may not exist: then this
 * machine's own kubeconfig is read, and the cluster's identity is compared with the debt's before anything is done.
 */
export async function loadKubeconfig(given: ClusterAddress, ambient: Ambient): Promise<KubeConfig> {
  const candidates = [given.kubeconfig, ambientPath(ambient)].map(list => list.split(delimiter).filter(existsSync));
  const files = candidates.find(list => list.length > 0);
  if (files === undefined)
    throw new FiredrillError('DRIVER_UNREACHABLE', `Expected a kubeconfig at \`${given.kubeconfig}\`; there is none`, {
      hint: 'name it in the file (`kubeconfig: PATH`) or in the environment (KUBECONFIG)',
    });
  const {KubeConfig: Config} = await import('@kubernetes/client-node');
  const merged = new Config();
  merged.loadFromOptions({clusters: [], users: [], contexts: []});
  for (const file of files) merge(merged, read(new Config(), file));
  const known = merged.contexts.map(context => context.name);
  if (!known.includes(given.context))
    throw new FiredrillError(
      'DRIVER_UNREACHABLE',
      `Expected one of the contexts ${known.map(name => `\`${name}\``).join(', ') || '(there are none)'} of ${files.join(', ')}; got \`${given.context}\``,
      {hint: 'correct `context` in the file; `kubectl config get-contexts` lists them'},
    );
  merged.setCurrentContext(given.context);
  if (!merged.getCurrentCluster())
    throw new FiredrillError(
      'DRIVER_UNREACHABLE',
      `The context \`${given.context}\` of ${files.join(', ')} names a cluster that is not in it`,
    );
  return merged;
}

function read(config: KubeConfig, file: string): KubeConfig {
  try {
    config.loadFromFile(file);
    return config;
  } catch (cause) {
    throw new FiredrillError('FILE_UNREADABLE', `Expected a kubeconfig in \`${file}\`; ${describeError(cause)}`, {
      cause,
    });
  }
}

/** As kubectl merges: of two entries with one name the first counts. */
function merge(into: KubeConfig, from: KubeConfig): void {
  const fresh = <T extends {name: string}>(old: readonly T[], more: readonly T[]) =>
    more.filter(one => !old.some(known => known.name === one.name));
  into.clusters = [...into.clusters, ...fresh(into.clusters, from.clusters)];
  into.users = [...into.users, ...fresh(into.users, from.users)];
  into.contexts = [...into.contexts, ...fresh(into.contexts, from.contexts)];
}
