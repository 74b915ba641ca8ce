import type {JsonObject} from '../../../quantities/json.js';
import type {TargetRef} from '../../contract.js';
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
  readonly cpu: {readonly nano: number; readonly quota: number; readonly period: number};
  readonly memory: {readonly limit: number; readonly swap: number};
}

interface RawEndpoint {
  readonly NetworkID: string;
  readonly Aliases?: readonly string[] | null;
  readonly Links?: readonly string[] | null;
  readonly DriverOpts?: Readonly<Record<string, string>> | null;
  readonly IPAMConfig?: {readonly IPv4Address?: string; readonly IPv6Address?: string} | null;
}

interface RawContainer {
  readonly Id: string;
  readonly Name: string;
  readonly RestartCount?: number;
  readonly Config: {readonly Image: string; readonly Labels?: Readonly<Record<string, string>> | null};
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
    readonly RestartPolicy?: {readonly Name: string; readonly MaximumRetryCount?: number} | null;
  };
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
  };
}

function limitsOf(raw: RawContainer['HostConfig']): Pick<ContainerView, 'cpu' | 'memory'> {
  return {
    cpu: {nano: raw.NanoCpus ?? 0, quota: raw.CpuQuota ?? 0, period: raw.CpuPeriod ?? 0},
    memory: {limit: raw.Memory ?? 0, swap: raw.MemorySwap ?? 0},
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
    ...limitsOf(raw.HostConfig),
  };
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
