import * as z from 'zod';
import type {JsonObject} from '../../../quantities/json.js';
import {podLocator, workloadLocator} from './api/identity.js';

/** The driver's operations, version 1. Their arguments come back from disk and from annotations: they are checked. */
export const OPS = {
  /** Event: deletes one pod, by uid. */
  deletePod: 'pod.delete',
  /** Read-only: `in-force` once that very pod is ending or gone. */
  podDeleted: 'pod.deleted',
  /** Undo of a deletion: nothing is put back by us, the controller's work is awaited. */
  awaitReady: 'workload.await-ready',
  /** Read-only: `absent` once as many pods are ready as before. */
  ready: 'workload.ready',
  /** State: gives a workload another number of replicas. */
  scale: 'workload.scale',
  /** Read-only: `in-force` once the controller has brought the workload to that number. */
  scaled: 'workload.scaled',
  /** Undo of a scale: the old number, only while ours is still there. */
  restore: 'workload.restore',
  /** Read-only: `in-force` while our number is still asked for. */
  restored: 'workload.restored',
  /** Read-only: replicas, ready pods and restarts of what the reference points at, for the probe. */
  observe: 'workload.observe',
} as const;

export const OPS_VERSION = 1;

export const deleteArgs = () =>
  z.strictObject({
    pod: podLocator(),
    on: workloadLocator().optional(),
    graceSeconds: z.int().min(0).optional(),
  });

export const readyArgs = () => z.strictObject({on: workloadLocator(), ready: z.int().min(0)});

const replicas = () => z.int().min(0);
export const scaleArgs = () => z.strictObject({on: workloadLocator(), was: replicas(), ours: replicas()});

/** What every undo names: the workload that carries the mark. */
export const markedArgs = () => z.looseObject({on: workloadLocator()});

export type DeleteArgs = z.output<ReturnType<typeof deleteArgs>>;
export type ReadyArgs = z.output<ReturnType<typeof readyArgs>>;
export type ScaleArgs = z.output<ReturnType<typeof scaleArgs>>;

/** The arguments as data for an Op; entries that are undefined are left out. */
export function asArgs(args: DeleteArgs | ReadyArgs | ScaleArgs): JsonObject {
  return JSON.parse(JSON.stringify(args)) as JsonObject;
}
