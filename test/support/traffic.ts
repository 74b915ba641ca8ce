import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {docker, importNode, inspect, runContainer, uniqueName, type RunningContainer} from './docker.js';

const exec = promisify(execFile);

/** A service for measurements: TCP echo on 7001 and 7002, UDP echo on 7003, and on 7004 what was sent comes back whole. */
const ECHO = `
const net = require('net');
const udp = require('dgram').createSocket({type: 'udp6', ipv6Only: false});
for (const port of [7001, 7002]) net.createServer(s => { s.setNoDelay(true); s.on('error', () => {}); s.pipe(s); }).listen(port, '::');
net.createServer(s => { s.on('error', () => {}); s.once('data', d => s.end(Buffer.alloc(Number(d)))); }).listen(7004, '::');
udp.on('message', (m, r) => udp.send(m, r.port, r.address)).bind(7003, '::');
`;

export function echoService(args: readonly string[] = []): Promise<RunningContainer> {
  return importNode().then(image =>
    runContainer({name: uniqueName('shape'), image, command: ['node', '-e', ECHO], args}),
  );
}

/** Runs node in a container and reads the JSON that it prints. */
export async function nodeIn<T>(container: RunningContainer, script: string): Promise<T> {
  const {stdout} = await exec('docker', ['exec', container.name, 'node', '-e', script], {timeout: 60_000});
  return JSON.parse(stdout) as T;
}

/** Round trips of one byte over one TCP connection, in ms. */
export function tcpRoundTrips(
  from: RunningContainer,
  {host, port = 7001, count = 10, tos = 0}: {host: string; port?: number; count?: number; tos?: number},
): Promise<readonly number[]> {
  return nodeIn(
    from,
    `const s = require('net').connect(${port}, '${host}'); s.setNoDelay(true);
     const times = []; let start;
     const next = () => { start = performance.now(); s.write('x'); };
     s.on('connect', next).on('data', () => {
       times.push(performance.now() - start);
       if (times.length < ${count}) next(); else { s.destroy(); console.log(JSON.stringify(times)); }
     });
     void ${tos};`,
  );
}

/** UDP datagrams sent and the numbers that came back, in the order in which they came. */
export function udpEchoes(
  from: RunningContainer,
  {host, count, everyMs = 1, waitMs = 500}: {host: string; count: number; everyMs?: number; waitMs?: number},
): Promise<readonly number[]> {
  return nodeIn(
    from,
    `const u = require('dgram').createSocket('${host.includes(':') ? 'udp6' : 'udp4'}');
     const got = []; let n = 0;
     u.on('message', m => got.push(Number(m)));
     u.on('error', () => {});
     const t = setInterval(() => {
       for (let i = 0; i < 5 && n < ${count}; i++) u.send(String(n++), 7003, '${host}', () => {});
       if (n < ${count}) return;
       clearInterval(t);
       setTimeout(() => { u.close(); console.log(JSON.stringify(got)); }, ${waitMs});
     }, ${everyMs});`,
  );
}

/** Bytes per second while so many bytes were fetched over TCP. */
export function throughput(from: RunningContainer, host: string, bytes: number): Promise<number> {
  return nodeIn(
    from,
    `const s = require('net').connect(7004, '${host}'); let got = 0, start;
     s.on('connect', () => { start = performance.now(); s.write('${bytes}'); });
     s.on('data', d => got += d.length).on('end', () => { s.destroy(); console.log(JSON.stringify(got / (performance.now() - start) * 1000)); });`,
  );
}

/** Runs a command of this machine in the network namespace of a container. */
export async function inNetworkOf(container: RunningContainer, ...command: readonly string[]): Promise<string> {
  const {State} = await inspect(container.id);
  const {stdout} = await exec('nsenter', ['-t', String(State.Pid), '-n', ...command], {timeout: 20_000});
  return stdout.trim();
}

/** Qdiscs that somebody put there, devices that shaping makes, and rules of iptables that are ours. */
export async function shapingOf(container: RunningContainer): Promise<readonly string[]> {
  const qdiscs = (await inNetworkOf(container, 'tc', 'qdisc', 'show')).split('\n').filter(line => !/ 0: /.test(line));
  const links = (await inNetworkOf(container, 'ip', '-o', 'link'))
    .split('\n')
    .filter(line => / fd[0-9a-f]{12}/.test(line));
  const rules = (await inNetworkOf(container, 'iptables-save')).split('\n').filter(line => line.includes('fd1d'));
  return [...qdiscs, ...links, ...rules];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

export {docker};
