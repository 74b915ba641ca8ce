import type {JsonObject} from '../quantities/json.js';

export type DriverName = 'docker' | 'kubernetes' | 'process' | 'proxy' | 'toxiproxy' | 'command' | 'memory';
export type Kind = 'container' | 'process' | 'pod' | 'workload' | 'node' | 'connection' | 'host';

export interface TargetRef {
  readonly driver: DriverName;
  readonly kind: Kind;
  /** For people only. */
  readonly name: string;
  /** Engine id, cluster uid, boot id, proxy instance; never a URL or a context name. */
  readonly endpoint: string;
  /** Survives a restart: container id, uid, pid file or port, connection name. */
  readonly object: string;
  /** Changes on a restart: StartedAt + netns inode, pid + start time + boot, proxy start. */
  readonly incarnation: string;
}

/** Tells a target from all others, whatever restarts it sees. */
export function targetKey({driver, endpoint, object}: Pick<TargetRef, 'driver' | 'endpoint' | 'object'>): string {
  return `${driver} ${endpoint} ${object}`;
}

/** Something a selector resolved to, with what the plan must know about it. */
export interface Candidate {
  readonly ref: TargetRef;
  /** `running`, `exited`, `Running`, `not started`… as the platform calls it. */
  readonly status: string;
  /** Why it must never be hit (label, our own, the container we run in); undefined when it may. */
  readonly protectedBy?: string;
  /** Why it cannot take a fault that it would be drawn for; the plan finds out when it drafts. */
  readonly unfit?: string;
  /** What a person would want to know: image, command line, labels. */
  readonly details: JsonObject;
}
