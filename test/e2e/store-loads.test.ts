import {expect} from 'chai';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {LoadSecond} from '../../src/signals/contract.js';
import {countOutcomes} from '../../src/signals/load/measure.js';
import {list} from '../../src/signals/probes/sql/list.js';
import type {Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill, type Ended} from '../support/cli.js';
import {startPostgres, type TestPostgres} from '../support/databases.js';
import {describeWith} from '../support/needs.js';
import {probeContext} from '../support/probe-reading.js';
import {startRedis, type TestRedis} from '../support/redis.js';
import {suiteFolder} from '../support/shop.js';

const RUN_MS = 180_000;

interface Run extends Ended {
  readonly result: Result;
  /** How many requests ended how, from the first to the last. */
  readonly outcomes: Readonly<Record<string, number>>;
}

async function run(file: string, folder: string, environment: Readonly<Record<string, string>>): Promise<Run> {
  const args = ['run', file, '--yes', '--json', '--quiet', '--runs-dir', join(folder, 'runs')];
  const ended = await firedrill(args, {...environment, FIREDRILL_STATE: join(folder, 'state')});
  expect(ended.code, `${ended.stderr}${ended.stdout.slice(0, 3000)}`).to.equal(0);
  const [only = ''] = readdirSync(join(folder, 'runs'));
  const lines = readFileSync(join(folder, 'runs', only, 'load.ndjson'), 'utf8')
    .trim()
    .split('\n');
  const seconds = lines.map(line => JSON.parse(line) as LoadSecond);
  return {...ended, result: JSON.parse(ended.stdout) as Result, outcomes: countOutcomes(seconds)};
}

const metric = ({result}: Run, name: string) => result.metrics.find(one => one.name === name);

describeWith('postgres', 'the experiment of a table that is locked, on PostgreSQL', () => {
  const folder = suiteFolder();
  let database: TestPostgres;
  let environment: Record<string, string>;

  before(async function () {
    this.timeout(RUN_MS);
    ensureBuilt();
    database = await startPostgres();
    // The table is dropped at the end: what was in it is kept aside, as a truth apart from Firedrill's.
    database.run(`create table kept (id text);
      create function keep() returns event_trigger language plpgsql security definer as $$ begin
        if to_regclass('drill_orders') is not null then execute 'insert into kept select id from drill_orders'; end if; end $$;
      grant select on kept to reader;
      create event trigger keeping on ddl_command_start when tag in ('DROP TABLE') execute function keep()`);
    environment = {DRILL_DATABASE_URL: `postgres://reader:s3cret%2Fpw@127.0.0.1:${database.port}/shop`};
  });
  after(() => database.close());

  it('tells the traffic in its plan, and no password', async () => {
    const file = 'experiments/postgres-locked-table.yaml';
    const {code, stdout} = await firedrill(['plan', file], environment);
    expect(code).to.equal(0);
    expect(stdout).to.match(/orders {2,}50\/s {2,}to \$\{secret:env:DRILL_DATABASE_URL\} {2,}at most [\d,]+ requests/);
    expect(stdout).to.include("orders, for example: insert into drill_orders values ('order-1', ");
    expect(stdout).to.not.include('s3cret');
  });

  it('shows the lock in the load, its end, and every order that was acknowledged in the table', async function () {
    this.timeout(RUN_MS);
    const done = await run('experiments/postgres-locked-table.yaml', folder.path, environment);
    const {result, outcomes} = done;
    expect(result.verdict).to.equal('held');
    expect(Object.keys(outcomes).sort()).to.deep.equal(['ok', 'timeout']);
    // All that was due in the lock but for its last two seconds.
    expect(outcomes['timeout']).to.be.within(100, 600);
    expect(metric(done, 'failed orders')?.intervals.length).to.be.above(0);
    const [writes] = result.writes ?? [];
    const listing = await list(
      {url: environment['DRILL_DATABASE_URL']!, query: 'select id from kept', statementTimeout: 5000},
      probeContext(),
      new AbortController().signal,
    );
    const ids = 'entries' in listing ? listing.entries : [];
    expect(new Set(ids).size).to.equal(ids.length);
    expect(writes).to.include({verdict: 'held', acknowledged: outcomes['ok'], others: 0});
    expect(writes?.unacknowledged?.atLeast).to.equal(ids.length - outcomes['ok']!);
    expect(ids.length).to.be.at.least(outcomes['ok']!);
    expect(JSON.stringify(result)).to.not.include('s3cret');
  });
});

describeWith('redis', 'the experiment of a cache that is frozen, on Redis', () => {
  const folder = suiteFolder();
  let redis: TestRedis;

  before(async () => {
    ensureBuilt();
    redis = await startRedis();
  });
  after(() => redis.close());

  it('shows the freeze in the load, and its end', async function () {
    this.timeout(RUN_MS);
    const done = await run('experiments/redis-frozen-cache.yaml', folder.path, {REDIS_PORT: String(redis.port)});
    const {result, outcomes} = done;
    expect(result.verdict).to.equal('held');
    expect(Object.keys(outcomes).sort()).to.deep.equal(['ok', 'timeout']);
    // As the server counts them: all that were answered, and at most those that it found waiting when it went on.
    const calls = Number(/cmdstat_get:calls=(\d+)/.exec(redis.run('info', 'commandstats'))?.[1]);
    expect(calls).to.be.within(outcomes['ok']!, outcomes['ok']! + outcomes['timeout']!);
    expect(outcomes['timeout']).to.be.within(400, 1000);
  });
});
