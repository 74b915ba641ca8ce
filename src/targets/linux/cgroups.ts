import {accessSync, constants, existsSync, readFileSync} from 'node:fs';

const ROOT = '/sys/fs/cgroup';

/** One hierarchy that a process is in: cgroup v1 has several, v2 one, whose only controller name is empty. */
export interface CgroupRow {
  readonly controllers: readonly string[];
  readonly path: string;
}

/** The cgroups of a process of this machine. @throws when it is gone or may not be read. */
export function cgroupsOf(pid: number | 'self'): readonly CgroupRow[] {
  return parseCgroups(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
}

/** The rows of /proc/PID/cgroup: `4:cpu,cpuacct:/docker/…`, on v2 `0::/…`. */
export function parseCgroups(text: string): readonly CgroupRow[] {
  return text.split('\n').flatMap(row => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(row) ?? [];
    return controllers === undefined || path === undefined ? [] : [{controllers: controllers.split(','), path}];
  });
}

/** Where the files of a cgroup are; undefined where its hierarchy is not mounted at the usual place. */
export function folderOf({controllers, path}: CgroupRow): string | undefined {
  const [first = ''] = controllers;
  // Where v1 and v2 are both mounted, the one hierarchy of v2 has no controllers and stands aside.
  const mounts =
    first === ''
      ? existsSync(`${ROOT}/cgroup.controllers`)
        ? [ROOT]
        : [`${ROOT}/unified`]
      : [`${ROOT}/${controllers.join(',')}`, `${ROOT}/${first.replace(/^name=/, '')}`];
  return mounts.map(mount => `${mount}${path}`).find(folder => existsSync(`${folder}/cgroup.procs`));
}

/** The folder that holds this controller's files: of v1 if it is mounted there, else of v2. */
export function controllerFolder(rows: readonly CgroupRow[], controller: string): string | undefined {
  const row =
    rows.find(({controllers}) => controllers.includes(controller)) ??
    rows.find(({controllers}) => controllers.includes(''));
  return row === undefined ? undefined : folderOf(row);
}

/** Whether this controller is one of v2 for these rows. */
export function isUnified(rows: readonly CgroupRow[], controller: string): boolean {
  return !rows.some(({controllers}) => controllers.includes(controller));
}

/** The files by which a process joins these cgroups. */
export function joinFiles(rows: readonly CgroupRow[]): readonly string[] {
  return rows.flatMap(row => {
    const folder = folderOf(row);
    return folder === undefined ? [] : [`${folder}/cgroup.procs`];
  });
}

/** The cgroups that a process has to itself or to its service: neither ours nor the root of a hierarchy. */
export function ownCgroups(pid: number): readonly CgroupRow[] {
  const ours = new Set(cgroupsOf('self').map(({controllers, path}) => `${controllers.join()}:${path}`));
  return cgroupsOf(pid).filter(({controllers, path}) => path !== '/' && !ours.has(`${controllers.join()}:${path}`));
}

export function mayWrite(files: readonly string[]): boolean {
  try {
    for (const file of files) accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The processes in a cgroup (not in those below it); none when it is gone. */
export function membersOf(folder: string): readonly number[] {
  try {
    return readFileSync(`${folder}/cgroup.procs`, 'utf8').split('\n').map(Number).filter(Boolean);
  } catch {
    return [];
  }
}
