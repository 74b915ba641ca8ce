import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {createServer as createTcpServer, type AddressInfo, type Server} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import type {JsonObject} from '../../src/quantities/json.js';
import {FiredrillError} from '../../src/system/error.js';
import type {Ambient} from '../../src/targets/contract.js';
import {driver} from '../../src/targets/drivers/docker/driver.js';
import {openSecrets} from '../../src/system/secrets.js';

describe('Docker engine addresses', () => {
  let home: string;
  const servers: Server[] = [];

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'firedrill-docker-address-'));
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise(resolve => server.close(resolve));
    rmSync(home, {recursive: true, force: true});
  });

  const ambient = (environment: Record<string, string> = {}): Ambient => ({
    environment: {HOME: home, ...environment},
    scratch: home,
    stateDir: home,
    ...openSecrets({}),
  });

  const addressOf = (selector: JsonObject, environment: Record<string, string> = {}) =>
    driver.address(selector, ambient(environment));

  function context(name: string, docker: JsonObject, certificates: readonly string[] = []): void {
    const id = `id-of-${name}`;
    const meta = join(home, '.docker/contexts/meta', id);
    mkdirSync(meta, {recursive: true});
    writeFileSync(join(meta, 'meta.json'), JSON.stringify({Name: name, Endpoints: {docker}}));
    const tls = join(home, '.docker/contexts/tls', id, 'docker');
    if (certificates.length > 0) mkdirSync(tls, {recursive: true});
    for (const file of certificates) writeFileSync(join(tls, `${file}.pem`), '');
  }

  async function refusal(address: JsonObject): Promise<FiredrillError> {
    const error = await driver.reader(address, ambient()).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(FiredrillError);
    return error as FiredrillError;
  }

  async function listening(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  it('takes the local socket where nothing is named', () => {
    expect(addressOf({name: 'x'})).to.deep.equal({host: 'unix:///var/run/docker.sock'});
  });

  it('takes DOCKER_HOST, with the certificates of DOCKER_CERT_PATH when TLS is asked for', () => {
    expect(addressOf({name: 'x'}, {DOCKER_HOST: 'tcp://10.0.0.1:2375'})).to.deep.equal({host: 'tcp://10.0.0.1:2375'});
    for (const name of ['ca', 'cert', 'key']) writeFileSync(join(home, `${name}.pem`), '');
    const secure = {DOCKER_HOST: '10.0.0.1:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: home};
    expect(addressOf({name: 'x'}, secure)).to.deep.equal({
      host: 'tcp://10.0.0.1:2376',
      tls: {ca: join(home, 'ca.pem'), cert: join(home, 'cert.pem'), key: join(home, 'key.pem'), verify: true},
    });
  });

  it('prefers the host that the file names', () => {
    const selector = {name: 'x', host: 'tcp://10.0.0.2:2375'};
    expect(addressOf(selector, {DOCKER_HOST: 'tcp://10.0.0.1:2375'})).to.deep.equal({host: 'tcp://10.0.0.2:2375'});
  });

  it('never takes the docker context that happens to be current', () => {
    context('production', {Host: 'tcp://10.0.0.9:2376'});
    mkdirSync(join(home, '.docker'), {recursive: true});
    writeFileSync(join(home, '.docker/config.json'), JSON.stringify({currentContext: 'production'}));
    expect(addressOf({name: 'x'}, {DOCKER_CONTEXT: 'production'})).to.deep.equal({host: 'unix:///var/run/docker.sock'});
  });

  it('takes a docker context that the file names, with its certificates', () => {
    context('staging', {Host: 'tcp://10.0.0.3:2376', SkipTLSVerify: false}, ['ca', 'cert', 'key']);
    const address = addressOf({name: 'x', context: 'staging'});
    expect(address['host']).to.equal('tcp://10.0.0.3:2376');
    expect(address['tls']).to.include({verify: true});
    expect(JSON.stringify(address['tls'])).to.include('id-of-staging/docker/key.pem');
  });

  it('names the contexts there are when the wanted one is missing', () => {
    context('staging', {Host: 'tcp://10.0.0.3:2376'});
    expect(() => addressOf({name: 'x', context: 'stagging'}))
      .to.throw(FiredrillError, 'stagging')
      .with.property('hint')
      .that.includes('`staging`');
  });

  it('refuses ssh with what to do instead, from a context and from DOCKER_HOST too', () => {
    context('far', {Host: 'ssh://someone@10.0.0.4'});
    expect(() => addressOf({name: 'x', context: 'far'})).to.throw(FiredrillError, 'ssh -L');
    expect(() => addressOf({name: 'x'}, {DOCKER_HOST: 'ssh://someone@10.0.0.4'})).to.throw(FiredrillError, 'ssh -L');
  });

  it('says that there is no engine at a socket that does not exist', async () => {
    const error = await refusal({host: `unix://${home}/none.sock`});
    expect(error.code).to.equal('DRIVER_UNREACHABLE');
    expect(error.hint).to.include('installed and started');
  });

  it('says that nothing listens at a port', async () => {
    const server = createTcpServer();
    const port = await listening(server);
    await new Promise(resolve => servers.pop()?.close(resolve));
    const error = await refusal({host: `tcp://127.0.0.1:${port}`});
    expect(error.hint).to.include('Nothing listens');
  });

  it('says that the handshake failed where the port speaks no TLS', async () => {
    const port = await listening(createServer((_, answer) => answer.end('{}')));
    const error = await refusal({host: `tcp://127.0.0.1:${port}`, tls: {verify: true}});
    expect(error.hint).to.include('TLS');
  });

  it('says which certificate is missing', async () => {
    const error = await refusal({host: 'tcp://127.0.0.1:1', tls: {ca: join(home, 'none.pem'), verify: true}});
    expect(error.message).to.include('none.pem');
    expect(error.hint).to.include('certificate');
  });

  it('does not believe a server that is no engine', async () => {
    const port = await listening(createServer((_, answer) => answer.end('{"hello": "world"}')));
    const error = await refusal({host: `tcp://127.0.0.1:${port}`});
    expect(error.message).to.include('no engine id');
  });

  it('is not led elsewhere by the DOCKER_HOST of the process once an address is known', async () => {
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1';
    try {
      const error = await refusal({host: `unix://${home}/none.sock`});
      expect(error.message).to.include('none.sock');
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
    }
  });
});
