import {createHash} from 'node:crypto';
import {readFileSync, realpathSync} from 'node:fs';
import {Agent as HttpAgent} from 'node:http';
import {Agent as HttpsAgent} from 'node:https';
import {inspect} from 'node:util';
import type Docker from 'dockerode';
import {systemClock, type Clock} from '../../../../system/clock.js';
import {withoutPasswords} from '../../../../system/secrets.js';
import type {DockerApi, EngineInfo, LogsApi} from './api.js';
import {parseAddress, type EngineAddress} from './address.js';
import {outcomeOf, unreachable, type MutationOutcome} from './failures.js';
import type {JsonObject} from '../../../../quantities/json.js';
import {dialing, stopDialing} from '../../../../system/dialing-agent.js';

/** A read that takes longer is a failure: an engine that hangs must not hang the run. */
const READ_LIMIT_MS = 10_000;
/** How long `close` waits for answers that are still under way. */
const CLOSE_LIMIT_MS = 2_000;
/** Requests at once: an engine of two processors gains from thirty, and the docker command itself sends up to fifty. */
export const IN_FLIGHT = 32;

/** One connection to one engine. Reads take a signal; mutations are bounded by a budget and never aborted in flight. */
export interface Engine {
  readonly id: string;
  readonly address: EngineAddress;
  /** The engine runs on this very machine, behind a unix socket. */
  readonly isLocal: boolean;
  readonly docker: DockerApi;
  readonly logs: LogsApi;
  readonly clock: Clock;
  /** Takes secrets out of what the engine and its containers say. */
  readonly redact: (text: string) => string;
  /** Bounds of the engine's own time now, ms since 1970; NaN for an engine that does not tell it. */
  time(): {readonly earliest: number; readonly latest: number};
  info(signal: AbortSignal): Promise<EngineInfo>;
  /** Runs a read with the signal that bounds it; throws what the engine answered. */
  read<T>(call: (abortSignal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Sends a mutation and says what became of it; never throws. */
  mutate(call: () => Promise<unknown>, budgetMs: number): Promise<MutationOutcome>;
  close(): Promise<void>;
}

function certificate(path: string | undefined): Buffer | undefined {
  return path === undefined ? undefined : readFileSync(path);
}

/**
 * docker-modem prints every request in full for a debug log, agent and sockets included, whether or not anybody reads
 * it.
 */
function unprintable<T extends HttpAgent>(agent: T): T {
  return Object.defineProperty(dialing(agent), inspect.custom, {value: () => 'agent'});
}

function agentOf(address: EngineAddress, maxSockets: number): HttpAgent {
  const options = {keepAlive: true, maxSockets};
  if (!usesTls(address)) return unprintable(new HttpAgent(options));
  const {tls} = address;
  return unprintable(
    new HttpsAgent({
      ...options,
      ca: certificate(tls?.ca),
      cert: certificate(tls?.cert),
      key: certificate(tls?.key),
      rejectUnauthorized: tls?.verify ?? true,
    }),
  );
}

function usesTls(address: EngineAddress): boolean {
  return address.tls !== undefined || address.host.startsWith('https://');
}

/** Every field is set, also to undefined: dockerode fills what is missing from `DOCKER_HOST` behind our back. */
function connectionOf(address: EngineAddress, agent: HttpAgent): Docker.DockerOptions {
  const none = {ca: undefined, cert: undefined, key: undefined, timeout: undefined};
  if (address.host.startsWith('unix://')) {
    const socketPath = address.host.slice('unix://'.length);
    return {...none, socketPath, host: undefined, port: undefined, protocol: 'http', agent} as Docker.DockerOptions;
  }
  const url = new URL(address.host.replace(/^tcp:/, 'http:'));
  const protocol = usesTls(address) ? 'https' : 'http';
  const port = url.port === '' ? (protocol === 'https' ? '2376' : '2375') : url.port;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {...none, socketPath: undefined, host, port, protocol, agent} as Docker.DockerOptions;
}

/**
 * Idle sockets are closed; busy ones carry a mutation that must not be aborted, so they only stop holding the process.
 */
function release(agent: HttpAgent): void {
  stopDialing(agent);
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  for (const sockets of Object.values(agent.sockets)) for (const socket of sockets ?? []) socket.unref();
}

/** Resolves after `ms` unless cancelled; the timer does not outlive the race it is for. */
function timer(ms: number): {readonly over: Promise<'over'>; cancel(): void} {
  let handle: NodeJS.Timeout | undefined;
  const over = new Promise<'over'>(resolve => {
    handle = setTimeout(resolve, ms, 'over');
  });
  return {over, cancel: () => clearTimeout(handle)};
}

/** Waits for the promise, at most `ms`: `over` when the time ran out. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | 'over'> {
  const limit = timer(ms);
  try {
    return await Promise.race([promise, limit.over]);
  } finally {
    limit.cancel();
  }
}

class DockerConnection implements Engine {
  readonly clock = systemClock();
  private readonly underWay = new Set<Promise<MutationOutcome>>();

  constructor(
    readonly id: string,
    readonly address: EngineAddress,
    private readonly api: {
      readonly docker: DockerApi;
      readonly logs: LogsApi;
      readonly agents: readonly HttpAgent[];
      /** What the engine's clock showed at some moment between two of ours (ms). */
      readonly shown: {readonly ms: number; readonly after: number; readonly before: number};
    },
    readonly redact: (text: string) => string,
  ) {}

  get docker(): DockerApi {
    return this.api.docker;
  }

  get logs(): LogsApi {
    return this.api.logs;
  }

  time(): {readonly earliest: number; readonly latest: number} {
    const {ms, after, before} = this.api.shown;
    const now = performance.now();
    // Its clock was read with its fraction of a millisecond cut off.
    return {earliest: ms + now - before, latest: ms + now - after + 1};
  }

  get isLocal(): boolean {
    return this.address.host.startsWith('unix://');
  }

  async read<T>(call: (abortSignal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    return await call(AbortSignal.any([signal, AbortSignal.timeout(READ_LIMIT_MS)]));
  }

  async info(signal: AbortSignal): Promise<EngineInfo> {
    return (await this.read(abortSignal => this.docker.info({abortSignal}), signal)) as EngineInfo;
  }

  async mutate(call: () => Promise<unknown>, budgetMs: number): Promise<MutationOutcome> {
    if (budgetMs <= 0) return {state: 'refused', status: undefined, why: 'the budget was used up before it was sent'};
    const sent = call().then(
      (): MutationOutcome => ({state: 'done'}),
      (error: unknown) => outcomeOf(error),
    );
    this.underWay.add(sent);
    void sent.then(() => this.underWay.delete(sent));
    const answer = await within(sent, budgetMs);
    return answer === 'over'
      ? {state: 'unknown', status: undefined, why: `the engine did not answer within ${Math.round(budgetMs)} ms`}
      : answer;
  }

  async close(): Promise<void> {
    if (this.underWay.size > 0) await within(Promise.all(this.underWay), CLOSE_LIMIT_MS);
    this.api.agents.forEach(release);
  }
}

/**
 * Who an engine is, by two of its answers. Podman's API makes an id up for each: such an engine is known by its name,
 * its root folder and the way to it, which a guardian, `recover` and the next run find again.
 * @throws where it cannot be known
 */
export function identityOf({host}: Pick<EngineAddress, 'host'>, answers: readonly EngineInfo[]): string {
  const [info] = answers;
  if (info?.ID === undefined || info.ID === '') throw new Error('the answer holds no engine id');
  if (answers.every(({ID}) => ID === info.ID)) return info.ID;
  const {Name: name, DockerRootDir: root} = info;
  if (name === undefined || root === undefined) {
    throw new Error('its id is another one at each request, and it has no name and root folder to be known by');
  }
  return createHash('sha256')
    .update(JSON.stringify([name, root, placeOf(host)]))
    .digest('hex');
}

/** A socket by whatever name it is called. */
function placeOf(host: string): string {
  if (!host.startsWith('unix://')) return host;
  try {
    return realpathSync(host.slice('unix://'.length));
  } catch {
    return host;
  }
}

/** Connects and asks the engine who it is. Throws DRIVER_UNREACHABLE with what to do about it. */
export async function openEngine(address: JsonObject, redact = withoutPasswords): Promise<Engine> {
  const parsed = parseAddress(address);
  const agents: HttpAgent[] = [];
  try {
    const [own, forLogs] = [agentOf(parsed, 16), agentOf(parsed, Infinity)];
    agents.push(own, forLogs);
    const {default: Dockerode} = await import('dockerode');
    const docker = new Dockerode(connectionOf(parsed, own)) as unknown as DockerApi;
    const logs = new Dockerode(connectionOf(parsed, forLogs)) as unknown as LogsApi;
    const ask = () => docker.info({abortSignal: AbortSignal.timeout(READ_LIMIT_MS)});
    const after = performance.now();
    const asked = (await Promise.all([ask(), ask()])) as EngineInfo[];
    const shown = {ms: Date.parse(asked[0]?.SystemTime ?? ''), after, before: performance.now()};
    return new DockerConnection(identityOf(parsed, asked), parsed, {docker, logs, agents, shown}, redact);
  } catch (error) {
    agents.forEach(release);
    throw unreachable(parsed, error);
  }
}
