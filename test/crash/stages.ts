import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {identityOf, isAlive, killAndWait, listeners} from '../../src/system/processes.js';
import {docker, inspect, runContainer, uniqueName} from '../support/docker.js';
import {answeringPid, freePort, serverCommand, startForeign, until} from '../support/processes.js';
import {startProxyProcess} from '../support/proxy-process.js';
import {startFakeToxiproxy} from '../support/toxiproxy.js';

/** A real target with a fault to inject, and how to tell from outside whether it is as it was. */
export interface CrashStage {
  readonly yaml: string;
  /** What the target looks like, without what any restart changes. */
  look(): Promise<unknown>;
  close(): Promise<void>;
}

export interface CrashCase {
  readonly driver: 'docker' | 'process' | 'proxy';
  readonly fault: string;
  open(): Promise<CrashStage>;
}

/** Short windows: what is tested is safety, and the one metric is always well. */
function experiment(target: string, fault: string): string {
  return `version: 1
title: crash test
targets: {it: ${target}}
steadyState: {fine: {command: {run: [echo, "1"], every: 100ms}, tolerance: {equals: 1}}}
windows: {warmup: 100ms, baseline: 600ms, recovery: 6s}
faults: [{name: f, ${fault}, targets: [it], for: 800ms}]
`;
}

async function dockerStage(fault: string, args: readonly string[]): Promise<CrashStage> {
  const network = uniqueName('crash-net');
  await docker('network', 'create', network);
  const container = await runContainer({name: uniqueName('crash'), args: ['--network', network, ...args]});
  return {
    yaml: experiment(`{docker: ${container.name}}`, fault),
    look: async () => {
      const {State, HostConfig, NetworkSettings} = await inspect(container.id);
      const quota = Math.max(0, HostConfig.CpuQuota);
      return {
        running: State.Running,
        paused: State.Paused,
        memory: HostConfig.Memory,
        cpus: HostConfig.NanoCpus,
        quota,
        networks: Object.keys(NetworkSettings.Networks),
        volumes: await docker('volume', 'ls', '-q', '--filter', `label=firedrill.mark=${container.id}`),
      };
    },
    close: async () => {
      await container.remove();
      await docker('network', 'rm', network);
    },
  };
}

async function processStage(fault: string): Promise<CrashStage> {
  const port = await freePort();
  const command = serverCommand(port);
  const first = await startForeign(command);
  await until('the server answers', async () => (await answeringPid(port)) !== undefined);
  return {
    yaml: experiment(`{process: {port: ${port}, start: ${JSON.stringify(command)}}}`, fault),
    look: async () => ({answers: (await answeringPid(port)) !== undefined}),
    close: async () => {
      for (const pid of await listeners(port)) {
        const now = await identityOf(pid);
        if (now !== undefined) await killAndWait(now, 5_000);
      }
      if (await isAlive(first)) await killAndWait(first, 5_000);
    },
  };
}

async function commandStage(): Promise<CrashStage> {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-crash-target-'));
  const flag = join(folder, 'broken');
  const stage = await processStage(
    `command: {do: [touch, ${flag}], undo: [rm, -f, ${flag}], proof: [test, -e, ${flag}]}`,
  );
  return {
    ...stage,
    look: async () => ({...((await stage.look()) as object), broken: existsSync(flag)}),
    close: async () => {
      await stage.close();
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

async function proxyStage(fault: string): Promise<CrashStage> {
  const port = await freePort();
  const upstream = await startForeign(serverCommand(port));
  const proxy = await startProxyProcess({connections: [{name: 'link', upstream: `127.0.0.1:${port}`}]});
  return {
    yaml: experiment(`{proxy: {name: link, control: "${proxy.control}"}}`, fault),
    look: async () => {
      const answers = (await answeringPid(proxy.ports['link']!, 5_000)) !== undefined;
      const state = (await (await fetch(`${proxy.control}/v1/state`)).json()) as {connections: {toxics: unknown[]}[]};
      return {
        answers,
        toxics: state.connections.flatMap(connection => connection.toxics),
      };
    },
    close: async () => {
      await proxy.end('SIGTERM');
      await killAndWait(upstream, 5_000);
    },
  };
}

/** A server of somebody else: it has no deadline of its own, so all depends on the guardian and on `recover`. */
async function toxiproxyStage(fault: string): Promise<CrashStage> {
  const server = await startFakeToxiproxy();
  server.add('link');
  return {
    yaml: experiment(`{toxiproxy: {name: link, url: "${server.url}"}}`, fault),
    look: () => Promise.resolve(structuredClone(server.proxies.get('link'))),
    close: () => server.close(),
  };
}

const LIMITED = ['--memory', '64m', '--memory-swap', '64m', '--cpus', '1'];

export const CASES: readonly CrashCase[] = [
  ...[
    'pause: {}',
    'kill: {}, heal: undo',
    'stop: {grace: 1s}',
    'restart: {grace: 1s}',
    'network-disconnect: {}',
    'cpu-throttle: {cpus: 0.2}',
    'memory-limit: {limit: 32MiB}',
  ].map((fault): CrashCase => ({driver: 'docker', fault, open: () => dockerStage(fault, LIMITED)})),
  ...['pause: {}', 'kill: {}', 'stop: {grace: 1s}', 'restart: {grace: 1s}'].map((fault): CrashCase => ({
    driver: 'process',
    fault,
    open: () => processStage(fault),
  })),
  {driver: 'process', fault: 'command', open: commandStage},
  ...[
    'network-latency: {delay: 300ms}',
    'network-bandwidth: {rate: 1KiB/s}',
    'network-partition: {}',
    'connection-reset: {}',
    'network-loss: {share: 100%}',
    'connection-timeout: {}',
    'slow-close: {delay: 5s}',
    'slicer: {averageSize: 8B, delay: 20ms}',
    'limit-data: {bytes: 4B}',
  ].map((fault): CrashCase => ({driver: 'proxy', fault, open: () => proxyStage(fault)})),
  ...['network-latency: {delay: 300ms, direction: both}', 'network-partition: {}'].map((fault): CrashCase => ({
    driver: 'proxy',
    fault: `toxiproxy ${fault}`,
    open: () => toxiproxyStage(fault),
  })),
];
