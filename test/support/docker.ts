import {execFile, execFileSync} from 'node:child_process';
import {cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';

const exec = promisify(execFile);

/** On everything the tests make, with the id of the process that made it. */
export const TEST_LABEL = 'dev.firedrill.test';
const BUSYBOX = 'firedrill-test-busybox:1';
const NODE = `firedrill-test-node:${process.versions.node}`;
const APPLETS = ['sh', 'sleep', 'cat', 'nc', 'httpd', 'ip', 'wget', 'ping', 'dd', 'echo', 'kill', 'ls', 'true', 'tail'];

/** `docker` with these arguments; its standard output without the last line break. Bounded to 60 s. */
export async function docker(...args: readonly string[]): Promise<string> {
  const {stdout} = await exec('docker', [...args], {timeout: 60_000, maxBuffer: 16 * 2 ** 20});
  return stdout.trimEnd();
}

async function hasImage(tag: string): Promise<boolean> {
  return (await docker('images', '-q', tag)) !== '';
}

/** Imports a folder as an image under a tag. Where another process was quicker, its image stays. */
async function importFolder(root: string, tag: string): Promise<void> {
  const tar = `${root}.tar`;
  try {
    await exec('tar', ['-C', root, '-cf', tar, '.']);
    const id = await docker('import', '--change', 'ENV PATH=/bin:/usr/bin', tar);
    if (await hasImage(tag)) await docker('rmi', id);
    else await docker('tag', id, tag);
  } finally {
    rmSync(tar, {force: true});
  }
}

/** A static busybox with its applets. */
export function addBusybox(root: string): void {
  mkdirSync(join(root, 'bin'), {recursive: true});
  mkdirSync(join(root, 'tmp'), {recursive: true});
  cpSync('/usr/bin/busybox', join(root, 'bin/busybox'));
  for (const applet of APPLETS) symlinkSync('busybox', join(root, 'bin', applet));
}

/** An image that is made once per engine and kept for the next run. */
export async function cached(tag: string, fill: (root: string) => void): Promise<string> {
  if (await hasImage(tag)) return tag;
  const root = mkdtempSync(join(tmpdir(), 'firedrill-image-'));
  try {
    fill(root);
    await importFolder(root, tag);
  } finally {
    rmSync(root, {recursive: true, force: true});
  }
  return tag;
}

/** A program of this machine with the libraries it is linked to. */
export function addProgram(root: string, program: string, at = program): void {
  const file = realpathSync(program);
  const libraries = execFileSync('ldd', [file], {encoding: 'utf8'})
    .split('\n')
    .flatMap(line => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  for (const one of [...libraries, file]) {
    const to = join(root, one === file ? at : one);
    mkdirSync(dirname(to), {recursive: true});
    cpSync(realpathSync(one), to);
  }
}

/** An image with a static busybox (2 MB); made once per engine, kept for the next run. */
export function importBusybox(): Promise<string> {
  return cached(BUSYBOX, addBusybox);
}

/** An image with busybox and this machine's node with its libraries; made once per engine and node version. */
export function importNode(): Promise<string> {
  return cached(NODE, root => {
    addBusybox(root);
    addProgram(root, process.execPath, '/usr/bin/node');
  });
}

export interface ContainerOptions {
  readonly name: string;
  /** Default: busybox. */
  readonly image?: string;
  /** Default: sleeps, and ends at once on SIGTERM. */
  readonly command?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Further arguments of `docker run`: `--restart`, `--cpus`, `--network`… */
  readonly args?: readonly string[];
}

export interface RunningContainer {
  readonly id: string;
  readonly name: string;
  /** First address, '' where there is none. */
  ip(): Promise<string>;
  inspect(): Promise<ContainerState>;
  remove(): Promise<void>;
}

/** The parts of `docker inspect` that tests look at. */
export interface ContainerState {
  readonly Id: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Paused: boolean;
    readonly Pid: number;
    readonly StartedAt: string;
    readonly ExitCode: number;
  };
  readonly HostConfig: {
    readonly NanoCpus: number;
    readonly CpuQuota: number;
    readonly CpuPeriod: number;
    readonly Memory: number;
    readonly MemorySwap: number;
  };
  readonly NetworkSettings: {
    readonly Networks: Readonly<
      Record<string, {readonly IPAddress: string; readonly Aliases: readonly string[] | null}>
    >;
  };
}

/** A name that nobody else on this engine uses: `fd-<what>-<pid>-<n>`. */
export function uniqueName(what: string): string {
  counter += 1;
  return `fd-${what}-${process.pid}-${counter}`;
}
let counter = 0;
let cleanupInstalled = false;

/** What a test left behind is removed when its process ends, whatever happened. */
function installCleanup(): void {
  if (cleanupInstalled) return;
  cleanupInstalled = true;
  process.once('exit', () => {
    const label = `${TEST_LABEL}=${process.pid}`;
    const ids = execFileSync('docker', ['ps', '-aq', '--filter', `label=${label}`], {encoding: 'utf8'}).split(/\s+/);
    const left = ids.filter(id => id !== '');
    if (left.length > 0) execFileSync('docker', ['rm', '-f', '-v', ...left], {stdio: 'ignore'});
  });
}

export async function inspect(name: string): Promise<ContainerState> {
  const [state] = JSON.parse(await docker('inspect', '--type', 'container', name)) as ContainerState[];
  if (state === undefined) throw new Error(`no container ${name}`);
  return state;
}

/** Starts a container that is removed at the latest when this process ends. */
export async function runContainer(options: ContainerOptions): Promise<RunningContainer> {
  installCleanup();
  const {name} = options;
  const labels = Object.entries({[TEST_LABEL]: String(process.pid), ...options.labels});
  const id = await docker(
    'run',
    '-d',
    '--name',
    name,
    ...labels.flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...(options.args ?? []),
    options.image ?? (await importBusybox()),
    ...(options.command ?? ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 0.1; done']),
  );
  return {
    id,
    name,
    inspect: () => inspect(id),
    ip: async () => Object.values((await inspect(id)).NetworkSettings.Networks)[0]?.IPAddress ?? '',
    remove: () => removeContainers([id]),
  };
}

/** A few at a time: of fifty that go at once the engine has kept the end of one, and its network then stays. */
async function removeContainers([...ids]: readonly string[]): Promise<void> {
  while (ids.length > 0) {
    await docker('rm', '-f', '-v', ...ids.splice(0, 5)).catch((error: unknown) => {
      if (!String(error).includes('No such container')) throw error;
    });
  }
}

async function lines(...args: readonly string[]): Promise<readonly string[]> {
  return (await docker(...args)).split('\n').filter(line => line !== '');
}

/** Removes every container, network and volume whose name starts with the prefix. */
export async function removeAll(prefix: string): Promise<void> {
  await removeContainers(await lines('ps', '-aq', '--filter', `name=^/?${prefix}`));
  const networks = await lines('network', 'ls', '--format', '{{.Name}}', '--filter', `name=^${prefix}`);
  if (networks.length > 0) await docker('network', 'rm', ...networks);
  const volumes = await lines('volume', 'ls', '-q', '--filter', `name=^${prefix}`);
  if (volumes.length > 0) await docker('volume', 'rm', '-f', ...volumes);
}

/** Removes the marks, leases and stop requests of runs whose name starts with the prefix. */
export async function removeMarks(runPrefix: string): Promise<void> {
  const rows = await lines('volume', 'ls', '--filter', 'label=firedrill.run', '--format', '{{.Name}} {{.Labels}}');
  const ours = rows.filter(row => row.includes(`firedrill.run=${runPrefix}`)).flatMap(row => row.split(' ')[0] ?? []);
  if (ours.length > 0) await docker('volume', 'rm', '-f', ...ours);
}

/** A value of a cgroup v1 or v2 file of a container's first process, read on this host. */
export async function cgroupFile(id: string, controller: string, file: string): Promise<string> {
  const {State} = await inspect(id);
  const rows = readFileSync(`/proc/${State.Pid}/cgroup`, 'utf8').split('\n');
  const path = rows.flatMap(row => {
    const [, names = '', at = ''] = row.split(':');
    return names.split(',').includes(controller) ? [at] : [];
  })[0];
  return readFileSync(`/sys/fs/cgroup/${controller}${path ?? ''}/${file}`, 'utf8').trim();
}
