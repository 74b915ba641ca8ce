/* How evenly the load generator sends, beside a bare undici loop and, where they are on PATH, hey and wrk. Every request is
 * stamped when it arrives at a server in a process of its own, so that all of them are measured alike, from outside.
 * Rounds are interleaved, so that a noisy machine hurts all of them alike. Run: node_modules/.bin/tsx bench/load.ts */
import {fork, spawn, spawnSync, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {Pool} from 'undici';
import {startLoad} from '../src/signals/load/generator.js';
import {systemClock} from '../src/system/clock.js';

const ROUNDS = 3;
const SECONDS = 4;
const RATES = [500, 1000];

const SERVER = `
const arrivals = [];
const now = () => Number(process.hrtime.bigint() / 1000n);
require('node:http').createServer((request, response) => {
  arrivals.push(now());
  request.resume();
  response.end('ok');
}).listen(0, '127.0.0.1', function () { process.send(this.address().port); });
process.on('message', () => process.send(arrivals.splice(0)));
process.on('disconnect', () => process.exit());
`;

interface Generator {
  readonly name: string;
  run(url: string, rate: number): Promise<void>;
}

const clock = systemClock();

const firedrill: Generator = {
  name: 'firedrill',
  run: async (url, rate) => {
    const http = {method: 'GET', url, headers: {}, success: [[200, 299] as const]};
    const spec = {name: 'bench', http, rate, timeoutMs: 5000, maxInFlight: 1000};
    const load = await startLoad({spec, reveal: text => text, clock, onSecond: () => undefined});
    await sleep(SECONDS * 1000);
    await load.stop();
  },
};

/** The least one could write: a timer of a millisecond that sends what is due. */
const bareUndici: Generator = {
  name: 'bare undici',
  run: async (url, rate) => {
    const {origin, pathname} = new URL(url);
    const pool = new Pool(origin, {connections: 1000});
    const start = performance.now();
    const total = rate * SECONDS;
    const answers: Promise<unknown>[] = [];
    while (answers.length < total) {
      const due = Math.min(total, Math.floor(((performance.now() - start) * rate) / 1000) + 1);
      while (answers.length < due)
        answers.push(pool.request({method: 'GET', path: pathname}).then(({body}) => body.dump()));
      await sleep(1);
    }
    await Promise.all(answers);
    await pool.destroy();
  },
};

function external(name: string, args: (url: string, rate: number) => readonly string[]): readonly Generator[] {
  if (spawnSync('which', [name]).status !== 0) return [];
  const run = async (url: string, rate: number) => {
    await once(spawn(name, [...args(url, rate)], {stdio: 'ignore'}), 'exit');
  };
  return [{name, run}];
}

const generators: readonly Generator[] = [
  firedrill,
  bareUndici,
  // hey takes the rate per worker.
  ...external('hey', (url, rate) => ['-z', `${SECONDS}s`, '-c', '10', '-q', String(rate / 10), url]),
  ...external('wrk2', (url, rate) => ['-d', `${SECONDS}s`, '-c', '20', '-t', '1', '-R', String(rate), url]),
];

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

interface Figures {
  readonly rate: number;
  readonly gridP50: number;
  readonly gridP99: number;
  readonly jitter: number;
}

/** How far arrivals are from an even grid of this rate (laid through them by its median), and their intervals from 1/rate; ms. */
function figures(arrivals: readonly number[], rate: number): Figures {
  const ms = arrivals.map(us => us / 1000).sort((a, b) => a - b);
  const offsets = ms.map((at, n) => at - (n * 1000) / rate);
  const middle = quantile(offsets, 0.5);
  const errors = offsets.map(offset => Math.abs(offset - middle));
  const intervals = ms.slice(1).map((at, n) => Math.abs(at - (ms[n] ?? at) - 1000 / rate));
  const lasted = ((ms.at(-1) ?? 0) - (ms[0] ?? 0)) / 1000;
  return {
    rate: (ms.length - 1) / lasted,
    gridP50: quantile(errors, 0.5),
    gridP99: quantile(errors, 0.99),
    jitter: quantile(intervals, 0.5),
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

async function collect(server: ChildProcess): Promise<readonly number[]> {
  const answer = once(server, 'message') as Promise<[number[]]>;
  server.send('collect');
  return (await answer)[0];
}

const {server, url, folder} = await startServer();
await firedrill.run(url, 100);
await collect(server);
for (const rate of RATES) {
  const rounds = new Map<string, Figures[]>(generators.map(({name}) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const generator of generators) {
      await generator.run(url, rate);
      rounds.get(generator.name)?.push(figures(await collect(server), rate));
    }
  }
  const median = (name: string, key: keyof Figures) =>
    quantile(
      (rounds.get(name) ?? []).map(of => of[key]),
      0.5,
    );
  console.log(`\n${rate}/s, ${SECONDS} s, medians of ${ROUNDS} rounds`);
  console.log('generator      rate/s   off the grid p50    p99      interval error p50');
  for (const {name} of generators) {
    const cell = (key: keyof Figures, width: number) => median(name, key).toFixed(2).padStart(width);
    console.log(
      `${name.padEnd(12)} ${cell('rate', 8)} ${cell('gridP50', 12)} ms ${cell('gridP99', 8)} ms ${cell('jitter', 8)} ms`,
    );
  }
  const ratio = (key: keyof Figures) => (median('firedrill', key) / median('bare undici', key)).toFixed(2);
  console.log(
    `firedrill / bare undici: grid p50 ${ratio('gridP50')}×, p99 ${ratio('gridP99')}×, interval ${ratio('jitter')}×`,
  );
}
server.disconnect();
rmSync(folder, {recursive: true, force: true});
