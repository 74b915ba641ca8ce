import {FiredrillError} from '../../../../system/error.js';
import type {Cluster} from './cluster.js';
import {requestFailureIn} from './failure.js';

interface Right {
  readonly verb: string;
  readonly group: '' | 'apps' | 'autoscaling';
  readonly resource: string;
  /** What it is needed for, as the plan says it. */
  readonly use: string;
}

export const DELETE_PODS: Right = {verb: 'delete', group: '', resource: 'pods', use: 'the fault `delete`'};
export const LIST_AUTOSCALERS: Right = {
  verb: 'list',
  group: 'autoscaling',
  resource: 'horizontalpodautoscalers',
  use: 'the fault `scale` (an autoscaler would fight it)',
};

export function patchRight(resource: string): Right {
  return {verb: 'patch', group: 'apps', resource, use: 'the mark that lets `recover` put things back'};
}

/** Everything the driver may need in the namespace; what is missing is told by the plan. */
const ALL: readonly Right[] = [
  {verb: 'list', group: '', resource: 'pods', use: 'finding targets and counting ready pods'},
  ...['deployments', 'statefulsets', 'replicasets', 'daemonsets'].map(resource => ({
    verb: 'list',
    group: 'apps' as const,
    resource,
    use: 'reading marks (what earlier runs still owe)',
  })),
  ...['deployments', 'statefulsets'].map(patchRight),
  DELETE_PODS,
  LIST_AUTOSCALERS,
  {verb: 'get', group: '', resource: 'configmaps', use: 'noticing a `firedrill stop` from another machine'},
];

async function isAllowed(cluster: Cluster, right: Right, signal?: AbortSignal): Promise<boolean> {
  const {verb, group, resource} = right;
  const {V1ResourceAttributes, V1SelfSubjectAccessReview, V1SelfSubjectAccessReviewSpec} = cluster.sdk;
  const asked = {verb, group, resource, namespace: cluster.namespace};
  const body = Object.assign(new V1SelfSubjectAccessReview(), {
    spec: Object.assign(new V1SelfSubjectAccessReviewSpec(), {
      resourceAttributes: Object.assign(new V1ResourceAttributes(), asked),
    }),
  });
  const review = await cluster.read(
    {verb: 'create', resource: 'selfsubjectaccessreviews'},
    options => cluster.authorization.createSelfSubjectAccessReview({body}, options),
    signal,
  );
  return review.status?.allowed === true;
}

const nameOf = ({verb, group, resource}: Right) => `${verb} ${group === '' ? resource : `${resource}.${group}`}`;

/** One sentence for each right that the user of the context does not have in the namespace. */
export async function missingRights(cluster: Cluster, signal: AbortSignal): Promise<readonly string[]> {
  const answers = await Promise.all(ALL.map(right => isAllowed(cluster, right, signal)));
  return ALL.filter((_, i) => answers[i] !== true).map(
    right => `missing right in namespace \`${cluster.namespace}\`: ${nameOf(right)}, needed for ${right.use}`,
  );
}

/**
 * Rejects with CAPABILITY_MISSING that names all missing rights. A cluster that does not tell is left to answer 403
 * itself.
 */
export async function requireRights(cluster: Cluster, rights: readonly Right[]): Promise<void> {
  const answers = await Promise.all(
    rights.map(right =>
      isAllowed(cluster, right).catch((error: unknown) => {
        if (requestFailureIn(error)?.status === 403) return true;
        throw error;
      }),
    ),
  );
  const missing = rights.filter((_, i) => answers[i] !== true);
  if (missing.length === 0) return;
  throw new FiredrillError(
    'CAPABILITY_MISSING',
    `${cluster.where} does not allow in namespace \`${cluster.namespace}\`: ${missing
      .map(right => `${nameOf(right)} (for ${right.use})`)
      .join('; ')}`,
    {hint: 'grant these verbs to the user of this context with a Role and a RoleBinding'},
  );
}
