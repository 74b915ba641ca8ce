import {expect} from 'chai';
import {existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {createServer, request, type IncomingMessage} from 'node:http';
import {once} from 'node:events';
import {connect, type AddressInfo, type Socket} from 'node:net';
import {join} from 'node:path';
import {isToken, newToken, readToken, tokenFile, tokenFolder} from '../../src/system/control-token.js';
import {openSecrets} from '../../src/system/secrets.js';
import type {Ambient} from '../../src/targets/contract.js';
import {driver} from '../../src/targets/drivers/proxy/driver.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {startProxyProcess, type ProxyProcess} from '../support/proxy-process.js';
import {refusal} from '../support/refusal.js';
import {scratchFolder} from '../support/shop.js';

const MARK = '/v1/connections/shop/mark';
const patience = () => AbortSignal.timeout(10_000);
const ambientOf = (environment: Record<string, string | undefined>): Ambient => ({
  environment,
  scratch: '/nowhere',
  stateDir: '/nowhere',
  ...openSecrets({}),
});

describe('proxy: who may give orders to it', function () {
  let proxy: ProxyProcess;
  beforeEach(async () => {
    const connections = ['shop', 'store', 'a', 'b', 'c', 'd'].map(name => ({name, upstream: '127.0.0.1:1'}));
    proxy = await startProxyProcess({connections});
  });
  afterEach(() => proxy.end('SIGKILL'));

  /** A request as it stands, with the token unless another header is given. */
  const ask = async (method: string, path: string, {body = '', authorization = proxy.authorization} = {}) => {
    const headers = {'content-type': 'application/json', ...(authorization === '' ? {} : {authorization})};
    const sent = request(proxy.control, {method, path, headers, agent: false});
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return {status: response.statusCode, text: Buffer.concat(chunks).toString()};
  };
  const mark = (path: string, id: string, bytes: number, run = 'r') =>
    ask('POST', path, {
      body: JSON.stringify({run, epoch: 1, hardStop: {}, debts: [{id, toxic: 't', debt: {x: 'y'.repeat(bytes)}}]}),
    });

  it('is who can read its token, a file of its user alone, and nobody else', async () => {
    expect(statSync(proxy.tokenFile).mode & 0o777).to.equal(0o600);
    const wrong = newToken();
    const orders = [
      ['GET', '/v1/state'],
      ['POST', MARK],
      ['PUT', '/v1/connections/shop/toxics/t'],
      ['DELETE', '/v1/connections/shop/toxics/t'],
      ['POST', '/v1/stops'],
      ['GET', '/nowhere'],
    ] as const;
    for (const [method, path] of orders) {
      for (const authorization of ['', wrong, `${proxy.authorization}x`, proxy.authorization.slice(0, -1)]) {
        expect((await ask(method, path, {authorization})).status, `${method} ${path}`).to.equal(401);
      }
      expect((await ask(method, path)).status, `${method} ${path}`).to.not.equal(401);
    }
    expect((await ask('GET', '/healthz', {authorization: ''})).status).to.equal(200);
    expect((await ask('GET', '/metrics', {authorization: ''})).status).to.equal(200);
  });

  it('has another token each time it is started, replaces what stands in its place, and takes its own away', async () => {
    const before = proxy.authorization;
    const control = proxy.control.replace('http://', '');
    await proxy.end('SIGTERM');
    expect(existsSync(proxy.tokenFile)).to.equal(false);
    using folder = scratchFolder();
    const other = join(folder.path, 'other');
    writeFileSync(other, 'theirs');
    symlinkSync(other, proxy.tokenFile);
    proxy = await startProxyProcess({control, connections: [{name: 'shop', upstream: '127.0.0.1:1'}]});
    expect(readFileSync(other, 'utf8')).to.equal('theirs');
    expect(proxy.authorization)
      .to.match(/^Bearer /)
      .and.to.not.equal(before);
  });

  it('is the driver, and `recover` and `stop` of the command line; without the token they say what is missing', async () => {
    const reader = await driver.reader({control: proxy.control}, ambientOf(process.env));
    expect(await reader.resolve({name: 'shop'}, patience())).to.have.length(1);
    expect((await reader.problems(patience())).join()).to.not.include('anybody');
    const failure = await refusal(driver.reader({control: proxy.control}, ambientOf({})));
    expect(failure.code).to.equal('DRIVER_UNREACHABLE');
    expect(failure.message).to.include('/nowhere/proxies/127.0.0.1:').and.to.include('no token');
    expect(failure.hint).to.include('FIREDRILL_PROXY_TOKENS');

    ensureBuilt();
    const known = await firedrill(['recover', '--list', '--proxy', proxy.control]);
    expect([known.code, known.stdout]).to.deep.equal([0, 'Nothing is owed.\n']);
    expect((await firedrill(['stop', 'r', '--proxy', proxy.control])).code).to.equal(0);
    const foreign = await firedrill(['recover', '--list', '--proxy', proxy.control], {
      FIREDRILL_PROXY_TOKENS: '',
      FIREDRILL_STATE: '/nowhere',
    });
    expect(foreign.code, 'what cannot be read is unknown').to.equal(6);
    expect(foreign.stdout).to.include('nobody knows what is owed').and.to.include('FIREDRILL_PROXY_TOKENS');
  });

  it('is anybody where the proxy is of an earlier version: it can be used, and the plan says so', async () => {
    const instance = {endpoint: 'e', incarnation: 'i', pid: 1, protocol: 1};
    const old = createServer((_request, response) =>
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({instance, connections: [], stops: []})),
    ).listen(0, '127.0.0.1');
    await once(old, 'listening');
    const control = `http://127.0.0.1:${(old.address() as AddressInfo).port}`;
    const reader = await driver.reader({control}, ambientOf({}));
    const told = await reader.problems(patience());
    old.close();
    expect(told.join()).to.include(control).and.to.include('earlier version').and.to.include('anybody on this machine');
  });

  it('holds marks of a bounded size, one by one, on one connection and in all', async () => {
    expect((await mark(MARK, 'large', 100_000)).status).to.equal(400);
    for (const id of ['1', '2', '3', '4', '5', '6', '7', '8']) {
      expect((await mark(MARK, id, 60_000)).status).to.equal(200);
    }
    const full = await mark(MARK, '9', 60_000);
    expect([full.status, full.text]).to.satisfy(
      ([status, text]: [number, string]) => status === 413 && /room/.test(text),
    );
    expect((await mark(MARK, '8', 60_000)).status, 'a debt that is there already').to.equal(200);
    expect((await mark(MARK, '9', 60_000, 'other')).status, 'a conflict comes first').to.equal(409);
    const statuses: (number | undefined)[] = [];
    for (const name of ['store', 'a', 'b', 'c', 'd']) {
      for (let i = 0; i < 8; i++) statuses.push((await mark(`/v1/connections/${name}/mark`, `${i}`, 60_000)).status);
    }
    expect(statuses.filter(status => status === 200)).to.have.length(26);
    expect(statuses.filter(status => status === 413)).to.have.length(14);
    const state = JSON.parse((await ask('GET', '/v1/state')).text) as {connections: {mark: unknown}[]};
    expect(JSON.stringify(state.connections.map(one => one.mark)).length).to.be.below(2.2 * 1024 * 1024);
    const settled = JSON.stringify({run: 'r', epoch: 1, debts: ['1', '2']});
    expect((await ask('POST', `${MARK}/settled`, {body: settled})).status).to.equal(200);
    expect((await mark(MARK, '9', 60_000)).status).to.equal(200);
  });

  it('reads nothing of what comes without the token', async () => {
    const {port} = new URL(proxy.control);
    const socket = connect(Number(port), '127.0.0.1');
    let said = '';
    socket.on('data', chunk => (said += String(chunk)));
    socket.on('error', () => undefined);
    socket.write('POST /v1/stops HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 4000000\r\n\r\n{');
    await once(socket, 'close');
    expect(said).to.match(/^HTTP\/1\.1 401 [^]*connection: close/i);
  });

  it('is answered whatever is silent, half said or no path', async () => {
    const {port} = new URL(proxy.control);
    const open = async (text: string) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      if (text !== '') socket.write(text);
      return socket;
    };
    const silent: Socket[] = [];
    for (let i = 0; i < 256; i++) silent.push(await open(i % 2 === 0 ? '' : 'GET /v1/state HTTP/1.1\r\nhost: 127'));
    expect((await ask('GET', '/v1/state')).status).to.equal(200);
    // The last ones have to go too, by their time.
    for (const socket of silent) if (!socket.closed) await once(socket.resume(), 'close');
    expect((await ask('GET', 'http://[')).status).to.equal(400);
    expect((await ask('GET', '//')).status).to.be.within(400, 404);
    expect((await ask('GET', '/v1/state')).status).to.equal(200);
  });
});

describe('the token of a proxy', () => {
  it('is found by control address, in the state directory or where the environment says', () => {
    expect(tokenFile('/f', '127.0.0.1:8474')).to.equal('/f/127.0.0.1:8474.token');
    expect(tokenFile('/f', 'localhost:8474')).to.equal('/f/127.0.0.1:8474.token');
    expect(tokenFile('/f', '[::1]:9')).to.equal('/f/_::1_:9.token');
    expect(tokenFile('/f', '../../x')).to.equal('/f/.._.._x.token');
    expect(tokenFolder({}, '/s')).to.equal('/s/proxies');
    expect(tokenFolder({FIREDRILL_PROXY_TOKENS: '/t'}, '/s')).to.equal('/t');
  });

  it('is compared whole', () => {
    const token = newToken();
    expect([isToken(token, token), isToken(undefined, token), isToken('', token)]).to.deep.equal([true, false, false]);
  });

  it('is nothing else that a file may hold', async () => {
    using folder = scratchFolder();
    const file = join(folder.path, 'x');
    for (const text of ['root:x:0:0', 'authorization: Bearer short\n', `x\nauthorization: ${newToken()}\n`]) {
      writeFileSync(file, text);
      expect(await readToken(file)).to.equal(undefined);
    }
    rmSync(file);
    expect(await readToken(file)).to.equal(undefined);
  });
});
