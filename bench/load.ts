/* The load generator beside wrk, autocannon and a bare undici loop (and wrk2 and hey, where they are on PATH), all in the same run against a small
 * server in a process of its own: requests per second of the client's processor at saturation, and at fixed rates how late requests are sent and how
 * far their arrivals are from an even grid, as the server stamps them. Rounds are interleaved, so that a noisy machine hurts all of them alike.
 * Run: node_modules/.bin/tsx bench/load.ts [rounds] */
import {fork, spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import {has, quantile, type Told} from './measuring.js';

const ROUNDS = Number(process.argv[2] ?? 3);
const SECONDS = 4;
const RATES = [500, 2000];
const CONNECTIONS = 32;
/** To what the others are compared in every round. */
const PEER = 'autocannon';
/** To be at its limit an open loop offers so much of what closed loops got in the same round. */
const OFFERED = 1.25;

const SERVER = `
const arrivals = [];
const now = () => Number(process.hrtime.bigint() / 1000n);
let stamping = false;
require('node:http').createServer((request, response) => {
  if (stamping) arrivals.push(now());
  request.resume();
  response.end('ok');
}).listen(0, '127.0.0.1', function () { process.send(this.address().port); });
process.on('message', on => { stamping = on; process.send(arrivals.splice(0)); });
process.on('disconnect', () => process.exit());
`;

/** Requests per second; undefined: as many as it can. */
type Rate = number | undefined;

interface Client {
  readonly name: string;
  /** Undefined where it cannot do this. */
  readonly run: (url: string, rate: Rate, offered: number) => Promise<Told> | undefined;
}

/** The clients bundled, as Firedrill is when it is used: what runs from source calls more functions. Where packages are found. */
const bundled = fileURLToPath(new URL('../.firedrill/bench/load-client.mjs', import.meta.url));
await build({
  entryPoints: [fileURLToPath(new URL('load-client.ts', import.meta.url))],
  outfile: bundled,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
});

function inProcess(name: string): Client {
  return {
    name,
    run: async (url, rate, offered) => {
      const args = [name, url, ...[rate ?? 0, SECONDS, CONNECTIONS, offered].map(String)];
      const child = fork(bundled, args, {execArgv: []});
      const [told] = (await once(child, 'message')) as [Told];
      await once(child, 'exit');
      return told;
    },
  };
}

/** A program; the shell says what processor time it took (`times`: of itself, then of its children). */
function external(name: string, args: (url: string, rate: Rate) => readonly string[] | undefined): readonly Client[] {
  if (!has(name)) {
    console.log(`${name} is not shown: it is not on PATH`);
    return [];
  }
  const run = async (command: readonly string[]): Promise<Told> => {
    const shell = spawn('sh', ['-c', '"$@" 1>&2; times', 'sh', name, ...command]);
    let [times, output] = ['', ''];
    shell.stdout.on('data', (part: Buffer) => (times += part.toString()));
    shell.stderr.on('data', (part: Buffer) => (output += part.toString()));
    await once(shell, 'close');
    const [, ofChildren = ''] = times.trim().split('\n');
    const cpu = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)];
    const requests = /(\d+) requests in|\[200\]\s+(\d+)/.exec(output);
    return {
      requests: Number(requests?.[1] ?? requests?.[2] ?? NaN),
      cpuSeconds: cpu.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0),
    };
  };
  const client: Client = {
    name,
    run: (url, rate) => {
      const command = args(url, rate);
      return command && run(command);
    },
  };
  return [client];
}

const lasting = ['-d', `${SECONDS}s`, '-c', String(CONNECTIONS), '-t', '1'];
const clients: readonly Client[] = [
  inProcess('bare undici'),
  inProcess(PEER),
  ...external('wrk', (url, rate) => (rate === undefined ? [...lasting, url] : undefined)),
  ...external('wrk2', (url, rate) => (rate === undefined ? undefined : [...lasting, '-R', String(rate), url])),
  // It takes the rate per worker.
  ...external('hey', (url, rate) => [
    ...['-z', `${SECONDS}s`, '-c', String(CONNECTIONS)],
    ...(rate === undefined ? [] : ['-q', String(rate / CONNECTIONS)]),
    url,
  ]),
  // Last, because an open loop is told what to offer.
  inProcess('firedrill'),
  inProcess('firedrill filling'),
];

interface Figures {
  readonly perSecond: number;
  readonly perCpuSecond: number;
  /** Requests per second of CPU, as a part of the peer's in the same round. */
  readonly ofPeer: number;
  readonly cpuShare: number;
  readonly jitterP50: number;
  readonly jitterP99: number;
  readonly gridP50: number;
  readonly gridP99: number;
  readonly dispersion: number;
}

/** Variance over mean of the arrivals per 10 ms. */
function dispersionOf(ms: readonly number[]): number {
  const [first = 0] = ms;
  const counts = new Array<number>(Math.floor(((ms.at(-1) ?? 0) - first) / 10) + 1).fill(0);
  for (const at of ms) {
    const i = Math.floor((at - first) / 10);
    counts[i] = (counts[i] ?? 0) + 1;
  }
  const mean = ms.length / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length / mean;
}

/** How far arrivals are from an even grid of this rate, laid through them by its median; ms. */
function gridOf(arrivals: readonly number[], rate: Rate): Pick<Figures, 'gridP50' | 'gridP99' | 'dispersion'> {
  const ms = arrivals.map(us => us / 1000).sort((a, b) => a - b);
  if (rate === undefined || ms.length === 0) return {gridP50: NaN, gridP99: NaN, dispersion: NaN};
  const offsets = ms.map((at, n) => at - (n * 1000) / rate);
  const middle = quantile(offsets, 0.5);
  const errors = offsets.map(offset => Math.abs(offset - middle));
  return {gridP50: quantile(errors, 0.5), gridP99: quantile(errors, 0.99), dispersion: dispersionOf(ms)};
}

function figuresOf(told: Told, arrivals: readonly number[], rate: Rate): Omit<Figures, 'ofPeer'> {
  const {requests, cpuSeconds, jitterP50 = NaN, jitterP99 = NaN} = told;
  return {
    perSecond: requests / SECONDS,
    perCpuSecond: requests / cpuSeconds,
    cpuShare: (100 * cpuSeconds) / SECONDS,
    jitterP50,
    jitterP99,
    ...gridOf(arrivals, rate),
  };
}

async function startServer(): Promise<{server: ChildProcess; url: string; folder: string}> {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
  const file = join(folder, 'server.cjs');
  writeFileSync(file, SERVER);
  const server = fork(file, {execArgv: []});
  const [port] = (await once(server, 'message')) as [number];
  return {server, url: `http://127.0.0.1:${port}/`, folder};
}

const {server, url, folder} = await startServer();

/** What has arrived since the last time; from here on arrivals are stamped, or not. */
async function arrivals(stamping: boolean): Promise<readonly number[]> {
  const answer = once(server, 'message') as Promise<[number[]]>;
  server.send(stamping);
  return (await answer)[0];
}

/** Every client once. */
async function measureRound(rate: Rate): Promise<ReadonlyMap<string, Figures>> {
  const round = new Map<string, Omit<Figures, 'ofPeer'>>();
  let most = 1;
  for (const {name, run} of clients) {
    await arrivals(rate !== undefined);
    const told = await run(url, rate, OFFERED * most);
    const stamped = await arrivals(false);
    if (told === undefined) continue;
    // The requests of the client's own warm-up came before.
    const figures = figuresOf(told, stamped.slice(-told.requests), rate);
    most = Math.max(most, figures.perSecond);
    round.set(name, figures);
  }
  const peer = round.get(PEER)?.perCpuSecond ?? NaN;
  return new Map([...round].map(([name, figures]) => [name, {...figures, ofPeer: figures.perCpuSecond / peer}]));
}

async function measure(rate: Rate): Promise<ReadonlyMap<string, readonly Figures[]>> {
  const rounds: ReadonlyMap<string, Figures>[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measureRound(rate));
  return new Map(
    clients.map(({name}) => [name, rounds.map(round => round.get(name)).filter(figures => figures !== undefined)]),
  );
}

type Column = readonly [head: string, of: keyof Figures, digits: number];

async function show(title: string, columns: readonly Column[], rate: Rate): Promise<void> {
  const rounds = await measure(rate);
  console.log(`\n${title}, ${SECONDS} s, medians of ${ROUNDS} rounds`);
  console.log(['client'.padEnd(18), ...columns.map(([head]) => head.padStart(14))].join(''));
  for (const [name, figures] of rounds) {
    if (figures.length === 0) continue;
    const cells = columns.map(([, key, digits]) => {
      const median = quantile(
        figures.map(of => of[key]),
        0.5,
      );
      return (Number.isNaN(median) ? '–' : median.toFixed(digits)).padStart(14);
    });
    console.log([name.padEnd(18), ...cells].join(''));
  }
}

await show(
  `As many as ${CONNECTIONS} connections can`,
  [
    ['requests/s', 'perSecond', 0],
    ['/s of CPU', 'perCpuSecond', 0],
    [`of ${PEER}`, 'ofPeer', 2],
  ],
  undefined,
);
for (const rate of RATES) {
  await show(
    `${rate}/s`,
    [
      ['requests/s', 'perSecond', 1],
      ['late p50 ms', 'jitterP50', 2],
      ['late p99 ms', 'jitterP99', 2],
      ['grid p50 ms', 'gridP50', 2],
      ['grid p99 ms', 'gridP99', 2],
      ['dispersion', 'dispersion', 2],
      ['CPU %', 'cpuShare', 0],
    ],
    rate,
  );
}
server.disconnect();
rmSync(folder, {recursive: true, force: true});
rmSync(bundled);
