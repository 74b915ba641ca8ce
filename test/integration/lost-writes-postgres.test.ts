import {expect} from 'chai';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import pg from 'pg';
import type {Result, WritesResult} from '../../src/verdict/result.js';
import {ensureBuilt, startFiredrill} from '../support/cli.js';
import {startPostgres, type TestPostgres} from '../support/databases.js';
import {startHttpServer} from '../support/http-server.js';
import {describeWith} from '../support/needs.js';
import {suiteFolder} from '../support/shop.js';

/** What a crash of PostgreSQL did to the orders of a service: as the service and the table know it, and as it is told. */
interface Crash {
  readonly code: number | null;
  readonly shown: string;
  readonly writes: WritesResult;
  readonly acknowledged: ReadonlySet<string>;
  readonly lost: readonly string[];
  readonly unacknowledged: readonly string[];
}

/** Ends the server at once, with commits that nobody waits for of the last second not written yet. */
async function crashLate(database: TestPostgres, pool: pg.Pool): Promise<void> {
  const {rows} = await pool.query<{pid: number}>("select pid from pg_stat_activity where backend_type = 'walwriter'");
  const pid = rows[0]?.pid ?? 0;
  expect(pid).to.be.above(0);
  process.kill(pid, 'SIGSTOP');
  await delay(1000);
  const back = database.restart();
  // It ends by the signal that the server has sent it meanwhile.
  await delay(100);
  process.kill(pid, 'SIGCONT');
  await back;
}

describeWith('postgres', 'acknowledged writes beside a crash of PostgreSQL', () => {
  const folder = suiteFolder();
  const databases: TestPostgres[] = [];
  let relaxed: Crash;
  let durable: Crash;

  /** `commit`: whether a commit waits until it is written. */
  async function crash(commit: 'on' | 'off'): Promise<Crash> {
    const database = await startPostgres();
    databases.push(database);
    database.run('create table orders (id text)');
    // To see which process writes commits that nobody waits for.
    database.run('grant pg_read_all_stats to reader');
    const place = {host: '127.0.0.1', port: database.port, user: 'reader', password: 's3cret/pw', database: 'shop'};
    const pool = new pg.Pool({...place, max: 10, options: `-c synchronous_commit=${commit}`});
    pool.on('error', () => undefined);
    const acknowledged = new Set<string>();
    const server = await startHttpServer((request, response) => {
      if (request.url === '/crash') {
        void crashLate(database, pool).then(
          () => response.end(),
          () => response.destroy(),
        );
        return;
      }
      const id = request.headers['x-order']?.toString() ?? '';
      const answer = (status: number) => {
        response.statusCode = status;
        response.end();
      };
      pool.query('insert into orders values ($1)', [id]).then(
        () => {
          acknowledged.add(id);
          answer(201);
        },
        () => answer(503),
      );
    });
    try {
      const ended = await drill(commit, server.url, database.port);
      const {rows} = await pool.query<{id: string}>('select id from orders');
      const stored = rows.map(({id}) => id);
      const [writes] = (JSON.parse(ended.stdout) as Result).writes ?? [];
      if (writes === undefined) throw new Error(ended.stdout);
      return {
        code: ended.code,
        shown: `${ended.stderr}${ended.stdout.slice(0, 3000)}`,
        writes,
        acknowledged,
        lost: [...acknowledged].filter(id => !stored.includes(id)),
        unacknowledged: stored.filter(id => !acknowledged.has(id)),
      };
    } finally {
      await pool.end();
      await server.close();
    }
  }

  async function drill(commit: string, url: string, port: number) {
    const path = join(folder.path, `${commit}.yaml`);
    const crashes = `fetch('${url}crash').then(answer => process.exit(answer.ok ? 0 : 9))`;
    writeFileSync(
      path,
      `version: 1
title: A crash of PostgreSQL with synchronous_commit ${commit}
load:
  orders:
    http: { method: POST, url: "${url}orders", headers: { X-Order: "${commit} \${seq}" }, id: "${commit} \${seq}" }
    rate: 100/s
    timeout: 5s
steadyState: { failed orders: { load: { of: orders, measure: errors.ratio }, tolerance: { below: 100%, during: [baseline, recovery] } } }
windows: { warmup: 0s, baseline: 5s, recovery: 30s }
faults:
  - name: crash
    command: { do: ${JSON.stringify([process.execPath, '-e', crashes])}, undo: { nothing: it has come back by itself } }
    targets: []
    for: 5s
expect:
  writes:
    - name: every order is there
      load: orders
      stored: { sql: { url: "\${secret:env:ORDERS_DB}", query: select id from orders } }
      doubled: { equals: 0 }
`,
    );
    return startFiredrill(['run', path, '--yes', '--json', '--quiet', '--runs-dir', join(folder.path, commit)], {
      FIREDRILL_STATE: join(folder.path, 'state'),
      ORDERS_DB: `postgres://reader:s3cret%2Fpw@127.0.0.1:${port}/shop`,
    }).ended;
  }

  before(async function () {
    this.timeout(180_000);
    ensureBuilt();
    [relaxed, durable] = await Promise.all([crash('off'), crash('on')]);
  });
  after(() => Promise.all(databases.map(database => database.close())));

  it('counts exactly what is lost where commits are not waited for', () => {
    const {code, shown, writes, acknowledged, lost, unacknowledged} = relaxed;
    if (process.env['FIREDRILL_TEST_SHOW'] !== undefined) console.log(`${lost.length} lost; told: ${writes.why}`);
    expect(code, shown).to.equal(7);
    expect(lost.length).to.be.above(0);
    expect(writes, shown).to.deep.include({acknowledged: acknowledged.size, uncertain: []});
    expect(writes.lost).to.include({atLeast: lost.length, atMost: lost.length, verdict: 'deviated'});
    expect(lost).to.include.members(writes.lost?.examples.map(({id}) => id) ?? ['none']);
    expect(writes.unacknowledged).to.include({atLeast: unacknowledged.length, atMost: unacknowledged.length});
  });

  it('finds none lost where each commit is waited for', () => {
    const {code, shown, writes, acknowledged, lost, unacknowledged} = durable;
    expect(lost).to.deep.equal([]);
    expect(code, shown).to.equal(0);
    expect(writes, shown).to.deep.include({acknowledged: acknowledged.size, uncertain: [], verdict: 'held'});
    expect(writes.unacknowledged).to.include({atLeast: unacknowledged.length, atMost: unacknowledged.length});
  });
});
