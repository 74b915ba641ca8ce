import {expect} from 'chai';
import {source as sql} from '../../src/signals/probes/sql/index.js';
import {startPostgres, type TestPostgres} from '../support/databases.js';
import {closedPort, startTcpServer, watchHandles} from '../support/http-server.js';
import {describeWith} from '../support/needs.js';
import {missingFrom, openProbe, readOnly, readProbe} from '../support/probe-reading.js';

const PASSWORD = encodeURIComponent('s3cret/pw');

describeWith('postgres', 'the sql probe with a primary and a stand-by', () => {
  let [primary, standby]: TestPostgres[] = [];
  let leftOpen: () => Promise<readonly string[]>;

  beforeEach(async () => {
    primary = await startPostgres();
    standby = await primary.follow();
    leftOpen = watchHandles();
  });
  afterEach(async () => {
    expect(await leftOpen()).to.deep.equal([]);
    await Promise.all([primary?.close(), standby?.close()]);
  });

  const WHO = 'select inet_server_port()';
  const url = (wanted: string, ports = [standby!.port, primary!.port]) =>
    `postgresql://reader:${PASSWORD}@${ports.map(port => `127.0.0.1:${port}`).join(',')}/shop?target_session_attrs=${wanted}`;
  const read = (wanted: string, more: object = {}) => readProbe(sql, {url: url(wanted), query: WHO, ...more});

  it('asks the first server of the list that is what is wanted', async () => {
    // On a busy machine the second may answer before the first has.
    expect(await read('any')).to.be.oneOf([standby!.port, primary!.port]);
    for (const wanted of ['read-write', 'primary']) expect(await read(wanted), wanted).to.equal(primary!.port);
    for (const wanted of ['read-only', 'standby', 'prefer-standby'])
      expect(await read(wanted), wanted).to.equal(standby!.port);
    const alone = url('prefer-standby', [await closedPort(), primary!.port]);
    expect(await readProbe(sql, {url: alone, query: WHO})).to.equal(primary!.port);
    const nobody = {url: url('standby', [primary!.port]), query: WHO};
    expect(await readProbe(sql, nobody)).to.equal('it answers as primary');
    expect(await missingFrom(sql, nobody)).to.deep.equal({because: 'target', reason: 'role'});
  });

  it('goes on with the stand-by once it was promoted, and says meanwhile why nobody answers', async () => {
    const written = {url: url('read-write'), query: WHO};
    const probe = await openProbe(sql, written);
    expect(await readOnly(probe)).to.equal(primary!.port);
    await primary!.crash();
    expect(await readOnly(probe)).to.equal('server 1: it answers as standby; server 2: connection refused');
    expect(await missingFrom(sql, written)).to.deep.equal({because: 'target', reason: 'refused'});
    expect(await read('read-write', {measure: 'up'})).to.equal(0);
    standby!.promote();
    expect(await readOnly(probe)).to.equal(standby!.port);
    expect(await read('read-write', {measure: 'up'})).to.equal(1);
    await probe.close();
  });

  it('leaves a server that is no longer what was wanted, on the connection that is kept', async () => {
    const writable = await openProbe(sql, {url: url('read-write'), query: WHO});
    const follower = await openProbe(sql, {url: url('standby'), query: WHO});
    expect(await readOnly(writable)).to.equal(primary!.port);
    expect(await readOnly(follower)).to.equal(standby!.port);
    standby!.promote();
    expect(await readOnly(follower)).to.equal('server 1: it answers as primary; server 2: it answers as primary');
    primary!.run('alter system set default_transaction_read_only = on');
    primary!.run('select pg_reload_conf()');
    while ((await readOnly(writable)) !== standby!.port) continue;
    expect(await readOnly(writable)).to.equal(standby!.port);
    await Promise.all([writable.close(), follower.close()]);
  });

  it('is not held up by a server that accepts and says nothing', async () => {
    const silent = await startTcpServer(socket => socket.resume());
    const written = {url: url('primary', [silent.port, primary!.port]), query: WHO};
    expect(await readProbe(sql, written)).to.equal(primary!.port);
    expect(await readProbe(sql, {...written, query: 'select nothing'})).to.match(/^the database \(42703\)/);
    await silent.close();
  });
});
