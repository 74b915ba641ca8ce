import {expect} from 'chai';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {ensureBuilt, firedrill, startFiredrill} from '../support/cli.js';
import {scratchFolder} from '../support/shop.js';

interface Server extends AsyncDisposable {
  /** A file with a load on it. */
  readonly file: string;
  readonly requests: () => number;
}

/** A server that answers one request after the other, each `serviceMs` after the one before. */
async function serve(status: number, serviceMs: number): Promise<Server> {
  const folder = scratchFolder();
  let free = 0;
  let requests = 0;
  const server = createServer((_, response) => {
    requests++;
    free = Math.max(free, performance.now()) + serviceMs;
    setTimeout(() => response.writeHead(status).end('done'), free - performance.now());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  const file = join(folder.path, 'load.yaml');
  writeFileSync(
    file,
    `version: 1
title: A load alone
targets: { checkout: { process: { start: [node, checkout.js] } } }
load:
  checkout: { http: "http://127.0.0.1:${port}/", rate: 20/s, timeout: 2s }
steadyState:
  errors:
    load: { of: checkout, measure: errors.ratio }
    tolerance: { below: 5% }
faults:
  - { name: freeze, pause: {}, targets: [checkout], for: 20s }
`,
  );
  return {
    file,
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      folder[Symbol.dispose]();
      await new Promise(resolve => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

const HELD_OR_LIMITED = [0, 5];

describe('firedrill load', function () {
  before(() => ensureBuilt());

  it('sends the load of a file, touches nothing else, and prints what it measured', async () => {
    await using server = await serve(200, 1);
    const {code, stdout, stderr} = await firedrill(['load', server.file, '--for', '3s', '--json']);
    expect(HELD_OR_LIMITED, stderr).to.include(code);
    const {loads} = JSON.parse(stdout) as {loads: {intended: number; outcomes: Record<string, number>}[]};
    expect(loads[0]?.outcomes['ok']).to.equal(loads[0]?.intended);
    expect(server.requests()).to.be.within(40, 80);
    expect(stderr).to.include('Processes of the file are not started, only asked: checkout.');
  });

  it('ends with what it measured when it is interrupted', async () => {
    await using server = await serve(200, 1);
    const {child, ended} = startFiredrill(['load', server.file, '--for', '60s']);
    while (server.requests() < 45) await sleep(50);
    child.kill('SIGINT');
    const {code, stdout} = await ended;
    expect(code).to.equal(130);
    expect(stdout).to.match(/Rate +\d.*answered of 20\/s, for \d s/);
  });

  it('searches where the system saturates, and never above what it was told', async () => {
    await using server = await serve(200, 10);
    const search = ['--find-saturation', '--from', '45/s', '--to', '210/s', '--step', '2s', '--for', '12s'];
    const {code, stdout, stderr} = await firedrill(['load', server.file, ...search, '--json']);
    expect(HELD_OR_LIMITED, stderr).to.include(code);
    const {steps} = JSON.parse(stdout) as {steps: {rate: number; throughput: number}[]};
    expect(Math.max(...steps.map(({rate}) => rate))).to.be.within(45, 210);
    expect(Math.max(...steps.map(({throughput}) => throughput))).to.be.below(120);
    expect(stderr).to.match(/step 1: 45\/s/);
  });

  it('goes no higher and ends early when everything fails', async () => {
    await using server = await serve(500, 1);
    const search = ['--find-saturation', '--step', '30s', '--for', '4s'];
    const {code, stdout} = await firedrill(['load', server.file, ...search]);
    expect(code).to.equal(5);
    expect(stdout).to.match(/[✖?] +20\/s +0\/s/);
    expect(server.requests()).to.be.below(400);
  });

  it('refuses what it cannot do with code 2', async () => {
    await using server = await serve(200, 1);
    const {code, stderr} = await firedrill(['load', server.file, '--load', 'chekout']);
    expect(code).to.equal(2);
    expect(stderr).to.include('Expected `--load` with one of `checkout`; got `chekout`.');
    expect(server.requests()).to.equal(0);
  });
});
