import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {Agent, get} from 'node:http';
import {setTimeout as delay} from 'node:timers/promises';
import {expect} from 'chai';
import type {LoadSpec} from '../../src/signals/load/spec.js';
import {bucketOf, countOf, mergeHistograms, quantileOf} from '../../src/quantities/histogram.js';
import type {LoadSecond} from '../../src/signals/contract.js';
import {startLoad} from '../../src/signals/load/generator.js';
import {timedIn} from '../../src/signals/load/measure.js';
import {systemClock} from '../../src/system/clock.js';
import {generatorFigures, generatorLimited} from '../../src/verdict/judgement/generator.js';
import {judgeWindow} from '../../src/verdict/judgement/window.js';
import {loadMetric} from '../support/signals.js';
import {watchLateness} from '../support/lateness.js';

const clock = systemClock();

/**
 * A server in a process of its own that stands still for a while again and again, as one does that collects garbage.
 */
const SERVER = `
const {stallMs, everyMs} = JSON.parse(process.argv[1]);
const server = require('node:http').createServer((request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
if (stallMs > 0) setInterval(() => {
  const until = performance.now() + stallMs;
  while (performance.now() < until);
}, everyMs);
process.on('disconnect', () => process.exit());`;

async function startServer(stallMs: number): Promise<{url: string; process: ChildProcess}> {
  const args = ['-e', SERVER, JSON.stringify({stallMs, everyMs: 1000})];
  const server = spawn(process.execPath, args, {stdio: ['ignore', 'ignore', 'inherit', 'ipc']});
  const [port] = (await once(server, 'message')) as [number];
  return {url: `http://127.0.0.1:${port}/`, process: server};
}

async function stopServer({process: server}: {process: ChildProcess}): Promise<void> {
  const exit = once(server, 'exit');
  server.disconnect();
  await exit;
}

async function run(url: string, rate: number, during: () => Promise<void>): Promise<readonly LoadSecond[]> {
  const seconds: LoadSecond[] = [];
  const http = {method: 'GET', url, headers: {}, success: [[200, 399] as const]};
  const spec: LoadSpec = {name: 'checkout', http, rate, timeoutMs: 5000, maxInFlight: 1000};
  const load = await startLoad({spec, reveal: text => text, clock, onSecond: second => seconds.push(second)});
  await during();
  await load.stop();
  return seconds;
}

/** One user who waits for each answer before the next request, and a little: what many a tool does. Latencies in ms. */
async function closedLoop(url: string, ms: number): Promise<readonly number[]> {
  const agent = new Agent({keepAlive: true, maxSockets: 1});
  const latencies: number[] = [];
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const start = performance.now();
    await new Promise<void>((resolve, reject) => {
      get(url, {agent}, response => response.resume().on('end', resolve)).on('error', reject);
    });
    latencies.push(performance.now() - start);
    await delay(3);
  }
  agent.destroy();
  return latencies.sort((a, b) => a - b);
}

describe('a load tells the truth', () => {
  const late = watchLateness();
  it('about a server that stands still: no coordinated omission, unlike a user who waits for it', async function () {
    this.retries(2);
    const server = await startServer(100);
    let closed: readonly number[] = [];
    const seconds = await run(server.url, 250, async () => {
      closed = await closedLoop(server.url, 6000);
    });
    await stopServer(server);
    const open = mergeHistograms(seconds.flatMap(timedIn));
    const [p975, p99] = [0.975, 0.99].map(q => (quantileOf(open, q) ?? 0) / 1000);
    // A tenth of the arrivals wait evenly between 0 and 100 ms: 75 and 90 ms, and what a busy machine adds.
    expect(p975).to.be.within(60, 200 + late());
    expect(p99).to.be.within(75, 300 + late());
    // 6 % of all requests wait for 40 ms or more. The user who waits has one such request a second, of a hundred or
    // two.
    const slow = open.filter(([bucket]) => bucket >= bucketOf(40_000));
    const slowShare = countOf(slow) / countOf(open);
    const closedShare = closed.filter(ms => ms >= 40).length / closed.length;
    expect(slowShare).to.be.at.least(0.04);
    expect(closedShare).to.be.below(slowShare / 2);
    expect(closed[Math.floor(0.975 * closed.length)]).to.be.below(p975! / 2);
  });

  it('about itself: what it measured while it stood still itself is void', async () => {
    const server = await startServer(0);
    const seconds = await run(server.url, 200, async () => {
      for (let block = 0; block < 8; block++) {
        await delay(180);
        const until = performance.now() + 120;
        while (performance.now() < until);
      }
    });
    await stopServer(server);
    const whole = seconds.slice(0, 2);
    const figures = generatorFigures(whole);
    expect(figures.sent).to.equal(figures.intended);
    expect(figures.lagP99Us).to.be.greaterThan(60_000);
    expect(figures.dispersion!.sent).to.be.greaterThan(2);
    expect(figures.dispersion!.planned).to.be.below(0.1);
    expect(generatorLimited(whole)).to.include({kind: 'late'});
    const metric = loadMetric({
      parameters: {of: 'checkout', measure: 'latency.p99'},
      unit: 'ms',
      tolerance: {below: 20, settlesWithinMs: 0},
    });
    const window = {fromUs: whole[0]!.at, toUs: whole[1]!.at + 1e6};
    const judgement = judgeWindow(metric, {series: [], loads: whole}, window);
    expect(judgement).to.include({verdict: 'inconclusive'});
    expect(judgement.why).to.include('generator-limited');
  });
});
