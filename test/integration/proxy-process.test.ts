import {expect} from 'chai';
import {once} from 'node:events';
import {connect, createServer, type AddressInfo} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {runProxy} from '../../src/proxy/run.js';
import {FiredrillError} from '../../src/system/error.js';
import {driver} from '../../src/targets/drivers/proxy/driver.js';
import type {Ambient, Debt} from '../../src/targets/contract.js';
import {debtOf, fenceOf} from '../contract/driver-contract.js';
import {startProxyProcess, type ProxyProcess} from '../support/proxy-process.js';
import {echo, roundTrip, serveTcp} from '../support/proxy-stage.js';
import {quickest} from '../support/lateness.js';
import {openSecrets} from '../../src/system/secrets.js';

const ambient: Ambient = {environment: process.env, scratch: '/nowhere', stateDir: '/nowhere', ...openSecrets({})};
const tokens = process.env['FIREDRILL_PROXY_TOKENS'] ?? '';
const patience = () => AbortSignal.timeout(10_000);

describe('proxy: a process of its own', () => {
  let upstream: Awaited<ReturnType<typeof serveTcp>>;
  let proxy: ProxyProcess;
  beforeEach(async () => {
    upstream = await serveTcp(echo);
    const {port} = upstream.server.address() as AddressInfo;
    proxy = await startProxyProcess({connections: [{name: 'inventory', upstream: `127.0.0.1:${port}`}]});
  });
  afterEach(async () => {
    await proxy.end('SIGKILL');
    await upstream.close();
  });

  const open = async () => {
    const address = driver.address({name: 'inventory', control: proxy.control}, ambient);
    const reader = await driver.reader(address, ambient);
    const [candidate] = await reader.resolve({name: 'inventory'}, patience());
    return {address, reader, ref: candidate!.ref};
  };
  /** A delay of 50 ms in force, and what is owed for it. */
  const inject = async (ttlMs = 60_000) => {
    const {address, reader, ref} = await open();
    const options = {delayMs: 50, jitterMs: 0, direction: 'downstream', share: 1, ttlMs} as const;
    const change = await reader.drafts.connection!.latency(ref, options);
    const debt: Debt = debtOf(driver, address, change, 'run-1');
    const actuator = await driver.actuator(address, fenceOf('run-1'), ambient);
    await actuator.mark([debt], 5000);
    expect((await actuator.apply([change.flip], 5000)).map(applied => applied.state)).to.deep.equal(['done']);
    return {address, reader, change, debt, actuator};
  };

  it('shows by the proof how many bytes went through the toxic', async () => {
    const {reader, change} = await inject();
    const [before] = await reader.prove([change.proof], patience());
    expect(before).to.include({state: 'in-force', exercised: 0});
    const client = connect(proxy.ports['inventory']!, '127.0.0.1');
    await once(client, 'connect');
    expect(await roundTrip(client)).to.be.above(48);
    client.destroy();
    const [after] = await reader.prove([change.proof], patience());
    expect(after).to.include({state: 'in-force', exercised: 1});
  });

  it('owes nothing more after kill -9 of the proxy mid-fault, even though nothing answers', async () => {
    const {address, change, debt, reader} = await inject();
    await proxy.end('SIGKILL');
    const [proof] = await reader.prove([change.proof], patience());
    expect(proof).to.include({state: 'absent', why: 'the proxy process has ended'});
    const recover = await driver.actuator(address, fenceOf('run-1', 2), ambient);
    const [settled] = await recover.settle([debt], 5000);
    expect(settled?.outcome).to.equal('gone');
  });

  it('does not take a stopped proxy for a dead one: the debt stays owed, and is undone once it goes on', async function () {
    const {change, debt, actuator, reader} = await inject();
    proxy.child.kill('SIGSTOP');
    const [proof] = await reader.prove([change.proof], patience());
    const [stuck] = await actuator.settle([debt], 1000);
    proxy.child.kill('SIGCONT');
    expect(proof?.state).to.equal('unknown');
    expect(stuck?.outcome).to.be.oneOf(['unknown', 'failed']);
    const [settled] = await actuator.settle([debt], 5000);
    expect(settled?.outcome).to.equal('undone');
  });

  it('answers `already` when the time to live was faster than the undo', async () => {
    const {change, debt, actuator, reader} = await inject();
    const now = Number(process.hrtime.bigint() / 1000n);
    const {boot} = (await reader.prove([change.proof], patience()))[0]!.at;
    const soon: Debt = {...debt, lease: {ms: 200, hardStop: {mono: now + 200_000, wall: 'unused', boot}}};
    await actuator.renew([soon], 5000);
    await sleep(400);
    const [proof] = await reader.prove([change.proof], patience());
    expect(proof).to.include({state: 'absent', why: 'its time to live ran out'});
    expect((await actuator.settle([soon], 5000))[0]?.outcome).to.equal('already');
    expect(await reader.debts('run-1', patience())).to.deep.equal([]);
  });

  it('keeps the data path when the one who injected dies, and releases it at the time to live', async () => {
    await inject();
    const client = connect(proxy.ports['inventory']!, '127.0.0.1');
    await once(client, 'connect');
    await fetch(`${proxy.control}/v1/connections/inventory/toxics/latency-downstream/renew`, {
      method: 'POST',
      headers: {authorization: proxy.authorization, 'content-type': 'application/json'},
      body: JSON.stringify({ttlMs: 1500}),
    });
    expect(await roundTrip(client)).to.be.above(48);
    await sleep(1600);
    expect(await quickest(() => roundTrip(client), 40)).to.be.below(40);
    client.destroy();
  });

  it('is unreachable, in so many words, where no proxy answers or something else does', async () => {
    await proxy.end('SIGKILL');
    const failure = await driver.reader({control: proxy.control}, ambient).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(FiredrillError);
    expect(failure).to.include({code: 'DRIVER_UNREACHABLE'});
    const web = (await import('node:http')).createServer((_request, response) => response.end('hello'));
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    const control = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    const other = await driver.reader({control}, ambient).catch((error: unknown) => error);
    expect(other).to.include({code: 'DRIVER_UNREACHABLE'});
    web.close();
  });

  it('refuses an address that is taken, and leaves nothing listening', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const {port} = taken.address() as AddressInfo;
    const failure = await runProxy({
      name: 'x',
      listen: `127.0.0.1:${port}`,
      upstream: '127.0.0.1:1',
      control: '127.0.0.1:0',
      signal: patience(),
      tokens,
      print: () => undefined,
    }).catch((error: unknown) => error);
    taken.close();
    expect(failure).to.include({code: 'ADDRESS_UNUSABLE'});
    expect((failure as Error).message).to.include(`127.0.0.1:${port}`);
  });

  it('runs until it is told to stop, and says where it listens', async () => {
    const lines: string[] = [];
    const stop = new AbortController();
    const running = runProxy({
      name: 'x',
      listen: '127.0.0.1:0',
      upstream: '127.0.0.1:1',
      control: '127.0.0.1:0',
      signal: stop.signal,
      tokens,
      print: line => {
        lines.push(line);
        if (line.startsWith('control API')) stop.abort();
      },
    });
    await running;
    expect(lines[0]).to.match(/^x: 127\.0\.0\.1:\d+ → 127\.0\.0\.1:1$/);
    expect(lines[1]).to.match(/^control API: http:\/\/127\.0\.0\.1:\d+ \(token in .*\.token\)$/);
  });
});
