/**
 * The part of dockerode that is used, in its promise form and with the options that the engine really takes: the
 * published types put a callback overload last, leave `abortSignal` out and promise fields that older engines do not
 * send.
 */
export interface DockerApi {
  info(options: Cancellable): Promise<unknown>;
  listContainers(options: Cancellable & {all: boolean; filters: string}): Promise<unknown>;
  listVolumes(options: Cancellable & {filters: string}): Promise<unknown>;
  createVolume(options: {Name: string; Labels: Readonly<Record<string, string>>}): Promise<unknown>;
  getEvents(options: Cancellable & {since: string; until: string; filters: string}): Promise<AsyncIterable<Buffer>>;
  createContainer(options: object & {name?: string}): Promise<ContainerApi & {readonly id: string}>;
  getContainer(id: string): ContainerApi;
  getNetwork(id: string): NetworkApi;
  getVolume(name: string): {remove(): Promise<unknown>};
}

/** The log of a container while it is written, on a connection of its own: whoever reads one holds up no other. */
export interface LogsApi {
  getContainer(id: string): {
    logs(options: Cancellable & LogOptions): Promise<AsyncIterable<Buffer> & {destroy(): void}>;
  };
}

/** From where on: `since` in seconds of the engine's clock, with a fraction. */
export interface LogOptions {
  readonly follow: true;
  readonly stdout: true;
  readonly stderr: true;
  readonly timestamps: true;
  readonly since: number | string;
  readonly tail: number | 'all';
}

interface Cancellable {
  abortSignal: AbortSignal;
}

interface ContainerApi {
  inspect(options: Cancellable): Promise<unknown>;
  stats(options: Cancellable & {stream: false; 'one-shot': true}): Promise<unknown>;
  pause(): Promise<unknown>;
  unpause(): Promise<unknown>;
  kill(options: {signal: string}): Promise<unknown>;
  stop(options: {t: number}): Promise<unknown>;
  restart(options: {t: number}): Promise<unknown>;
  start(): Promise<unknown>;
  update(options: object): Promise<unknown>;
  remove(options: {force: true; v: true}): Promise<unknown>;
  /** The outputs of its first process, multiplexed, until it ends. */
  attach(options: {stream: true; stdout: true; stderr: true}): Promise<AsyncIterable<Buffer> & {destroy(): void}>;
  exec(
    options: Partial<Cancellable> & {Cmd: readonly string[]; AttachStdout: true; AttachStderr: true},
  ): Promise<ExecApi>;
}

interface ExecApi {
  start(
    options: Partial<Cancellable> & {Detach: false; Tty: false},
  ): Promise<AsyncIterable<Buffer> & {destroy(): void}>;
  inspect(options: Cancellable): Promise<unknown>;
}

interface NetworkApi {
  connect(options: {Container: string; EndpointConfig: object}): Promise<unknown>;
  disconnect(options: {Container: string; Force: boolean}): Promise<unknown>;
}

/** What `GET /info` tells, as far as it is looked at. */
export interface EngineInfo {
  readonly ID?: string;
  readonly Name?: string;
  readonly SystemTime?: string;
  readonly ServerVersion?: string;
  readonly Warnings?: readonly string[] | null;
  readonly MemoryLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly SecurityOptions?: readonly string[] | null;
  readonly Swarm?: {readonly LocalNodeState?: string};
  readonly OSType?: string;
  readonly DockerRootDir?: string;
  readonly PidsLimit?: boolean;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly CgroupDriver?: string;
  readonly CgroupVersion?: string;
}
