import {expect} from 'chai';
import {execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createServer as createHttps} from 'node:https';
import {createServer, type TLSSocket} from 'node:tls';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {certificateCheck} from '../../src/signals/network/certificates.js';
import {source as http} from '../../src/signals/probes/http/index.js';
import {source as tls} from '../../src/signals/probes/tls/index.js';
import {makeAuthority, type TestAuthority, type TestCertificate} from '../support/certificates.js';
import {closedPort, startTcpServer, watchHandles} from '../support/http-server.js';
import {SELF_SIGNED} from '../support/http-server-certificate.js';
import {readProbe} from '../support/probe-reading.js';

const DAY_MS = 86_400_000;

/** A TLS server that shows this certificate, and tells how its connections ended. */
async function startTlsServer(certificate: TestCertificate) {
  const ends: string[] = [];
  const open = new Set<TLSSocket>();
  const server = createServer(certificate, socket => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.resume();
    socket.on('end', () => ends.push('end')).on('error', () => ends.push('error'));
  });
  server.on('tlsClientError', () => ends.push('handshake failed'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ends,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

describe('the tls probe', () => {
  let authority: TestAuthority;
  let leftOpen: () => Promise<readonly string[]>;

  before(function () {
    authority = makeAuthority();
  });
  after(() => authority.close());
  beforeEach(() => {
    leftOpen = watchHandles();
  });
  afterEach(async () => {
    expect(await leftOpen()).to.deep.equal([]);
  });

  /** What the three measures say of a server with this certificate, days instead of milliseconds. */
  async function all(certificate: TestCertificate, written: object = {}) {
    const server = await startTlsServer(certificate);
    try {
      const read = (measure: string) => readProbe(tls, {address: server.address, measure, ...written});
      const [expiry, up, latency] = [await read('expiry'), await read('up'), await read('latency')];
      return {days: Number(expiry) / DAY_MS, up, latency, ends: server.ends};
    } finally {
      await server.close();
    }
  }

  const trusted = () => ({serverName: 'shop.test', ca: authority.file});

  it('tells how long a trusted certificate is still valid, that it is up, and how long the handshake took', async () => {
    const {days, up, latency, ends} = await all(authority.issue('shop.test', 20), trusted());
    expect(days).to.be.closeTo(20, 0.01);
    expect(up).to.equal(1);
    expect(latency).to.be.within(0, 1000);
    expect(ends).to.not.include('error');
  });

  it('shows an expired certificate as below zero, as down, and says that it has expired', async () => {
    const {days, up, latency} = await all(authority.issue('shop.test', -3), trusted());
    expect(days).to.be.closeTo(-3, 0.01);
    expect([up, latency]).to.deep.equal([0, 'the certificate has expired']);
  });

  it('says of a certificate that begins later that it is not valid yet', async () => {
    const {up, latency} = await all(authority.issue('shop.test', 9, 2), trusted());
    expect([up, latency]).to.deep.equal([0, 'the certificate is not valid yet']);
  });

  it('says of a certificate that nobody signed that it is self-signed, and still reads its end', async () => {
    const {days, up, latency} = await all(SELF_SIGNED);
    expect(days).to.be.greaterThan(30_000);
    expect([up, latency]).to.deep.equal([0, 'the certificate is self-signed']);
  });

  it('trusts a self-signed certificate that is given as an authority', async () => {
    const file = authority.write('self-signed.pem', SELF_SIGNED.cert);
    const {up} = await all(SELF_SIGNED, {serverName: 'localhost', ca: file});
    expect(up).to.equal(1);
  });

  it('says of a certificate of an unknown authority, or for another name, what is wrong with it', async () => {
    const certificate = authority.issue('shop.test', 20);
    const {latency} = await all(certificate, {serverName: 'shop.test'});
    expect(latency).to.equal('the certificate is signed by an authority that is not known');
    const other = await all(certificate, {...trusted(), serverName: 'bank.test'});
    expect([other.up, other.latency]).to.deep.equal([0, 'the certificate is for another host name']);
  });

  it('says why there is no handshake', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    expect(await readProbe(tls, {address})).to.equal('connection refused');
    expect(await readProbe(tls, {address, measure: 'up'})).to.equal(0);
    const plain = await startTcpServer(socket => socket.end('220 mail ready\r\n'));
    expect(await readProbe(tls, {address: `127.0.0.1:${plain.port}`})).to.match(/^TLS failed/);
    expect(await readProbe(tls, {address: `127.0.0.1:${plain.port}`, measure: 'up'})).to.equal(0);
    await plain.close();
  });

  it('is not held up by a server that accepts and says nothing', async () => {
    const silent = await startTcpServer(socket => socket.resume());
    const address = `127.0.0.1:${silent.port}`;
    expect(await readProbe(tls, {address}, {timeoutMs: 100}).catch(String)).to.contain('TimeoutError');
    expect(await readProbe(tls, {address, measure: 'up'}, {timeoutMs: 100})).to.equal(0);
    await silent.close();
  });

  it('refuses a file of authorities that cannot be read', async () => {
    const error = await readProbe(tls, {address: '127.0.0.1:1', ca: '/no/such/file'}).catch(String);
    expect(error).to.contain('/no/such/file');
    const empty = authority.write('empty.pem', 'no certificate');
    const none = await readProbe(tls, {address: '127.0.0.1:1', ca: empty}).catch(String);
    expect(none).to.contain('Expected a file of certificate authorities (PEM)').and.contain(empty);
  });

  describe('of a server that demands a certificate', () => {
    let secure: Awaited<ReturnType<typeof startSecure>>;
    let files: {cert: string; key: string};
    let ca: string;

    async function startSecure() {
      const demanding = {ca: readFileSync(authority.file), requestCert: true, rejectUnauthorized: true};
      const server = createHttps({...authority.issue('shop.test', 20), ...demanding}, (_, response) => {
        response.end('7');
      });
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
      return server;
    }
    const read = (more: object) => {
      const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/`;
      return readProbe(http, {url, measure: 'number', headers: {host: 'shop.test'}, tls: {ca, ...more}});
    };

    before(async () => {
      ca = authority.file;
      secure = await startSecure();
      const {cert, key} = authority.issue('client.test', 20);
      files = {cert: authority.write('client.pem', cert), key: authority.write('client.key', key)};
    });
    after(async () => {
      secure.closeAllConnections();
      await new Promise(resolve => secure.close(resolve));
    });

    it('shows the certificate of the file, and says that one is demanded where there is none', async () => {
      expect(await read(files)).to.equal(7);
      expect(await read({})).to.equal('TLS failed: the server demands a certificate of the client');
    });

    it('refuses a key that is not that of the certificate, and one of the two alone', async () => {
      const key = authority.write('other.key', authority.issue('other.test', 20).key);
      const error = await read({...files, key}).catch(String);
      expect(error).to.contain('Expected the private key of').and.contain(key);
      expect(await read({cert: files.cert}).catch(String)).to.contain('expected `cert` and `key` together');
    });

    it('reads each file once: what was checked is what is used', async () => {
      const pipe = join(mkdtempSync(join(tmpdir(), 'firedrill-pem-')), 'ca.fifo');
      execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]);
      // Whoever reads it again gets something else.
      const script = 'cat "$0" > "$1"; sleep 1; echo other > "$1"';
      const writer = spawn('sh', ['-c', script, ca, pipe], {stdio: 'ignore'});
      try {
        const check = await certificateCheck({rejectUnauthorized: true, ca: pipe});
        expect(check.ca?.at(-1)).to.equal(readFileSync(ca, 'utf8'));
      } finally {
        writer.kill('SIGKILL');
        rmSync(dirname(pipe), {recursive: true});
      }
    });

    it('holds authorities and certificate in one context for all connections', async () => {
      const check = await certificateCheck({rejectUnauthorized: true, ca, ...files});
      expect(check.secureContext).to.be.an('object');
    });
  });
});
