import type {JsonObject} from '../quantities/json.js';

/** What faults hit and drivers find. */
export const KINDS = ['container', 'process', 'pod', 'workload', 'node', 'connection', 'host'] as const;
export type Kind = (typeof KINDS)[number];

export interface TargetRef {
  /** The driver's name: that of its folder in src/targets/drivers. */
  readonly driver: string;
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
  /** It has no name of its own but what it was started with: people know it by the name that the file gives it. */
  readonly unnamed?: true;
  /** Why it cannot take a fault that it would be drawn for; the plan finds out when it drafts. */
  readonly unfit?: string;
  /** What a person would want to know: image, command line, labels. */
  readonly details: JsonObject;
}
