import type {JsonObject} from '../../../../quantities/json.js';
import type {TargetRef} from '../../../contract.js';
import type {Engine} from './engine.js';
import {statusOf} from './failures.js';

/** How a container hangs on one network, as far as it can be put back. */
export interface Attachment {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly links: readonly string[];
  /** Addresses that were asked for; those that the engine chose are not a property of the container. */
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  readonly driverOptions: Readonly<Record<string, string>>;
  /** Of its interface there, in lower case; null while the container does not run. */
  readonly mac: string | null;
}

/** What an inspect says about a container, in our words. */
export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: string;
  readonly running: boolean;
  readonly paused: boolean;
  readonly restarting: boolean;
  readonly startedAt: string;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Of its first process, in the pid namespace of the engine; 0 when it is not running. */
  readonly pid: number;
  readonly restarts: number;
  /** `none` where the image declares no health check. */
  readonly health: string;
  readonly restartPolicy: {readonly name: string; readonly maximum: number};
  readonly autoRemove: boolean;
  readonly networkMode: string;
  readonly attachments: readonly Attachment[];
  /** That it has now on its networks. */
  readonly addresses: readonly string[];
  readonly cpu: {readonly nano: number; readonly quota: number; readonly period: number};
  readonly memory: {readonly limit: number; readonly swap: number};
  /** Processes and threads; null without a limit, which engines write as 0, -1 or nothing at all. */
  readonly pidsLimit: number | null;
  /** `host` where it sees the processes of the machine; '' when they are its own. */
  readonly pidMode: string;
  /** The cgroup that it is started under; '' for the engine's default. */
  readonly cgroupParent: string;
  readonly workingDir: string;
  readonly mounts: readonly Mounted[];
  /** Where its writable layer is on the engine's machine; null where the storage driver keeps none as a folder. */
  readonly upperDir: string | null;
}

/** A volume, a folder of the host or a tmpfs in a container. */
export interface Mounted {
  readonly type: string;
  /** On the engine's machine; '' for a tmpfs. */
  readonly source: string;
  readonly destination: string;
}

interface RawEndpoint {
  readonly NetworkID: string;
  readonly Aliases?: readonly string[] | null;
  readonly Links?: readonly string[] | null;
  readonly DriverOpts?: Readonly<Record<string, string>> | null;
  readonly MacAddress?: string;
  readonly IPAddress?: string;
  readonly GlobalIPv6Address?: string;
  readonly IPAMConfig?: {readonly IPv4Address?: string; readonly IPv6Address?: string} | null;
}

interface RawContainer {
  readonly Id: string;
  readonly Name: string;
  readonly RestartCount?: number;
  readonly Config: {
    readonly Image: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly WorkingDir?: string;
  };
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Paused: boolean;
    readonly Restarting: boolean;
    readonly OOMKilled?: boolean;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly Health?: {readonly Status: string} | null;
  };
  readonly HostConfig: {
    readonly AutoRemove?: boolean;
    readonly NetworkMode?: string;
    readonly NanoCpus?: number;
    readonly CpuQuota?: number;
    readonly CpuPeriod?: number;
    readonly Memory?: number;
    readonly MemorySwap?: number;
    readonly PidsLimit?: number | null;
    readonly PidMode?: string;
    readonly CgroupParent?: string;
    readonly RestartPolicy?: {readonly Name: string; readonly MaximumRetryCount?: number} | null;
  };
  readonly Mounts?: readonly {readonly Type: string; readonly Source?: string; readonly Destination: string}[] | null;
  readonly GraphDriver?: {readonly Data?: {readonly UpperDir?: string} | null} | null;
  readonly NetworkSettings: {readonly Networks?: Readonly<Record<string, RawEndpoint>> | null};
}

/** The engine adds the short id to the aliases by itself; it is not ours to put back. */
function attachment(id: string, name: string, raw: RawEndpoint): Attachment {
  const filled = (text: string | undefined) => (text === undefined || text === '' ? null : text);
  return {
    id: raw.NetworkID,
    name,
    aliases: (raw.Aliases ?? []).filter(alias => alias !== id.slice(0, 12)).sort(),
    links: [...(raw.Links ?? [])].sort(),
    ipv4: filled(raw.IPAMConfig?.IPv4Address),
    ipv6: filled(raw.IPAMConfig?.IPv6Address),
    driverOptions: raw.DriverOpts ?? {},
    mac: filled(raw.MacAddress?.toLowerCase()),
  };
}

function limitsOf(raw: RawContainer['HostConfig']): Pick<ContainerView, 'cpu' | 'memory' | 'pidsLimit'> {
  const pids = raw.PidsLimit ?? 0;
  return {
    pidsLimit: pids > 0 ? pids : null,
    cpu: {nano: raw.NanoCpus ?? 0, quota: raw.CpuQuota ?? 0, period: raw.CpuPeriod ?? 0},
    memory: {limit: raw.Memory ?? 0, swap: raw.MemorySwap ?? 0},
  };
}

function placesOf(raw: RawContainer) {
  return {
    pidMode: raw.HostConfig.PidMode ?? '',
    cgroupParent: raw.HostConfig.CgroupParent ?? '',
    workingDir: raw.Config.WorkingDir === undefined || raw.Config.WorkingDir === '' ? '/' : raw.Config.WorkingDir,
    mounts: (raw.Mounts ?? []).map(one => ({type: one.Type, source: one.Source ?? '', destination: one.Destination})),
    upperDir: raw.GraphDriver?.Data?.UpperDir ?? null,
  };
}

function stateOf(raw: RawContainer['State']) {
  return {
    status: raw.Status,
    running: raw.Running && !raw.Restarting,
    paused: raw.Paused,
    restarting: raw.Restarting,
    startedAt: raw.StartedAt,
    exitCode: raw.ExitCode,
    oomKilled: raw.OOMKilled ?? false,
    pid: raw.Pid,
    health: raw.Health?.Status ?? 'none',
  };
}

/** Reads an inspect answer, tolerant of what older and newer engines leave out. */
export function viewOf(answer: unknown): ContainerView {
  const raw = answer as RawContainer;
  const networks = Object.entries(raw.NetworkSettings.Networks ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    id: raw.Id,
    name: raw.Name.replace(/^\//, ''),
    image: raw.Config.Image,
    labels: raw.Config.Labels ?? {},
    ...stateOf(raw.State),
    restarts: raw.RestartCount ?? 0,
    restartPolicy: {
      name: raw.HostConfig.RestartPolicy?.Name ?? 'no',
      maximum: raw.HostConfig.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    autoRemove: raw.HostConfig.AutoRemove ?? false,
    networkMode: raw.HostConfig.NetworkMode ?? 'default',
    attachments: networks.map(([name, endpoint]) => attachment(raw.Id, name, endpoint)),
    addresses: networks
      .flatMap(([, {IPAddress = '', GlobalIPv6Address = ''}]) => [IPAddress, GlobalIPv6Address])
      .filter(address => address !== ''),
    ...limitsOf(raw.HostConfig),
    ...placesOf(raw),
  };
}

/** What a list of the engine shows of its containers, of all states where `all`; `filters` as the engine takes them. */
export async function listContainers<T>(
  engine: Engine,
  {all, filters}: {readonly all: boolean; readonly filters: Readonly<Record<string, readonly string[]>>},
  signal: AbortSignal,
): Promise<readonly T[]> {
  const asked = {all, filters: JSON.stringify(filters)};
  const ask = (abortSignal: AbortSignal) => engine.docker.listContainers({...asked, abortSignal});
  return (await engine.read(ask, signal)) as readonly T[];
}

/** The container as it is now, or `gone`. Throws when the engine cannot be asked. */
export async function inspectContainer(
  engine: Engine,
  id: string,
  signal: AbortSignal,
): Promise<ContainerView | 'gone'> {
  try {
    const ask = (abortSignal: AbortSignal) => engine.docker.getContainer(id).inspect({abortSignal});
    return viewOf(await engine.read(ask, signal));
  } catch (error) {
    if (statusOf(error) === 404) return 'gone';
    throw error;
  }
}

export function refOf(engine: Engine, view: ContainerView): TargetRef {
  return {
    driver: 'docker',
    kind: 'container',
    name: view.name,
    endpoint: engine.id,
    object: view.id,
    incarnation: view.startedAt,
  };
}

/** What a proof tells about the container it looked at. */
export function readingsOf(view: ContainerView): JsonObject {
  return {status: view.status, startedAt: view.startedAt};
}
