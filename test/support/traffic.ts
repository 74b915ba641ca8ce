import {execFile, execFileSync} from 'node:child_process';
import {createSocket} from 'node:dgram';
import {realpathSync} from 'node:fs';
import {connect, isIPv6} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import {inspect, runContainer, uniqueName, type RunningContainer} from './docker.js';

const exec = promisify(execFile);

export const ECHO = 7001;
/** The same again: to see what a filter by port leaves alone. */
export const OTHER = 7002;
export const UDP = 7003;
/** Answers as many bytes as the number it is sent. */
export const BYTES = 7004;

const SERVICE = `
const net = require('net');
const udp = require('dgram').createSocket({type: 'udp6'});
const quiet = s => s.setNoDelay(true).on('error', () => {});
for (const port of [${ECHO}, ${OTHER}]) net.createServer(s => quiet(s).pipe(s)).listen(port, '::');
net.createServer(s => quiet(s).once('data', d => s.end(Buffer.alloc(Number(d))))).listen(${BYTES}, '::');
udp.on('message', (m, r) => udp.send(m, r.port, r.address, () => {})).bind(${UDP}, '::');
`;

/** This machine's node with its libraries, mounted: an image of them takes longer to make than most tests. */
function nodeMounts(): readonly string[] {
  const node = realpathSync(process.execPath);
  const libraries = execFileSync('ldd', [node], {encoding: 'utf8'})
    .split('\n')
    .flatMap(line => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  const mounts = libraries.map(file => `${realpathSync(file)}:${file}:ro`);
  return [...mounts, `${node}:/usr/bin/node:ro`].flatMap(mount => ['-v', mount]);
}

/** A container that echoes over TCP and UDP, reachable from this machine over its bridge. */
export async function startEcho(...args: readonly string[]): Promise<RunningContainer> {
  const container = await runContainer({
    name: uniqueName('shape'),
    command: ['/usr/bin/node', '-e', SERVICE],
    args: [...nodeMounts(), ...args],
  });
  await answering(await container.ip());
  return container;
}

/** Resolves once the service accepts connections. */
export async function answering(host: string, limitMs = 30_000): Promise<void> {
  const end = performance.now() + limitMs;
  for (;;) {
    try {
      await tcpRoundTrips(host, {port: BYTES, count: 0});
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await delay(100);
    }
  }
}

/** Round trips of one byte over one TCP connection, in ms. */
export function tcpRoundTrips(host: string, {port = ECHO, count = 5} = {}): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({host, port}).setNoDelay(true);
    const times: number[] = [];
    let start = 0;
    const next = () => {
      if (times.length === count) {
        socket.destroy();
        resolve(times);
        return;
      }
      start = performance.now();
      socket.write('x');
    };
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer from ${host}:${port} within 10 s`)));
    socket.once('connect', next).once('error', reject);
    socket.on('data', () => {
      times.push(performance.now() - start);
      next();
    });
  });
}

/** What became of numbered datagrams to the echo service. */
export interface Echoes {
  /** The numbers in the order in which they came back. */
  readonly came: readonly number[];
  /** Round trips in ms, by arrival. */
  readonly times: readonly number[];
}

/**
 * At most `atOnce` are under way at once: a queue that overflows on a busy machine would be counted as loss. When none
 * comes for `idleMs`, those that are missing are given up.
 */
export async function udpEchoes(
  host: string,
  {count, atOnce = 100, idleMs = 300}: {count: number; atOnce?: number; idleMs?: number},
): Promise<Echoes> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const sent: number[] = [];
  const came: number[] = [];
  const times: number[] = [];
  let last = 0;
  socket
    .on('error', () => undefined)
    .on('message', message => {
      const number = Number(message.toString());
      const start = sent[number];
      last = performance.now();
      // A flipped bit that no checksum saw.
      if (start === undefined) return;
      came.push(number);
      times.push(last - start);
    });
  while (sent.length < count) {
    for (const until = Math.min(count, sent.length + atOnce); sent.length < until;) {
      sent.push(performance.now());
      socket.send(String(sent.length - 1), UDP, host, () => undefined);
    }
    last = performance.now();
    while (new Set(came).size < sent.length && performance.now() - last < idleMs) await delay(10);
  }
  await delay(50);
  socket.close();
  return {came, times};
}

/** Bytes per second while so many bytes came over one TCP connection. */
export function throughput(host: string, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({host, port: BYTES});
    const start = performance.now();
    let got = 0;
    socket.setTimeout(20_000, () => socket.destroy(new Error('no byte within 20 s')));
    socket.on('connect', () => socket.write(String(bytes))).on('error', reject);
    socket.on('data', chunk => (got += chunk.length));
    socket.on('end', () => {
      socket.destroy();
      resolve((got / (performance.now() - start)) * 1000);
    });
  });
}

const pids = new Map<string, number>();

/** Runs a command of this machine in the network namespace that a container has had since it was first asked about. */
export async function inNetworkOf({id}: RunningContainer, ...command: readonly string[]): Promise<string> {
  const pid = pids.get(id) ?? (await inspect(id)).State.Pid;
  pids.set(id, pid);
  const {stdout} = await exec('nsenter', ['-t', String(pid), '-n', ...command], {timeout: 20_000});
  return stdout.trim();
}

/** Qdiscs that somebody put there, the devices that shaping makes, and rules of iptables that are ours. */
export async function shapingOf(container: RunningContainer): Promise<readonly string[]> {
  const shown = await inNetworkOf(container, 'sh', '-c', 'tc qdisc show; ip -o link; iptables-save; ip6tables-save');
  return shown
    .split('\n')
    .filter(line => (line.startsWith('qdisc ') ? !line.includes(' 0: ') : / fd[0-9a-f]{12}|fd1d-/.test(line)));
}

/** The devices of a container with what can be set on them: MTU, queue discipline and length of the queue. */
export async function devicesOf(container: RunningContainer): Promise<string> {
  return inNetworkOf(container, 'ip', '-o', 'link');
}

/** The one that the least of this machine's own business has delayed. */
export function fastest(times: readonly number[]): number {
  return Math.min(...times);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
