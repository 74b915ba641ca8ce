import {createHash} from 'node:crypto';
import * as z from 'zod';

export const CONTROLLER_KINDS = ['deployment', 'statefulset', 'replicaset', 'daemonset'] as const;
export type WorkloadKind = (typeof CONTROLLER_KINDS)[number];

/** Names and uids become segments of the API server's paths; they come back from annotations. */
const segment = () => z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/, 'a name');
const place = {namespace: segment(), name: segment(), uid: segment()};

export const workloadLocator = () => z.strictObject({kind: z.enum(CONTROLLER_KINDS), ...place});
export const podLocator = () => z.strictObject({kind: z.literal('pod'), ...place});

/** One workload: the name finds it, the uid proves that it is still the same one. */
export type WorkloadLocator = z.output<ReturnType<typeof workloadLocator>>;
export type PodLocator = z.output<ReturnType<typeof podLocator>>;
type Locator = WorkloadLocator | PodLocator;

/** What a reference points at: the object itself and, for a pod, the workload that has to replace it. */
interface Identity {
  readonly self: Locator;
  readonly owner?: WorkloadLocator;
}

/** `shop/pod/checkout-x2x/UID@deployment/checkout/UID`: where to look, and what must be found there. */
export function formatObject({self, owner}: Identity): string {
  const own = `${self.namespace}/${self.kind}/${self.name}/${self.uid}`;
  return owner === undefined ? own : `${own}@${owner.kind}/${owner.name}/${owner.uid}`;
}

/** The inverse of {@link formatObject}; undefined for a text that it never made. */
export function parseObject(object: string): Identity | undefined {
  const [own = '', by] = object.split('@');
  const [namespace, kind, name, uid] = own.split('/');
  const self = z.union([podLocator(), workloadLocator()]).safeParse({namespace, kind, name, uid});
  if (!self.success) return undefined;
  if (by === undefined) return {self: self.data};
  const [ownerKind, ownerName, ownerUid] = by.split('/');
  const owner = workloadLocator().safeParse({namespace, kind: ownerKind, name: ownerName, uid: ownerUid});
  return owner.success ? {self: self.data, owner: owner.data} : undefined;
}

/** For people: `deployment shop/checkout`. */
export function describeLocator({kind, namespace, name}: Locator): string {
  return `${kind} ${namespace}/${name}`;
}

/** A short stable fingerprint of data whose keys may come in any order. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 12);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return value === undefined ? 'null' : JSON.stringify(value);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
    .join()}}`;
}
