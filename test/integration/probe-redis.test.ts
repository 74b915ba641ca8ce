import {expect} from 'chai';
import {source as redis} from '../../src/signals/probes/redis/index.js';
import {closedPort, startTcpServer, watchHandles} from '../support/http-server.js';
import {describeWith} from '../support/needs.js';
import {missingFrom, openProbe, probeContext, readOnly, readProbe} from '../support/probe-reading.js';
import {until} from '../support/processes.js';
import {startRedis, type TestRedis} from '../support/redis.js';

const urlOf = (port: number) => `redis://127.0.0.1:${port}`;

/** Roles change when replicas have found each other. */
const replicates = (primary: TestRedis) =>
  until('the replica follows', () => primary.run('info', 'replication').includes('state=online'));

describeWith('redis', 'the redis probe', () => {
  let server: TestRedis;
  let leftOpen: () => Promise<readonly string[]>;

  before(async () => {
    server = await startRedis();
  });
  after(() => server.close());
  beforeEach(() => {
    leftOpen = watchHandles();
    server.run('flushall');
  });
  afterEach(async () => {
    expect(await leftOpen()).to.deep.equal([]);
  });

  const read = (written: object, timeoutMs?: number) =>
    readProbe(redis, {url: urlOf(server.port), ...written}, timeoutMs === undefined ? {} : {timeoutMs});

  it('reads fields of INFO, parts of them, and words that mean yes or no', async () => {
    server.run('set', 'one', '1');
    expect(await read({info: 'connected_slaves'})).to.equal(0);
    expect(await read({info: 'used_memory'})).to.be.above(100_000);
    expect(await read({info: 'master_repl_offset'})).to.be.a('number');
    expect(await read({info: 'db0.keys'})).to.equal(1);
    expect(await read({info: 'rdb_last_bgsave_status'})).to.equal(1);
    expect(await read({info: 'no_such_field'})).to.equal('INFO has no `no_such_field`');
    expect(await read({info: 'redis_mode'})).to.contain('expected a number in `redis_mode`; got `standalone`');
  });

  it('counts what a list, stream, set, sorted set or hash holds, and none where there is no key', async () => {
    server.run('rpush', 'list', 'a', 'b', 'c');
    server.run('xadd', 'stream', '*', 'a', 'b');
    server.run('sadd', 'set', 'a', 'b');
    server.run('zadd', 'sorted', '1', 'a');
    server.run('hset', 'hash', 'a', '1', 'b', '2');
    server.run('set', 'text', 'abc');
    for (const [key, count] of Object.entries({list: 3, stream: 1, set: 2, sorted: 1, hash: 2, absent: 0}))
      expect(await read({length: key}), key).to.equal(count);
    expect(await read({length: 'text'})).to.equal('the key holds a string, which has no elements to count');
  });

  it('reads the number of a key in the database of the URL, and says why there is none', async () => {
    server.run('-n', '3', 'set', 'stock', '12.5');
    server.run('rpush', 'list', 'a');
    server.run('set', 'text', 'x'.repeat(1000));
    expect(await read({url: `${urlOf(server.port)}/3`, get: 'stock'})).to.equal(12.5);
    expect(await read({get: 'stock'})).to.equal('the key does not exist');
    expect(await read({get: 'text'})).to.equal('expected a number in the key; got a long text');
    expect(await read({get: 'list'})).to.match(/^the server: WRONGTYPE /);
  });

  it('measures a PING, and whether the server takes somebody new', async () => {
    expect(await read({measure: 'latency'})).to.be.within(0, 1000);
    expect(await read({measure: 'up'})).to.equal(1);
    const up = await openProbe(redis, {url: urlOf(server.port), measure: 'up'});
    const latency = await openProbe(redis, {url: urlOf(server.port), measure: 'latency'});
    expect(await readOnly(latency)).to.be.a('number');
    const most = server.run('config', 'get', 'maxclients').split('\n')[1]!;
    await until('only one client is left', () => /connected_clients:2\b/.test(server.run('info', 'clients')));
    server.run('config', 'set', 'maxclients', '1');
    try {
      expect(await readOnly(latency), 'on the connection that is kept').to.be.a('number');
      expect(await readOnly(up)).to.equal(0);
      expect(await read({measure: 'latency'})).to.equal('the server: ERR max number of clients reached');
      expect(await missingFrom(redis, {url: urlOf(server.port), measure: 'latency'})).to.deep.equal({
        because: 'target',
        reason: 'database-ERR',
      });
    } finally {
      await latency.close();
      await until('a client is let in', () => {
        try {
          return server.run('config', 'set', 'maxclients', most) === 'OK';
        } catch {
          return false;
        }
      });
    }
    expect(await readOnly(up)).to.equal(1);
    await up.close();
  });

  it('tells a server that fails from one that is asked wrongly', async () => {
    const missing = (written: object) => missingFrom(redis, {url: urlOf(server.port), ...written});
    const question = {because: 'ours', reason: 'question'};
    server.run('rpush', 'list', 'a');
    expect(await missing({get: 'list'})).to.deep.equal(question);
    expect(await missing({url: `${urlOf(server.port)}/4711`, get: 'a'})).to.deep.equal(question);
    expect(await missing({get: 'absent'})).to.deep.equal({because: 'target', reason: 'record'});
    expect(await missing({url: urlOf(await closedPort()), get: 'a'})).to.deep.equal({
      because: 'target',
      reason: 'refused',
    });
    const other = await startTcpServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await missing({url: urlOf(other.port), get: 'a'})).to.deep.equal({because: 'target', reason: 'answer'});
    await other.close();
    const loading = await startTcpServer(socket => socket.on('data', () => socket.write('-LOADING in memory\r\n')));
    expect(await missing({url: urlOf(loading.port), get: 'a'})).to.deep.equal({
      because: 'target',
      reason: 'database-LOADING',
    });
    await loading.close();
  });

  it('keeps one connection, and opens another when it was cut', async () => {
    const probe = await openProbe(redis, {url: urlOf(server.port), info: 'total_connections_received'});
    const first = Number(await readOnly(probe));
    expect(await readOnly(probe)).to.equal(first);
    server.run('client', 'kill', 'type', 'normal', 'skipme', 'yes');
    // The client that killed it, and the probe again.
    expect(await readOnly(probe)).to.equal(first + 2);
    await probe.close();
  });

  it('does not tell a server that hangs from one that is slow, and is not held up by it', async () => {
    const silent = await startTcpServer(socket => socket.resume());
    const written = {url: urlOf(silent.port), get: 'a'};
    const probe = await openProbe(redis, written);
    expect(await probe.read(AbortSignal.timeout(100)).catch(String)).to.contain('TimeoutError');
    await probe.close();
    expect(await missingFrom(redis, written, 100)).to.deep.equal({because: 'target', reason: 'timeout'});
    expect(await readProbe(redis, {url: urlOf(silent.port), measure: 'up'}, {timeoutMs: 100})).to.equal(0);
    await silent.close();
  });

  it('encrypts where the URL says so, and checks the certificate unless it is told not to', async () => {
    const url = `rediss://127.0.0.1:${server.tlsPort}`;
    expect(await read({url, measure: 'up', tls: {rejectUnauthorized: false}})).to.equal(1);
    expect(await read({url, measure: 'up', tls: {ca: `${server.folder}/cert.pem`}})).to.equal(1);
    expect(await read({url, measure: 'latency'})).to.match(/self.signed/i);
  });
});

describeWith('redis', 'the redis probe with a login', () => {
  const PASSWORD = 's3cret/p@w';
  let server: TestRedis;

  before(async () => {
    server = await startRedis(PASSWORD);
  });
  after(() => server.close());

  const read = (written: object, password = PASSWORD) =>
    readProbe(redis, written, {
      context: probeContext({reveal: text => text.replaceAll('${secret:env:PW}', password)}),
    });

  it('logs in with a secret, and never tells it', async () => {
    const url = `redis://:\${secret:env:PW}@127.0.0.1:${server.port}/1`;
    expect(await read({url, measure: 'up'})).to.equal(1);
    expect(await read({url, measure: 'latency'}, 'wrong')).to.equal(
      'the server: WRONGPASS invalid username-password pair or user is disabled.',
    );
    server.run('-n', '1', 'set', 'leak', PASSWORD);
    expect(await read({url, get: 'leak'})).to.equal('expected a number in the key; got `***`');
    expect(await read({url: urlOf(server.port), measure: 'latency'})).to.match(/^the server: NOAUTH /);
    expect(await missingFrom(redis, {url: urlOf(server.port), measure: 'latency'})).to.deep.equal({
      because: 'ours',
      reason: 'question',
    });
  });
});

describeWith('redis', 'the redis probe with a primary and a replica', () => {
  let [primary, replica]: TestRedis[] = [];
  let urls: readonly string[] = [];

  beforeEach(async () => {
    [primary, replica] = [await startRedis(), await startRedis()];
    replica.run('replicaof', '127.0.0.1', String(primary.port));
    await replicates(primary);
    urls = [urlOf(primary.port), urlOf(replica.port)];
  });
  afterEach(async () => {
    await Promise.all([primary?.close(), replica?.close()]);
  });

  it('asks who has the role that is wanted, wherever it stands in the list', async () => {
    expect(await readProbe(redis, {urls, ask: 'primary', info: 'connected_slaves'})).to.equal(1);
    expect(await readProbe(redis, {urls, ask: 'primary', info: 'slave0.lag'})).to.be.within(0, 5);
    expect(await readProbe(redis, {urls, ask: 'replica', info: 'master_link_status'})).to.equal(1);
    expect(await readProbe(redis, {url: urls[1], role: 'primary'})).to.equal(0);
    expect(await readProbe(redis, {url: urls[1], role: 'slave'})).to.equal(1);
  });

  it('goes on with the replica once it was promoted, and says meanwhile that nobody is the primary', async () => {
    const written = {urls, ask: 'primary', info: 'connected_slaves'};
    const probe = await openProbe(redis, written);
    expect(await readOnly(probe)).to.equal(1);
    await primary!.crash();
    expect(await readOnly(probe)).to.equal('server 1: connection refused; server 2: it answers as replica');
    expect(await missingFrom(redis, written)).to.deep.equal({because: 'target', reason: 'refused'});
    expect(await missingFrom(redis, {...written, urls: [urls[1]]})).to.deep.equal({because: 'target', reason: 'role'});
    expect(await readProbe(redis, {urls, ask: 'primary', measure: 'up'})).to.equal(0);
    replica!.run('replicaof', 'no', 'one');
    expect(await readOnly(probe)).to.equal(0);
    await probe.close();
  });

  it('leaves a server that is no longer what is wanted, on the connection that is kept', async () => {
    const probe = await openProbe(redis, {urls, ask: 'primary', info: 'connected_slaves'});
    expect(await readOnly(probe)).to.equal(1);
    replica!.run('replicaof', 'no', 'one');
    primary!.run('replicaof', '127.0.0.1', String(replica!.port));
    await replicates(replica!);
    expect(await readOnly(probe)).to.equal(1);
    const connected = replica!.run('client', 'list', 'type', 'normal').split('\n');
    expect(connected).to.have.length(2);
    await probe.close();
  });

  it('is not held up by a primary that hangs while another server answers', async () => {
    const probe = await openProbe(redis, {urls, info: 'connected_slaves'});
    // On a busy machine the second may answer before the first has.
    expect(await readOnly(probe)).to.be.oneOf([1, 0]);
    primary!.signal('SIGSTOP');
    try {
      expect(await readOnly(probe)).to.equal(0);
    } finally {
      primary!.signal('SIGCONT');
    }
    await probe.close();
  });
});
