import {expect} from 'chai';
import {source as sql} from '../../src/signals/probes/sql/index.js';
import type {OpenProbe} from '../../src/signals/contract.js';
import {startMariadb, startPostgres, type TestDatabase} from '../support/databases.js';
import {closedPort, startTcpServer, watchHandles} from '../support/http-server.js';
import {describeWith} from '../support/needs.js';
import {missingFrom, openProbe, probeContext, readOnly, readProbe} from '../support/probe-reading.js';

const PASSWORD = 's3cret/pw';

interface Dialect {
  readonly part: 'postgres' | 'mariadb';
  readonly scheme: string;
  readonly start: () => Promise<TestDatabase>;
  readonly sleep: (seconds: number) => string;
  readonly tooSlow: string;
  readonly readOnly: RegExp;
  readonly denied: string;
  /** Refuses everybody who comes, and serves those that are there; and lets them in again. */
  readonly shut: string;
  readonly open: string;
  /** Answers 1 on a connection that is encrypted. */
  readonly encrypted: string;
  readonly socket: (database: TestDatabase) => string;
}

const DIALECTS: readonly Dialect[] = [
  {
    part: 'postgres',
    scheme: 'postgres',
    start: startPostgres,
    sleep: seconds => `select pg_sleep(${seconds})`,
    tooSlow: 'the database (57014): canceling statement due to statement timeout',
    readOnly: /read-only transaction/,
    denied: 'the database (28P01): password authentication failed for user "reader"',
    shut: 'alter role reader connection limit 0',
    open: 'alter role reader connection limit -1',
    encrypted: 'select ssl::int from pg_stat_ssl where pid = pg_backend_pid()',
    socket: ({socketFolder, port}) =>
      `postgres://reader:${encodeURIComponent(PASSWORD)}@:${port}/shop?host=${socketFolder}`,
  },
  {
    part: 'mariadb',
    scheme: 'mysql',
    start: startMariadb,
    sleep: seconds => `select sleep(${seconds})`,
    tooSlow: 'the database: Query execution was interrupted (max_statement_time exceeded)',
    readOnly: /READ.ONLY/i,
    denied: "the database (ER_ACCESS_DENIED_ERROR): Access denied for user 'reader'@'localhost' (using password: YES)",
    shut: 'alter user reader@localhost account lock',
    open: 'alter user reader@localhost account unlock',
    encrypted: "select variable_value <> '' from information_schema.session_status where variable_name = 'Ssl_cipher'",
    socket: ({socketFolder}) =>
      `mysql://reader:${encodeURIComponent(PASSWORD)}@localhost/shop?socket=${socketFolder}/s`,
  },
];

for (const dialect of DIALECTS)
  describeWith(dialect.part, `the sql probe on ${dialect.part}`, () => {
    let database: TestDatabase;
    let leftOpen: () => Promise<readonly string[]>;

    before(async function () {
      database = await dialect.start();
      database.run('create table orders (id int)');
      database.run('insert into orders values (1), (2), (3)');
    });
    after(() => database.close());
    beforeEach(() => {
      leftOpen = watchHandles();
    });
    afterEach(async () => {
      expect(await leftOpen()).to.deep.equal([]);
    });

    const url = (password = PASSWORD, port = database.port) =>
      `${dialect.scheme}://reader:${encodeURIComponent(password)}@127.0.0.1:${port}/shop`;
    const read = (written: object, timeoutMs?: number) =>
      readProbe(sql, {url: url(), ...written}, timeoutMs === undefined ? {} : {timeoutMs});

    it('reads the first column of the first row, big and broken numbers too', async () => {
      expect(await read({query: 'select count(*), 7 from orders'})).to.equal(3);
      expect(await read({query: 'select 9007199254740993'})).to.equal(9007199254740992);
      expect(await read({query: 'select 1.25'})).to.equal(1.25);
      expect(await read({query: "select '42'"})).to.equal(42);
    });

    it('says why there is no number', async () => {
      expect(await read({query: 'select id from orders where id = 9'})).to.equal('the statement answers with no row');
      expect(await read({query: 'select max(id) from orders where id = 9'})).to.equal(
        'the first column of the first row is NULL',
      );
      expect(await read({query: "select 'many'"})).to.equal(
        'expected a number in the first column of the first row; got `many`',
      );
      expect(await read({query: 'select nothing from nowhere'})).to.contain('nowhere');
    });

    it('tells a database that fails from one that is asked wrongly', async () => {
      const missing = (written: object) => missingFrom(sql, {url: url(), ...written});
      const because = async (written: object) => (await missing(written))?.because;
      expect(await missing({query: 'select id from orders where id = 9'})).to.deep.equal({
        because: 'target',
        reason: 'record',
      });
      expect(await because({query: dialect.sleep(20), measure: 'latency', statementTimeout: '100ms'})).to.equal(
        'target',
      );
      const refused = {url: url(PASSWORD, await closedPort()), measure: 'latency'};
      expect(await missing(refused)).to.deep.equal({because: 'target', reason: 'refused'});
      for (const wrong of [{query: 'select nothing from nowhere'}, {url: url('another'), query: 'select 1'}])
        expect(await missing(wrong)).to.deep.equal({because: 'ours', reason: 'question'});
    });

    it('measures the latency of the statement, and whether the database answers', async () => {
      expect(await read({query: dialect.sleep(0.2), measure: 'latency'})).to.be.within(195, 1500);
      expect(await read({measure: 'latency'})).to.be.within(0, 1000);
      expect(await read({measure: 'up'})).to.equal(1);
      expect(await read({measure: 'up', query: 'select nothing'})).to.equal(0);
      const port = await closedPort();
      expect(await readProbe(sql, {url: url(PASSWORD, port), measure: 'up'})).to.equal(0);
      expect(await readProbe(sql, {url: url(PASSWORD, port), measure: 'latency'})).to.equal('connection refused');
    });

    it('is up only for as long as somebody new is let in, whoever is served already', async () => {
      const [up, latency] = await Promise.all(['up', 'latency'].map(measure => openProbe(sql, {url: url(), measure})));
      expect(await readOnly(up!)).to.equal(1);
      expect(await readOnly(latency!)).to.be.a('number');
      database.run(dialect.shut);
      try {
        expect(await readOnly(latency!), 'on the connection that is kept').to.be.a('number');
        expect(await readOnly(up!)).to.equal(0);
      } finally {
        database.run(dialect.open);
      }
      expect(await readOnly(up!)).to.equal(1);
      await Promise.all([up!.close(), latency!.close()]);
    });

    it('changes nothing, whatever the statement says', async () => {
      const attempts = [
        'insert into orders values (4)',
        'delete from orders',
        'drop table orders',
        'create table more (id int)',
        'truncate table orders',
      ];
      for (const query of attempts) expect(await read({query}), query).to.match(dialect.readOnly);
      expect(await read({query: 'select 1; commit; delete from orders'})).to.be.a('string');
      expect(await read({query: 'select count(*) from orders'})).to.equal(3);
    });

    it('keeps one connection, also after a statement that failed', async () => {
      const connection = dialect.part === 'postgres' ? 'select pg_backend_pid()' : 'select connection_id()';
      const probe = await openProbe(sql, {url: url(), query: connection});
      const failing = `select case when (select count(*) from orders) > 0 then (${connection}) else 0 end`;
      const first = await readOnly(probe);
      expect(await readOnly(probe)).to.equal(first);
      await probe.close();
      const moody = await openProbe(sql, {url: url(), query: failing, statementTimeout: '5s'});
      const before = await readOnly(moody);
      database.run('alter table orders rename to gone');
      expect(await readOnly(moody)).to.contain('orders');
      database.run('alter table gone rename to orders');
      expect(await readOnly(moody)).to.equal(before);
      await moody.close();
    });

    it('opens another connection when the server was restarted, and says what it saw meanwhile', async function () {
      const probe: OpenProbe = await openProbe(sql, {url: url(), query: 'select count(*) from orders'});
      expect(await readOnly(probe)).to.equal(3);
      await database.restart();
      expect(await readOnly(probe)).to.equal(3);
      await probe.close();
    });

    it('lets the server give a statement up, so that none piles up there', async () => {
      expect(await read({query: dialect.sleep(5), statementTimeout: '200ms'})).to.equal(dialect.tooSlow);
    });

    it('rejects with the reason of the signal when its time is up, and can be read again', async () => {
      const query = dialect.sleep(1);
      const probe = await openProbe(sql, {url: url(), query});
      const error = await probe.read(AbortSignal.timeout(100)).catch(String);
      expect(error).to.contain('TimeoutError');
      expect(String(await readOnly(probe))).to.not.contain('TimeoutError');
      await probe.close();
      expect(await read({query, measure: 'up'}, 100)).to.equal(0);
    });

    it('is not held up by a server that accepts and says nothing', async () => {
      const silent = await startTcpServer(socket => socket.resume());
      const probe = await openProbe(sql, {url: url(PASSWORD, silent.port), query: 'select 1'});
      expect(await probe.read(AbortSignal.timeout(100)).catch(String)).to.contain('TimeoutError');
      await probe.close();
      await silent.close();
    });

    it('never tells the password, and says what the server says about it', async () => {
      const secret = 'wr0ng-pass';
      const context = probeContext({reveal: text => text.replaceAll('${secret:env:DB_URL}', url(secret))});
      const written = {url: '${secret:env:DB_URL}', query: 'select 1'};
      expect(await readProbe(sql, written, {context})).to.equal(dialect.denied);
      const right = probeContext({reveal: text => text.replaceAll('${secret:env:DB_URL}', url())});
      expect(await readProbe(sql, {...written, query: `select '${PASSWORD}'`}, {context: right})).to.equal(
        'expected a number in the first column of the first row; got `***`',
      );
    });

    it('connects through a unix socket', async () => {
      expect(await readProbe(sql, {url: dialect.socket(database), query: 'select count(*) from orders'})).to.equal(3);
    });

    it('encrypts where it is told to, and checks the certificate unless it is told not to', async () => {
      const query = dialect.encrypted;
      expect(await read({query})).to.equal(0);
      expect(await readProbe(sql, {url: `${url()}?sslmode=require`, query})).to.equal(1);
      expect(await read({query, tls: {rejectUnauthorized: false}})).to.equal(1);
      expect(await read({query, tls: {ca: `${database.socketFolder}/cert.pem`}})).to.equal(1);
      for (const strict of [{tls: {}}, {url: `${url()}?sslmode=verify-full`}])
        expect(await read({query, ...strict})).to.match(/self.signed/i);
    });
  });
