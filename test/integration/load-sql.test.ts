import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {expect} from 'chai';
import {writesIn} from '../../src/signals/writes/log.js';
import {source as sql} from '../../src/signals/probes/sql/index.js';
import {list} from '../../src/signals/probes/sql/list.js';
import {startMariadb, startPostgres, type TestDatabase, type TestPostgres} from '../support/databases.js';
import {closedPort} from '../support/http-server.js';
import {describeWith} from '../support/needs.js';
import {probeContext, readProbe} from '../support/probe-reading.js';
import {until} from '../support/processes.js';
import {suiteFolder} from '../support/shop.js';
import {readLoad, sendLoad} from '../support/store-load.js';

const PASSWORD = encodeURIComponent('s3cret/pw');

const DIALECTS = [
  {
    part: 'postgres',
    start: startPostgres,
    scheme: 'postgres',
    anyText: '',
    duplicate: 'database-23505',
    denied: 'database-28P01',
    absent: 'database-42P01',
    others: `select count(*) from pg_stat_activity where usename = 'reader' and pid <> pg_backend_pid()`,
    working: `select count(*) from pg_stat_activity where usename = 'reader' and state = 'active' and pid <> pg_backend_pid()`,
    sleep: 'select pg_sleep(30)',
  },
  {
    part: 'mariadb',
    start: startMariadb,
    scheme: 'mysql',
    anyText: 'character set utf8mb4',
    duplicate: 'database-ER_DUP_ENTRY',
    denied: 'database-ER_ACCESS_DENIED_ERROR',
    absent: 'database-ER_NO_SUCH_TABLE',
    others: `select count(*) from information_schema.processlist where user = 'reader' and id <> connection_id()`,
    working: `select count(*) from information_schema.processlist where user = 'reader' and command <> 'Sleep' and id <> connection_id()`,
    sleep: 'select sleep(30)',
  },
] as const;

/** What would end or begin something in SQL, of either server. */
const HOSTILE = [
  "'); drop table orders; --",
  "\\'; delete from orders; #",
  `"$1" ? :x /* */ -- $$`,
  'two\nlines',
  "it''s",
  'ÿ𝄞',
  '${seq}',
];

for (const dialect of DIALECTS)
  describeWith(dialect.part, `a load of ${dialect.part}`, () => {
    const folder = suiteFolder();
    let database: TestDatabase;

    before(async function () {
      this.timeout(120_000);
      database = await dialect.start();
    });
    beforeEach(() => {
      database.run(`create table orders (id int primary key, name varchar(200) not null) ${dialect.anyText}`);
      if (dialect.part === 'postgres') database.run('grant all on orders to reader');
    });
    afterEach(() => database.run('drop table orders'));
    after(() => database.close());

    const url = (port = database.port, password = PASSWORD) =>
      `${dialect.scheme}://reader:${password}@127.0.0.1:${port}/shop`;
    const read = (lines: string) => readLoad(folder.path, lines);
    const number = async (query: string) => Number(await readProbe(sql, {url: url(), query}));
    const rows = async (query: string) => {
      const listing = await list(
        {url: url(), query, statementTimeout: 5000},
        probeContext(),
        new AbortController().signal,
      );
      return 'entries' in listing ? listing.entries : expect.fail(listing.why);
    };
    /** Sends until something is so. */
    const sendUntil = async (
      lines: string,
      what: string,
      isSo: (seen: Readonly<Record<string, number>>) => boolean,
    ) => {
      const load = await sendLoad(await read(lines), {DB: url()});
      await until(what, () => isSo(load.outcomes()), 30_000);
      await load.stop();
      return load.outcomes();
    };

    it('stores what its users send, whatever is in it, and knows what it wrote by the sent id', async () => {
      writeFileSync(
        join(folder.path, 'names.csv'),
        `name\n${HOSTILE.map(one => `"${one.replaceAll('"', '""')}"`).join('\n')}\n`,
      );
      const load = await sendLoad(
        await read(`csv: names.csv
rate: 100/s
sql:
  url: \${secret:env:DB}
  query: insert into orders values (\${seq:1000}, 'it''s \${csv:name} of \${pick:a|b}')
  id: \${seq:1000}`),
        {DB: url()},
      );
      await until('50 are stored', () => (load.outcomes()['ok'] ?? 0) >= 50);
      const writes = await load.stop();
      const outcomes = load.outcomes();
      expect(Object.keys(outcomes)).to.deep.equal(['ok']);
      const stored = await rows('select name from orders order by id');
      expect(stored.length).to.equal(outcomes['ok']);
      for (const [at, name] of stored.entries())
        expect(name).to.be.oneOf(['a', 'b'].map(one => `it's ${HOSTILE[at % HOSTILE.length]} of ${one}`));
      const written = [...writesIn(writes!.get(undefined)!)];
      expect(written.every(({acknowledged}) => acknowledged)).to.equal(true);
      expect(written.map(({id}) => id).sort()).to.deep.equal([...(await rows('select id from orders'))].sort());
    });

    it('takes the id of a write from the answer, and names what a server refuses by its code', async () => {
      const seen = await sendUntil(
        `rate: 20/s
sql: { url: "\${secret:env:DB}", query: "select name from orders where id = \${seq}", id: { matches: ".+" } }`,
        'an answer without an id',
        outcomes => (outcomes['check-id'] ?? 0) > 3,
      );
      expect(Object.keys(seen)).to.deep.equal(['check-id']);
      const twice = await sendUntil(
        `rate: 20/s
sql: { url: "\${secret:env:DB}", query: "insert into orders values (7, 'x\${seq}')" }`,
        'a second one of the same key',
        outcomes => (outcomes[dialect.duplicate] ?? 0) > 3,
      );
      expect(twice['ok']).to.equal(1);
      expect(Object.keys(twice).sort()).to.deep.equal([dialect.duplicate, 'ok'].sort());
      await sendUntil(
        `rate: 20/s\nsql: { url: "\${secret:env:DB}", query: select * from gone }`,
        'the code of a table that is not there',
        outcomes => (outcomes[dialect.absent] ?? 0) > 3,
      );
      await sendUntil(
        `rate: 20/s\nsql: { url: "${url(database.port, 'wrong')}", query: select 1 }`,
        'the code of a login that is refused',
        outcomes => (outcomes[dialect.denied] ?? 0) > 3,
      );
      await sendUntil(
        `rate: 20/s\nsql: { url: "${url(await closedPort())}", query: select 1 }`,
        'nobody there',
        outcomes => (outcomes['refused'] ?? 0) > 3,
      );
    });

    it('keeps as many connections as it may have, and others after the server was restarted', async function () {
      this.timeout(60_000);
      const load = await sendLoad(
        await read(`rate: 100/s
timeout: 5s
sql: { url: "\${secret:env:DB}", query: "select \${seq}", connections: 3 }`),
        {DB: url()},
      );
      await until('it is answered', () => (load.outcomes()['ok'] ?? 0) >= 100);
      expect(await number(dialect.others)).to.be.within(1, 3);
      await database.restart();
      const before = load.outcomes()['ok'] ?? 0;
      await until('it is answered again', () => (load.outcomes()['ok'] ?? 0) >= before + 200, 20_000);
      expect(await number(dialect.others)).to.be.within(1, 3);
      await load.stop();
      const failed = Object.entries(load.outcomes()).filter(([outcome]) => outcome !== 'ok');
      expect(failed.length, JSON.stringify(failed)).to.be.above(0);
      for (const [outcome] of failed) expect(outcome).to.match(/^(?:refused|reset|timeout|database-.+)$/);
      // It says good-bye.
      await until('nobody is left', async () => (await number(dialect.others)) === 0);
    });

    it('gives up what takes longer than its time, also at the server', async function () {
      this.timeout(60_000);
      const load = await sendLoad(
        await read(`rate: 10/s
timeout: 500ms
sql: { url: "\${secret:env:DB}", query: "${dialect.sleep}", connections: 4 }`),
        {DB: url()},
      );
      await until('some have timed out', () => (load.outcomes()['timeout'] ?? 0) >= 20, 20_000);
      // Each is given up where it runs, not only here.
      expect(await number(dialect.working)).to.be.at.most(8);
      await load.stop();
      // MariaDB may be faster than the end of the request, and says so.
      for (const outcome of Object.keys(load.outcomes())) expect(outcome).to.match(/^(?:timeout|ok|database-.+)$/);
      await until('nothing runs on', async () => (await number(dialect.working)) === 0);
    });
  });

describeWith('postgres', 'a load of PostgreSQL with a stand-by', () => {
  const folder = suiteFolder();
  let [primary, standby]: TestPostgres[] = [];

  before(async function () {
    this.timeout(120_000);
    primary = await startPostgres();
    primary.run('create table orders (id int primary key)');
    primary.run('grant all on orders to reader');
    standby = await primary.follow();
  });
  after(() => Promise.all([primary?.close(), standby?.close()]));

  it('goes to whoever is the primary, and says meanwhile that nobody is', async function () {
    this.timeout(60_000);
    const hosts = [standby!.port, primary!.port].map(port => `127.0.0.1:${port}`).join(',');
    const load = await sendLoad(
      await readLoad(
        folder.path,
        `rate: 50/s
timeout: 3s
sql:
  url: postgres://reader:${PASSWORD}@${hosts}/shop?target_session_attrs=read-write
  query: insert into orders values (\${seq})`,
      ),
    );
    await until('orders are stored', () => (load.outcomes()['ok'] ?? 0) >= 50);
    await primary!.crash();
    await until('nobody takes any', () => (load.outcomes()['refused'] ?? 0) > 20, 20_000);
    await delay(200);
    standby!.promote();
    const before = load.outcomes()['ok'] ?? 0;
    await until('the new primary takes them', () => (load.outcomes()['ok'] ?? 0) >= before + 50, 20_000);
    await load.stop();
    const stored = await readProbe(sql, {
      url: `postgres://reader:${PASSWORD}@127.0.0.1:${standby!.port}/shop`,
      query: 'select count(*) from orders',
    });
    expect(stored).to.be.a('number').that.is.at.least(50);
  });
});
