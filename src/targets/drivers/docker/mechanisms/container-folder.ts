import {join, posix} from 'node:path';
import type {JsonObject} from '../../../../quantities/json.js';
import {folderInside} from '../../../linux/inside-root.js';
import type {ContainerView, Mounted} from '../engine/container.js';
import type {Engine} from '../engine/engine.js';
import {hostPid} from '../engine/host-pid.js';

/**
 * A folder of a container, as it is kept in debts: below `root` of the engine's machine, where that can be known
 * without the container running (a volume, a folder of the host); else below the container's own root.
 */
export interface ContainerFolder {
  readonly inside: string;
  /**
   * `layer`: its writable layer; `mount`: a volume or a folder of the host; `memory`: ends with the container's run.
   */
  readonly kind: 'layer' | 'mount' | 'memory';
  /** Of a layer its upper folder, of a mount its source; null where that is not known. */
  readonly root: string | null;
  /** The folder below `root`. */
  readonly below: string;
}

/** The mount that a folder of the container is on; undefined for its own layer. */
function mountAt(view: ContainerView, folder: string): Mounted | undefined {
  return view.mounts
    .filter(({destination}) => folder === destination || folder.startsWith(posix.join(destination, '/')))
    .sort((a, b) => b.destination.length - a.destination.length)[0];
}

/** The folder that a path means in a container. @throws the system's error where there is no such folder. */
export async function containerFolderAt(
  view: ContainerView,
  pid: number,
  path: string,
  inMemory: boolean,
): Promise<ContainerFolder> {
  const inside = await folderInside(`/proc/${pid}/root`, posix.resolve(view.workingDir, path));
  const mount = mountAt(view, inside);
  if (inMemory && (mount === undefined || mount.type === 'tmpfs')) {
    return {inside, kind: 'memory', root: null, below: inside};
  }
  if (mount === undefined || mount.source === '') return {inside, kind: 'layer', root: view.upperDir, below: inside};
  const below = posix.join('/', inside.slice(mount.destination.length));
  return {inside, kind: 'mount', root: mount.source, below};
}

export function containerFolderArguments({inside, kind, root, below}: ContainerFolder): JsonObject {
  return {inside, kind, root, below};
}

export function containerFolderFrom(from: unknown): ContainerFolder {
  // Our own words, which went through JSON.
  return from as ContainerFolder;
}

/** Where the folder is on this machine now; undefined where it no longer exists. @throws where that cannot be told. */
export async function hostFolderOf(
  engine: Engine,
  view: ContainerView | 'gone',
  place: ContainerFolder,
): Promise<string | undefined> {
  try {
    const root = rootOf(engine, view, place);
    if (root === undefined) return undefined;
    return join(root.path, await folderInside(root.path, root.below));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}

interface Root {
  readonly path: string;
  readonly below: string;
}

function rootOf(
  engine: Engine,
  view: ContainerView | 'gone',
  {kind, root, inside, below}: ContainerFolder,
): Root | undefined {
  const known =
    view === 'gone' || root === null || root === view.upperDir || view.mounts.some(one => one.source === root);
  // It comes back from a mark, too: it is no word for any folder of the machine.
  if (!known) throw new Error(`\`${root}\` is no folder of container ${view.name}`);
  if (kind === 'mount' && root !== null) return {path: root, below};
  if (view === 'gone') return undefined;
  if (view.running) {
    const found = hostPid(engine, view);
    if ('why' in found) throw new Error(found.why);
    return {path: `/proc/${found.pid}/root`, below: inside};
  }
  if (kind === 'memory') return undefined;
  if (root === null)
    throw new Error(`the storage of ${view.name} cannot be looked into while it does not run: start it`);
  return {path: root, below};
}
