import {randomUUID} from 'node:crypto';

/** Objects as the API shows them; only what the tests' server needs of them. */
interface KubeMetadata {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: {apiVersion: string; kind: string; name: string; uid: string; controller: boolean}[];
}
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: KubeMetadata;
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  data?: Record<string, string>;
}
/** What a test or a POST gives: the rest is filled in. */
export interface NewObject {
  apiVersion: string;
  kind: string;
  metadata: Partial<KubeMetadata> & {name: string};
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  data?: Record<string, string>;
}

/** An answer that is not 2xx, as the API server words it. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** The server's memory: every write gets a new resourceVersion, a changed spec a new generation. */
export class Store {
  private readonly objects = new Map<string, KubeObject>();
  private version = 1000;
  private readonly listeners: (() => void)[] = [];

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  create(resource: string, given: NewObject): KubeObject {
    const key = keyOf(resource, given.metadata.namespace, given.metadata.name);
    if (this.objects.has(key))
      throw new ApiError(409, 'AlreadyExists', `${resource} "${given.metadata.name}" already exists`);
    const made: KubeObject = {
      ...structuredClone(given),
      metadata: {
        ...structuredClone(given.metadata),
        uid: randomUUID(),
        resourceVersion: this.next(),
        generation: 1,
        creationTimestamp: new Date().toISOString(),
      },
    };
    this.objects.set(key, made);
    this.changed();
    return structuredClone(made);
  }

  find(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    const found = this.objects.get(keyOf(resource, namespace, name));
    return found === undefined ? undefined : structuredClone(found);
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject {
    const found = this.find(resource, namespace, name);
    if (found === undefined) throw new ApiError(404, 'NotFound', `${resource} "${name}" not found`);
    return found;
  }

  list(resource: string, namespace?: string): KubeObject[] {
    const prefix = `${resource}/${namespace === undefined ? '' : `${namespace}/`}`;
    return [...this.objects].filter(([key]) => key.startsWith(prefix)).map(([, object]) => structuredClone(object));
  }

  /** Replaces an object; nothing happens when nothing differs. */
  put(resource: string, object: KubeObject): KubeObject {
    const key = keyOf(resource, object.metadata.namespace, object.metadata.name);
    const old = this.objects.get(key);
    if (old === undefined) throw new ApiError(404, 'NotFound', `${resource} "${object.metadata.name}" not found`);
    const {resourceVersion, generation} = old.metadata;
    const next = structuredClone({...object, metadata: {...object.metadata, resourceVersion, generation}});
    if (JSON.stringify(next) === JSON.stringify(old)) return structuredClone(old);
    if (JSON.stringify(next.spec) !== JSON.stringify(old.spec)) next.metadata.generation += 1;
    next.metadata.resourceVersion = this.next();
    this.objects.set(key, next);
    this.changed();
    return structuredClone(next);
  }

  /** A JSON merge patch; a `resourceVersion` or `uid` in it must be the present one. */
  mergePatch(
    resource: string,
    namespace: string | undefined,
    name: string,
    patch: Record<string, unknown>,
  ): KubeObject {
    const object = this.get(resource, namespace, name);
    const wanted = (patch['metadata'] ?? {}) as Partial<KubeMetadata>;
    if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== object.metadata.resourceVersion)
      throw new ApiError(
        409,
        'Conflict',
        `Operation cannot be fulfilled on ${resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      );
    if (wanted.uid !== undefined && wanted.uid !== object.metadata.uid)
      throw new ApiError(409, 'Conflict', `Precondition failed: UID in precondition: ${wanted.uid}`);
    return this.put(resource, merge(object, patch) as KubeObject);
  }

  remove(resource: string, namespace: string | undefined, name: string): void {
    if (this.objects.delete(keyOf(resource, namespace, name))) this.changed();
  }

  private next(): string {
    this.version += 1;
    return String(this.version);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

function keyOf(resource: string, namespace: string | undefined, name: string): string {
  return namespace === undefined ? `${resource}/${name}` : `${resource}/${namespace}/${name}`;
}

/** RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? {...target} : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(base, key);
    else base[key] = merge(base[key], value);
  }
  return base;
}

/** `a=b,c in (x,y),!d,e`. */
export function matchesLabels(selector: string, labels: Record<string, string> = {}): boolean {
  const terms = selector.match(/[^,(]+(\([^)]*\))?/g) ?? [];
  return terms.every(raw => {
    const term = raw.trim();
    const set = /^(\S+) (in|notin) \(([^)]*)\)$/.exec(term);
    if (set !== null) {
      const has = (set[3] ?? '').split(',').includes(labels[set[1]!] ?? '\u0000');
      return set[2] === 'in' ? has : !has;
    }
    if (term.startsWith('!')) return !(term.slice(1) in labels);
    const [key = '', value] = term.split('=');
    return value === undefined ? key in labels : labels[key] === value;
  });
}
