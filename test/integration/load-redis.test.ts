import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import {writesIn} from '../../src/signals/writes/log.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';
import {startRedis, type TestRedis} from '../support/redis.js';
import {suiteFolder} from '../support/shop.js';
import {startTcpServer} from '../support/http-server.js';
import {readLoad, sendLoad} from '../support/store-load.js';

const PASSWORD = 's3cret/pw';

describeWith('redis', 'a load of Redis', () => {
  const folder = suiteFolder();
  let redis: TestRedis;

  beforeEach(async () => {
    redis = await startRedis(PASSWORD);
  });
  afterEach(() => redis.close());

  const url = (port = redis.port) => `redis://:\${secret:env:PASSWORD}@127.0.0.1:${port}`;
  const send = async (lines: string) => sendLoad(await readLoad(folder.path, lines), {PASSWORD});
  const clients = () => redis.run('client', 'list', 'type', 'normal').split('\n').length - 1;

  it('stores what its users send, whatever is in it, and knows what it wrote', async () => {
    const hostile = ['a b', '\r\nFLUSHALL\r\n', '*1', '$-1', '"', 'ÿ𝄞'];
    writeFileSync(
      join(folder.path, 'values.csv'),
      `value\n${hostile.map(one => `"${one.replaceAll('"', '""')}"`).join('\n')}\n`,
    );
    const load = await send(`csv: values.csv
rate: 100/s
redis:
  url: "${url()}"
  command: [HSET, orders, "o-\${seq}", "\${csv:value} of \${pick:a|b}"]
  id: "o-\${seq}"`);
    await until('50 are stored', () => (load.outcomes()['ok'] ?? 0) >= 50);
    const writes = await load.stop();
    expect(Object.keys(load.outcomes())).to.deep.equal(['ok']);
    const written = [...writesIn(writes!.get(undefined)!)].map(({id}) => id);
    expect(written.sort()).to.deep.equal(redis.run('hkeys', 'orders').split('\n').sort());
    for (const number of [1, 2, 6, 20])
      expect(redis.run('--json', 'hget', 'orders', `o-${number}`)).to.be.oneOf(
        ['a', 'b'].map(one => JSON.stringify(`${hostile[(number - 1) % hostile.length]} of ${one}`)),
      );
  });

  it('takes the id of a write from the reply, and names what a server refuses by its code', async () => {
    const pushed = await send(`rate: 50/s
redis: { url: "${url()}", command: [XADD, orders, "*", n, "\${seq}"], id: { matches: ".+" } }`);
    await until('20 are stored', () => (pushed.outcomes()['ok'] ?? 0) >= 20);
    const writes = await pushed.stop();
    const first = [...writesIn(writes!.get(undefined)!)][0]!.id;
    expect(redis.run('xrange', 'orders', first, first)).to.contain(first);

    const wrong = await send(`rate: 50/s
redis: { url: "${url()}", command: [INCR, orders] }`);
    await until('the wrong kind of key is told', () => (wrong.outcomes()['database-WRONGTYPE'] ?? 0) > 5);
    await wrong.stop();
    expect(Object.keys(wrong.outcomes())).to.deep.equal(['database-WRONGTYPE']);

    const other = await startTcpServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const talk = await send(`rate: 50/s
redis: { url: "redis://127.0.0.1:${other.port}", command: [GET, a] }`);
    await until(
      'another protocol is told',
      () => (talk.outcomes()['answer'] ?? 0) + (talk.outcomes()['reset'] ?? 0) > 5,
    );
    await talk.stop();
    await other.close();
  });

  it('shows a server that stands still as time-outs of all that was due, with as many connections as it may have', async () => {
    const load = await send(`rate: 100/s
timeout: 500ms
redis: { url: "${url()}", command: [GET, "k:\${pick:1..9}"], connections: 4 }`);
    await until('it is answered', () => (load.outcomes()['ok'] ?? 0) >= 100);
    expect(clients()).to.be.within(1, 5);
    redis.signal('SIGSTOP');
    await until('all time out', () => (load.outcomes()['timeout'] ?? 0) >= 100);
    redis.signal('SIGCONT');
    const before = load.outcomes()['ok'] ?? 0;
    await until('it is answered again', () => (load.outcomes()['ok'] ?? 0) >= before + 100);
    expect(clients()).to.be.within(1, 5);
    await load.stop();
    expect(Object.keys(load.outcomes()).sort()).to.deep.equal(['ok', 'timeout']);
  });

  it('opens other connections after the server was restarted', async () => {
    const load = await send(`rate: 100/s
redis: { url: "${url()}", command: [PING], connections: 2 }`);
    await until('it is answered', () => (load.outcomes()['ok'] ?? 0) >= 50);
    await redis.crash();
    await until('nobody is there', () => (load.outcomes()['refused'] ?? 0) >= 50);
    await redis.start();
    const before = load.outcomes()['ok'] ?? 0;
    await until('it is answered again', () => (load.outcomes()['ok'] ?? 0) >= before + 50);
    await load.stop();
  });

  it('leaves a server that is no longer the primary', async () => {
    const other = await startRedis(PASSWORD);
    try {
      const load = await send(`rate: 100/s
redis: { urls: ["${url()}", "${url(other.port)}"], ask: primary, command: [RPUSH, orders, "\${seq}"] }`);
      await until('the first takes them', () => (load.outcomes()['ok'] ?? 0) >= 50);
      redis.run('replicaof', '127.0.0.1', String(other.port));
      const before = load.outcomes()['ok'] ?? 0;
      await until('the second takes them', () => (load.outcomes()['ok'] ?? 0) >= before + 50);
      other.run('replicaof', '127.0.0.1', '1');
      await until('nobody is a primary', () => (load.outcomes()['role'] ?? 0) >= 50);
      await load.stop();
      const {ok, role, 'database-READONLY': readOnly = 0, ...more} = load.outcomes();
      expect({ok, role}).to.not.include({ok: 0, role: 0});
      // One for each connection at most, at each of the two.
      expect(readOnly).to.be.within(1, 20);
      expect(more).to.deep.equal({});
      expect(Number(other.run('llen', 'orders'))).to.be.within(50, ok!);
    } finally {
      await other.close();
    }
  });

  it('encrypts where it is told to', async () => {
    const load = await send(`rate: 50/s
redis: { url: "rediss://:\${secret:env:PASSWORD}@127.0.0.1:${redis.tlsPort}", command: [SET, a, "\${seq}"], tls: { rejectUnauthorized: false } }`);
    await until('it is answered', () => (load.outcomes()['ok'] ?? 0) >= 20);
    await load.stop();
    const strict = await send(`rate: 50/s
redis: { url: "rediss://:\${secret:env:PASSWORD}@127.0.0.1:${redis.tlsPort}", command: [SET, a, "\${seq}"] }`);
    await until('its certificate is refused', () => (strict.outcomes()['tls-DEPTH_ZERO_SELF_SIGNED_CERT'] ?? 0) >= 5);
    await strict.stop();
  });
});
