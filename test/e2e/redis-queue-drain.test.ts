import {expect} from 'chai';
import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {describeWith} from '../support/needs.js';
import {startRedis, type TestRedis} from '../support/redis.js';
import {suiteFolder} from '../support/shop.js';

const RUN_MS = 180_000;
/** The rhythm of the probe, and what a busy machine adds. */
const SLACK = 1.5;

/** Takes one job after the other, and writes down when, and how many were left. */
const WORKER = `import {connect} from 'node:net';
import {appendFileSync} from 'node:fs';
const [port, log] = process.argv.slice(2);
const socket = connect(Number(port), '127.0.0.1');
let heard = '';
const next = () => socket.write('BLPOP jobs 0\\r\\nLLEN jobs\\r\\n');
socket.on('connect', next).on('data', bytes => {
  heard += bytes;
  const left = /:(\\d+)\\r\\n$/.exec(heard)?.[1];
  if (left === undefined) return;
  heard = '';
  appendFileSync(log, Date.now() + ' ' + left + '\\n');
  setTimeout(next, 5);
});
`;

describeWith('redis', 'the recipe of a queue that is drained, on Redis', () => {
  const folder = suiteFolder();
  let redis: TestRedis;
  let worker: ChildProcess;

  before(async () => {
    ensureBuilt();
    redis = await startRedis();
    const script = join(folder.path, 'queue-worker.mjs');
    writeFileSync(script, WORKER);
    worker = spawn(process.execPath, [script, String(redis.port), join(folder.path, 'log')], {stdio: 'ignore'});
  });
  after(async () => {
    const ended = once(worker, 'exit');
    worker.kill('SIGKILL');
    await ended;
    await redis.close();
  });

  it('tells when it was drained, as the worker itself knows it, and that no job was refused', async function () {
    this.timeout(RUN_MS);
    const environment = {
      REDIS_PORT: String(redis.port),
      WORKER: 'queue-worker.mjs',
      FIREDRILL_STATE: join(folder.path, 'state'),
    };
    const args = ['run', 'experiments/redis-queue-drain.yaml', '--yes', '--json', '--quiet'];
    const ended = await firedrill([...args, '--runs-dir', join(folder.path, 'runs')], environment);
    expect(ended.code, `${ended.stderr}${ended.stdout.slice(0, 3000)}`).to.equal(0);
    const {verdict, timeLimits} = JSON.parse(ended.stdout) as Result;
    expect(verdict).to.equal('held');

    const log = readFileSync(join(folder.path, 'log'), 'utf8').trim().split('\n');
    const jobs = log.map(line => line.split(' ').map(Number)).map(([at = 0, left = 0]) => ({at, left}));
    // The longest silence is the freeze: what it did first after that is when it went on. It may have been frozen while an
    // answer was on its way, which tells the length of before.
    const gaps = jobs.map(({at}, i) => at - (jobs[i - 1]?.at ?? at));
    const wentOn = gaps.indexOf(Math.max(...gaps));
    const backlog = jobs.findIndex(({left}, i) => i >= wentOn && left > 200);
    expect(backlog, 'the first job that found a backlog').to.be.within(wentOn, wentOn + 1);
    const drained = jobs.findIndex(({left}, i) => i >= backlog && left <= 25);
    const took = (jobs[drained]!.at - jobs[wentOn]!.at) / 1000;
    const told = timeLimits?.find(({name}) => name === 'drained')?.tookSeconds;
    expect(told?.atLeast, `drained after ${took} s`).to.be.within(took - SLACK, took + SLACK);
    expect(told?.atMost ?? Infinity, `drained after ${took} s`).to.be.within(took - SLACK, took + SLACK);
  });
});
