import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import type {Missing} from '../../src/signals/missing.js';
import {source as command} from '../../src/signals/probes/command/index.js';
import {source as dns} from '../../src/signals/probes/dns/index.js';
import {source as http} from '../../src/signals/probes/http/index.js';
import {source as tcp} from '../../src/signals/probes/tcp/index.js';
import {source as tls} from '../../src/signals/probes/tls/index.js';
import type {Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {failing, startDnsServer, type TestDnsServer} from '../support/dns-server.js';
import {closedPort, startHttpServer, startTcpServer, type Handler, type TestServer} from '../support/http-server.js';
import {missingFrom} from '../support/probe-reading.js';
import {scratchFolder} from '../support/shop.js';

const target = (reason: string): Missing => ({because: 'target', reason});
const ours = (reason: string): Missing => ({because: 'ours', reason});

describe('whose failure it is that there is no value', () => {
  let server: TestServer;
  let names: TestDnsServer;

  before(async () => {
    server = await startHttpServer();
    names = await startDnsServer();
  });
  after(() => Promise.all([server.close(), names.close()]));

  const answering = (handler: Handler, more: object = {}, timeoutMs?: number) => {
    server.handle(handler);
    return missingFrom(http, {url: server.url, method: 'POST', ...more}, timeoutMs);
  };

  it('is that of an http server that answers another way, or not at all', async () => {
    const status =
      (code: number): Handler =>
      (_request, response) =>
        response.writeHead(code).end('12');
    expect(await answering(status(503))).to.deep.equal(target('status-503'));
    expect(await answering(status(200), {measure: 'number', jsonPath: '$.a'})).to.deep.equal(target('answer'));
    expect(await answering(status(200), {expect: {bodyMatches: 'shop'}})).to.deep.equal(target('answer'));
    expect(await answering((_request, response) => response.destroy())).to.deep.equal(target('reset'));
    expect(await answering(() => undefined, {}, 150)).to.deep.equal(target('timeout'));
    expect(await answering(status(200))).to.equal(undefined);
    expect(await missingFrom(http, {url: `http://127.0.0.1:${await closedPort()}/`})).to.deep.equal(target('refused'));
    expect(await missingFrom(http, {url: 'http://no-such-host.invalid/'})).to.deep.equal(target('dns'));
  });

  it('is that of a port that refuses, and of a server that shakes no hands', async () => {
    const port = await closedPort();
    expect(await missingFrom(tcp, {port, measure: 'latency'})).to.deep.equal(target('refused'));
    expect(await missingFrom(tls, {address: `127.0.0.1:${port}`, measure: 'latency'})).to.deep.equal(target('refused'));
    const silent = await startTcpServer(() => undefined);
    const shaking = {address: `127.0.0.1:${silent.port}`, measure: 'latency'};
    expect(await missingFrom(tls, shaking, 150)).to.deep.equal(target('timeout'));
    await silent.close();
  });

  it('is that of a name server without the record, or that fails', async () => {
    const asked = {name: 'shop.test', server: `127.0.0.1:${names.port}`};
    names.answer(() => failing('NXDOMAIN'));
    expect(await missingFrom(dns, asked)).to.deep.equal(target('dns-NXDOMAIN'));
    names.answer(() => failing('SERVFAIL'));
    expect(await missingFrom(dns, asked)).to.deep.equal(target('dns-SERVFAIL'));
    names.answer(() => ({answers: []}));
    expect(await missingFrom(dns, asked)).to.deep.equal(target('record'));
    names.answer(() => undefined);
    expect(await missingFrom(dns, asked, 150)).to.deep.equal(target('timeout'));
  });

  it('is that of what a command asks when the command says so, and ours when it could not be run', async () => {
    const shell = (run: string) => ({run, shell: true});
    expect(await missingFrom(command, shell('exit 3'))).to.deep.equal(target('exit-3'));
    expect(await missingFrom(command, shell('echo many'))).to.deep.equal(target('answer'));
    expect(await missingFrom(command, {run: ['sleep', '30']}, 150)).to.deep.equal(target('timeout'));
    expect(await missingFrom(command, {run: ['no-such-program-at-all']})).to.deep.equal(ours('unstarted'));
    expect(await missingFrom(command, shell('no-such-program-at-all'))).to.deep.equal(ours('unstarted'));
    expect(await missingFrom(command, {run: ['/etc/hostname']})).to.deep.equal(ours('unstarted'));
    expect(await missingFrom(command, shell('kill -9 $$'))).to.deep.equal(ours('killed'));
  });
});

/** From the third second of the fault on it answers 503 for 6 s; what it answers else never moves by much. */
describe('an outage of some seconds inside the fault, from the command line', function () {
  this.timeout(180_000);

  it('is a deviation, with the count and the times in terminal, report and result', async () => {
    ensureBuilt();
    using folder = scratchFolder();
    const flag = join(folder.path, 'flag');
    let [since, asked] = [0, 0];
    const shop = await startHttpServer((_request, response) => {
      if (since === 0 && existsSync(flag)) since = Date.now();
      const into = (Date.now() - since) / 1000;
      const dead = since > 0 && into > 3 && into < 12;
      response.writeHead(dead ? 503 : 200).end(String(100 + (asked++ % 3)));
    });
    const path = join(folder.path, 'outage.yaml');
    writeFileSync(
      path,
      `version: 1
title: The shop answers while the flag is up
steadyState:
  shop figure: { http: { url: "${shop.url}", measure: number, every: 1s }, deviation: { worse: higher, by: 50% }, judge: [fault] }
windows: { warmup: 0s, baseline: 30s, recovery: 8s }
faults:
  - { name: flag, command: { do: [touch, "${flag}"], undo: [rm, -f, "${flag}"], proof: [test, -e, "${flag}"] }, targets: [], for: 24s }
`,
    );
    const runs = join(folder.path, 'runs');
    const {code, stdout, stderr} = await firedrill(['run', path, '--yes', '--runs-dir', runs], {
      FIREDRILL_STATE: join(folder.path, 'state'),
    });
    await shop.close();
    expect(code, `${stdout}${stderr}`).to.equal(7);
    const [run = ''] = readdirSync(runs);
    const read = (name: string) => readFileSync(join(runs, run, name), 'utf8');
    const result = JSON.parse(read('result.json')) as Result;
    const on = result.metrics[0]!.intervals.find(({kind}) => kind === 'on')!;
    expect(on.availability!.verdict).to.equal('deviated');
    expect(on.availability!.before.failed).to.equal(0);
    expect(on.availability!.reasons[0]).to.include({reason: 'status-503'});
    const told =
      /(?:[5-9]|1[01]) of [12]\d attempts failed: 503 ×(?:[5-9]|1[01]), from \d\d:\d\d:\d\d to \d\d:\d\d:\d\d \(0 of [123]\d before/;
    expect(result.headline).to.match(told);
    expect(stdout.replaceAll(/\s+/g, ' ')).to.match(told);
    expect(read('report.md').replaceAll('\\', '')).to.match(told);
    expect(read('samples.ndjson')).to.include('"missing":{"0":{"because":"target","reason":"status-503"}}');
  });
});
