import type {TargetRef} from '../../../contract.js';
import type {ContainerView} from '../engine/container.js';
import type {Engine} from '../engine/engine.js';
import {hostPid} from '../engine/host-pid.js';
import {isInstalled} from '../../../linux/tools.js';

/** Built from `helper/Dockerfile`; nothing is ever pulled behind the user's back. */
export const DEFAULT_HELPER_IMAGE = 'firedrill-helper:1';

/** What must be known of a container to enter its network namespace. */
export type Enterable = Pick<ContainerView, 'id' | 'name' | 'pid' | 'startedAt'>;

/** Which entrance there is to a container's network namespace. */
export type EntranceKind =
  | {readonly kind: 'nsenter'}
  | {readonly kind: 'helper'; readonly image: string}
  | {readonly kind: 'none'; readonly why: string};

/** Why `nsenter` cannot be used on this engine's containers; undefined when it can. */
function withoutNsenter(engine: Engine, view: Enterable | undefined): string | undefined {
  if (!engine.isLocal) return `the engine at ${engine.address.host} is not on this machine`;
  if (process.getuid?.() !== 0) return 'only root may enter the namespaces of a container';
  if (!isInstalled('nsenter')) return 'there is no `nsenter` on this machine (package util-linux)';
  if (view === undefined) return undefined;
  const found = hostPid(engine, view);
  return 'why' in found ? found.why : undefined;
}

/**
 * How to enter containers of this engine: `nsenter` where we are root on its host, else a helper container; the address
 * may demand one of them. With a container the answer is for this one.
 */
export function entranceOf(engine: Engine, view?: Enterable): EntranceKind {
  const {enter, helperImage = DEFAULT_HELPER_IMAGE} = engine.address;
  if (enter === 'helper') return {kind: 'helper', image: helperImage};
  const why = withoutNsenter(engine, view);
  if (why === undefined) return {kind: 'nsenter'};
  return enter === 'nsenter' ? {kind: 'none', why} : {kind: 'helper', image: helperImage};
}

/**
 * A container by the pid that was noted when something was drafted for it, where that still is its first process: the
 * engine need not be asked again. Undefined otherwise, and wherever `nsenter` is not the way in.
 */
export function notedView(engine: Engine, ref: TargetRef, pid: number | undefined): Enterable | undefined {
  if (pid === undefined) return undefined;
  const view = {id: ref.object, name: ref.name, pid, startedAt: ref.incarnation};
  return entranceOf(engine, view).kind === 'nsenter' ? view : undefined;
}
