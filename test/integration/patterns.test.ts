import {expect} from 'chai';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {startHttpServer, type TestServer} from '../support/http-server.js';
import {startProxyProcess, type ProxyProcess} from '../support/proxy-process.js';
import {scratchFolder} from '../support/shop.js';

/** Two hundred years in an engine that goes back. */
const EVIL = '^/(a+)+$';
const LONG = `/${'a'.repeat(5000)}!`;

describe('patterns that meet text from outside', function () {
  let server: TestServer;
  beforeEach(async () => {
    server = await startHttpServer((_request, response) => response.end(LONG));
  });
  afterEach(() => server.close());

  describe('in the data path of the proxy', () => {
    let proxy: ProxyProcess;
    beforeEach(async () => {
      proxy = await startProxyProcess({connections: [{name: 'shop', upstream: `127.0.0.1:${server.port}`}]});
    });
    afterEach(() => proxy.end('SIGKILL'));

    const put = (id: string, body: object) =>
      fetch(`${proxy.control}/v1/connections/shop/toxics/${id}`, {
        method: 'PUT',
        headers: {authorization: proxy.authorization, 'content-type': 'application/json'},
        body: JSON.stringify(body),
      });
    const toxic = (type: string, attributes: object) => ({type, direction: 'downstream', ttlMs: 60_000, attributes});
    const through = async (path: string) => (await fetch(`http://127.0.0.1:${proxy.ports['shop']}${path}`)).text();

    it('delay no request that they do not fit, and leave control API and SIGTERM alone', async () => {
      const added = await put('t', toxic('http-status', {match: {path: {regexp: EVIL}}, status: 503}));
      expect(added.status, await added.clone().text()).to.be.below(300);
      expect(await through(LONG)).to.equal(LONG);
      expect(await through(LONG.slice(0, -1))).to.equal('');
      expect((await fetch(`${proxy.control}/healthz`)).status).to.equal(200);
      await proxy.end('SIGTERM');
      expect(proxy.child.exitCode).to.equal(0);
    });

    it('leave a body as it is where all searches in it would take too long', async () => {
      const body = 'a'.repeat(200_000);
      server.handle((_request, response) => response.end(body));
      const replace = [{find: {regexp: 'a.*z|a'}, with: 'b'}];
      expect((await put('t', toxic('http-body', {replace}))).status).to.be.below(300);
      expect(await through('/')).to.equal(body);
      server.handle((_request, response) => response.end('aaz a'));
      expect(await through('/')).to.equal('b b');
    });

    it('are refused with the reason where they could not end in time', async () => {
      const refused = await put('t', toxic('http-status', {match: {path: {regexp: '(a)\\1'}}, status: 503}));
      expect(refused.status).to.equal(400);
      expect(await refused.text()).to.include('back-references');
    });
  });

  it('end in the checks of a load', async () => {
    ensureBuilt();
    using folder = scratchFolder();
    const file = join(folder.path, 'load.yaml');
    writeFileSync(
      file,
      `version: 1
title: A load alone
load:
  shop: {http: {url: "${server.url}/", checks: {evil: {matches: "${EVIL}"}}}, rate: 20/s}
steadyState:
  errors: {load: {of: shop, measure: errors.ratio}, tolerance: {below: 5%}}
faults:
  - {name: f, command: {do: ["true"], undo: ["true"]}, for: 20s}
`,
    );
    const {code, stdout} = await firedrill(['load', file, '--for', '2s']);
    expect([0, 5]).to.include(code);
    expect(stdout).to.match(/\d+ check-evil/);
  });
});
