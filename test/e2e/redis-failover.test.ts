import {expect} from 'chai';
import {setTimeout as delay} from 'node:timers/promises';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {describeWith} from '../support/needs.js';
import {stateOf} from '../support/processes.js';
import {roleAt, startSentinel, type RedisRole, type TestRedisNode, type TestSentinel} from '../support/sentinel.js';
import {suiteFolder} from '../support/shop.js';
import type {Result} from '../../src/verdict/result.js';

const FILE = 'experiments/redis-failover.yaml';
const EVERY_MS = 50;
const RUN_MS = 200_000;
/** How far what Firedrill reports may be from what is seen here: each look takes a while. */
const SLACK = 0.5;

/** What a server says that it is, and whether its process is stopped: with the seconds at which that was first seen. */
interface Seen<T> {
  readonly at: number;
  readonly what: T;
}

function watch<T>(look: () => Promise<T | undefined>): {readonly seen: readonly Seen<T>[]; end(): Promise<void>} {
  const seen: Seen<T>[] = [];
  const over = new AbortController();
  const looking = (async () => {
    while (!over.signal.aborted) {
      const what = await look();
      if (what !== undefined && what !== seen.at(-1)?.what) seen.push({at: performance.now() / 1000, what});
      await delay(EVERY_MS);
    }
  })();
  return {
    seen,
    end: () => {
      over.abort();
      return looking;
    },
  };
}

/** When it changed to this for the first time, seconds. */
function changedTo<T>(what: T, {seen}: {readonly seen: readonly Seen<T>[]}): number {
  const change = seen.slice(1).find(one => one.what === what);
  if (change === undefined) throw new Error(`it never became ${String(what)}: ${JSON.stringify(seen)}`);
  return change.at;
}

describeWith('sentinel', 'the recipe of a failover, on Redis with Sentinel', () => {
  const folder = suiteFolder();
  let redis: TestSentinel;
  before(async () => {
    ensureBuilt();
    redis = await startSentinel();
  });
  after(() => redis.close());

  const run = () =>
    firedrill(['run', FILE, '--yes', '--json', '--quiet', '--runs-dir', folder.path], {
      REDIS_A_PORT: String(redis.servers[0].port),
      REDIS_B_PORT: String(redis.servers[1].port),
      FIREDRILL_STATE: `${folder.path}/state`,
    });

  /** Runs the file of the library, and sees by itself what becomes of both servers meanwhile. */
  async function failOver(primary: TestRedisNode, standBy: TestRedisNode) {
    expect([await roleAt(primary.port), await roleAt(standBy.port)]).to.deep.equal(['primary', 'replica']);
    const roleOf = ({port}: TestRedisNode) => watch<RedisRole>(() => roleAt(port));
    const watches = [roleOf(primary), roleOf(standBy), watch(() => stateOf(primary.pid))] as const;
    const ended = await run();
    await Promise.all(watches.map(one => one.end()));
    expect(ended.code, `${ended.stderr}${ended.stdout.slice(0, 2000)}`).to.equal(0);
    const [roleOfOld, roleOfNew, stateOfOld] = watches;
    const [frozen, thawed] = [changedTo('stopped', stateOfOld), changedTo('runs', stateOfOld)];
    const took = changedTo('primary', roleOfNew) - frozen;
    const truth = {
      'failed over': took,
      outage: took,
      'two primaries': changedTo('replica', roleOfOld) - thawed,
    };
    return {result: JSON.parse(ended.stdout) as Result, truth};
  }

  function compare(result: Result, truth: Readonly<Record<string, number>>): void {
    for (const [name, seconds] of Object.entries(truth)) {
      const limit = result.timeLimits?.find(one => one.name === name);
      const shown = `${name}: seen to take ${seconds.toFixed(2)} s, told as ${String(limit?.why)}`;
      if (process.env['FIREDRILL_TEST_SHOW'] !== undefined) console.log(shown);
      expect(limit?.verdict, shown).to.equal('held');
      const {atLeast, atMost} = limit?.tookSeconds ?? {atLeast: Infinity, atMost: 0};
      expect(seconds, shown).to.be.within(atLeast - SLACK, (atMost ?? Infinity) + SLACK);
      // An interval that holds everything would say nothing.
      expect((atMost ?? Infinity) - atLeast, shown).to.be.at.most(3);
    }
  }

  it('freezes whoever is primary, and tells how long the failover took and for how long there were two', async function () {
    this.timeout(RUN_MS);
    const [a, b] = redis.servers;
    const {result, truth} = await failOver(a, b);
    expect(result.occurrences[0]?.targets).to.deep.equal([`the primary (pid ${a.pid})`]);
    compare(result, truth);
    expect(result.timeLimits?.find(({name}) => name === 'a pair again')?.verdict).to.equal('held');
    expect(result.owed).to.deep.equal([]);
  });

  it('freezes the other one in the next run of the same file, because that is primary by then', async function () {
    this.timeout(RUN_MS);
    const [a, b] = redis.servers;
    const {result, truth} = await failOver(b, a);
    expect(result.occurrences[0]?.targets).to.deep.equal([`the primary (pid ${b.pid})`]);
    compare(result, truth);
  });

  it('does not begin where nobody could take over', async function () {
    this.timeout(RUN_MS);
    const [primary, replica] = redis.servers;
    process.kill(replica.pid, 'SIGKILL');
    const {code, stdout, stderr} = await run();
    expect(code, `${stderr}${stdout.slice(0, 2000)}`).to.equal(8);
    expect(stdout).to.include('replicas of the primary');
    expect(await roleAt(primary.port)).to.equal('primary');
  });
});
