/* Throughput and added latency of the proxy's data path, beside a bare Node pipe and, where it is on PATH, Toxiproxy.
 * Every forwarder is a process of its own; rounds are interleaved, so that a noisy machine hurts all of them alike.
 * Run: node_modules/.bin/tsx bench/proxy.ts */
import {spawn, spawnSync, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {connect, createServer, type AddressInfo, type Socket} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {median, quantile} from './measuring.js';
import {startProxyProcess} from '../test/support/proxy-process.js';

const ROUNDS = 5;
const MEGABYTES = 256;
const PINGS = 2000;
/** Connections at once, where it is not one alone. */
const MANY = 32;

const BARE_PIPE = `
const net = require('node:net');
net.createServer({noDelay: true}, client => {
  const upstream = net.connect({host: '127.0.0.1', port: Number(process.argv[1]), noDelay: true});
  client.pipe(upstream);
  upstream.pipe(client);
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
`;

interface Forwarder {
  readonly name: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** First byte of a connection: `e` echoes, `s` sends MEGABYTES and ends. */
async function startUpstream(): Promise<{port: number; stop(): Promise<void>}> {
  const source = `
const net = require('node:net');
const block = Buffer.alloc(1 << 20, 'x');
net.createServer({noDelay: true}, socket => {
  socket.on('error', () => socket.destroy());
  socket.once('data', first => {
    if (first[0] === 0x65) { socket.on('data', chunk => socket.write(chunk)); socket.write(first); return; }
    let left = ${MEGABYTES};
    const send = () => { while (left-- > 0) if (!socket.write(block)) { socket.once('drain', send); return; } socket.end(); };
    send();
  });
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
`;
  return startScript(source, []);
}

async function startScript(source: string, args: readonly string[]) {
  const child = spawn(process.execPath, ['-e', source, ...args], {stdio: ['ignore', 'pipe', 'inherit']});
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {port: Number(line.toString()), stop: () => stop(child)};
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  server.close();
  return port;
}

async function startToxiproxy(upstream: number): Promise<Forwarder | undefined> {
  if (spawnSync('toxiproxy-server', ['--version']).error !== undefined) return undefined;
  const [port, control] = [await freePort(), await freePort()];
  const child = spawn('toxiproxy-server', ['-host', '127.0.0.1', '-port', String(control)], {stdio: 'ignore'});
  const body = JSON.stringify({name: 'bench', listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${upstream}`});
  for (let attempt = 0; ; attempt++) {
    try {
      await fetch(`http://127.0.0.1:${control}/proxies`, {method: 'POST', body});
      break;
    } catch (error) {
      if (attempt === 50) throw error;
      await sleep(100);
    }
  }
  return {name: 'toxiproxy', port, stop: () => stop(child)};
}

async function open(port: number, first: string): Promise<Socket> {
  const socket = connect({port, host: '127.0.0.1', noDelay: true});
  await once(socket, 'connect');
  socket.write(first);
  return socket;
}

/** MiB/s of one transfer. */
async function throughput(port: number): Promise<number> {
  const from = performance.now();
  const socket = await open(port, 's');
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  await once(socket, 'end');
  socket.destroy();
  if (bytes !== MEGABYTES << 20) throw new Error(`expected ${MEGABYTES << 20} bytes; got ${bytes}`);
  return MEGABYTES / ((performance.now() - from) / 1000);
}

/** Round trips of one byte on one connection, µs, without the first tenth. */
async function roundTrips(port: number): Promise<readonly number[]> {
  const socket = await open(port, 'e');
  await once(socket, 'data');
  const times: number[] = [];
  for (let i = 0; i < PINGS; i++) {
    const from = performance.now();
    socket.write('x');
    await once(socket, 'data');
    times.push((performance.now() - from) * 1000);
  }
  socket.destroy();
  return times.slice(PINGS / 10);
}

const upstream = await startUpstream();
const bare = await startScript(BARE_PIPE, [String(upstream.port)]);
const ours = await startProxyProcess({connections: [{name: 'bench', upstream: `127.0.0.1:${upstream.port}`}]});
const toxiproxy = await startToxiproxy(upstream.port);
const forwarders: readonly Forwarder[] = [
  {name: 'direct', port: upstream.port, stop: () => upstream.stop()},
  {name: 'bare pipe', ...bare},
  {name: 'firedrill', port: ours.ports['bench']!, stop: () => ours.end('SIGKILL')},
  ...(toxiproxy === undefined ? [] : [toxiproxy]),
];

interface Seen {
  readonly mib: number[];
  readonly p50: number[];
  readonly p99: number[];
  readonly manyP50: number[];
  readonly manyP99: number[];
}
const results = new Map(
  forwarders.map(({name}): [string, Seen] => [name, {mib: [], p50: [], p99: [], manyP50: [], manyP99: []}]),
);
for (let round = 0; round < ROUNDS; round++) {
  for (const {name, port} of forwarders) results.get(name)!.mib.push(await throughput(port));
  for (const {name, port} of forwarders) {
    const seen = results.get(name)!;
    const alone = await roundTrips(port);
    const together = (await Promise.all(Array.from({length: MANY}, () => roundTrips(port)))).flat();
    seen.p50.push(quantile(alone, 0.5));
    seen.p99.push(quantile(alone, 0.99));
    seen.manyP50.push(quantile(together, 0.5));
    seen.manyP99.push(quantile(together, 0.99));
  }
}
for (const forwarder of [...forwarders].reverse()) await forwarder.stop();

const of = (name: string, what: keyof Seen) => median(results.get(name)![what]);
const added = (name: string, what: keyof Seen) => of(name, what) - of('direct', what);
console.log(
  `${ROUNDS} rounds, ${MEGABYTES} MiB on one connection; ${PINGS} round trips on 1 and on each of ${MANY} connections;`,
);
console.log('medians over the rounds; added: beyond the same without a forwarder');
for (const {name} of forwarders) {
  const latency = (['p50', 'p99', 'manyP50', 'manyP99'] as const).map(what => added(name, what).toFixed(1).padStart(8));
  console.log(
    `${name.padEnd(10)} ${of(name, 'mib').toFixed(0).padStart(6)} MiB/s  added µs p50, p99: ${latency.join(' ')}`,
  );
}
for (const {name} of forwarders.slice(1).filter(one => one.name !== 'firedrill')) {
  const ratio = (of('firedrill', 'mib') / of(name, 'mib')).toFixed(2);
  const ofLatency = (what: keyof Seen) => `${(added('firedrill', what) / added(name, what)).toFixed(2)}x`;
  console.log(
    `firedrill : ${name}  throughput ${ratio}x, added p50 ${ofLatency('p50')}, p99 ${ofLatency('p99')}; with ${MANY} p50 ${ofLatency('manyP50')}, p99 ${ofLatency('manyP99')}`,
  );
}
if (toxiproxy === undefined) console.log('toxiproxy-server is not on PATH: not compared');
