import {expect} from 'chai';
import {spawn, spawnSync, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {connect, type AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Ambient, Change, Drafts, TargetRef} from '../../src/targets/contract.js';
import {driver} from '../../src/targets/drivers/toxiproxy/driver.js';
import {selector} from '../../src/targets/drivers/toxiproxy/selector.js';
import {openDriver, type Opened} from '../support/driver-subjects.js';
import {freePort, until} from '../support/processes.js';
import {echo, roundTrip, serveTcp} from '../support/proxy-stage.js';
import {startFakeToxiproxy, type FakeToxiproxy} from '../support/toxiproxy.js';
import {openSecrets} from '../../src/system/secrets.js';

const flow = {direction: 'downstream', share: 1, ttlMs: 60_000} as const;

function scratch(): {ambient: Ambient; remove(): void} {
  const stateDir = mkdtempSync(join(tmpdir(), 'firedrill-test-toxiproxy-'));
  return {
    ambient: {environment: {}, scratch: stateDir, stateDir, ...openSecrets({})},
    remove: () => rmSync(stateDir, {recursive: true, force: true}),
  };
}

describe('toxiproxy selector', () => {
  it('takes a name, or a name and the address of the server', () => {
    expect(selector().parse('redis')).to.deep.equal({name: 'redis', url: 'http://127.0.0.1:8474'});
    expect(selector().parse({name: 'redis', url: 'http://toxiproxy:8474/'})).to.deep.equal({
      name: 'redis',
      url: 'http://toxiproxy:8474',
    });
  });

  for (const wrong of [
    '',
    {},
    {name: 'a', url: 'https://a:1'},
    {name: 'a', url: 'http://u:p@a:1'},
    {name: 'a', x: 1},
  ]) {
    it(`refuses ${JSON.stringify(wrong)}`, () => {
      expect(selector().safeParse(wrong).success).to.equal(false);
    });
  }
});

describe('toxiproxy: an existing server as a target', () => {
  let server: FakeToxiproxy;
  let place: ReturnType<typeof scratch>;
  let opened: Opened;
  let can: Drafts['connection'];
  let ref: TargetRef;
  const latency = (): Promise<Change> => can.latency(ref, {...flow, delayMs: 50, jitterMs: 0});
  const toxics = () => server.proxies.get('inventory')!.toxics;

  beforeEach(async () => {
    server = await startFakeToxiproxy();
    server.add('inventory');
    place = scratch();
    opened = await openDriver(driver, {name: 'inventory', url: server.url}, place.ambient);
    can = opened.reader.drafts.connection!;
    ref = (await opened.one()).ref;
  });
  afterEach(async () => {
    await server.close();
    place.remove();
  });

  it('names the run in every toxic, so that anyone can find them, and says how to take them away by hand', async () => {
    const change = await can.latency(ref, {...flow, direction: 'both', delayMs: 50, jitterMs: 0});
    const debt = await opened.inject(change, 'run-7');
    expect(toxics().map(({name}) => name)).to.deep.equal([
      'firedrill-run-7-latency-upstream',
      'firedrill-run-7-latency-downstream',
    ]);
    expect(change.undo)
      .to.have.property('manual')
      .that.includes('/proxies/inventory/toxics/firedrill-RUN-latency-upstream');
    expect(change.keeper).to.equal('guardian');
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(toxics()).to.deep.equal([]);
  });

  it('maps each fault to the toxic that Toxiproxy has for it', async () => {
    const sent = async (change: Promise<Change>) =>
      ((await change).flip.args['toxics'] as {type: string; stream: string; attributes: object}[]).map(
        ({type, stream, attributes}) => ({type, stream, ...attributes}),
      );
    const part = {share: 1, ttlMs: 1};
    expect([
      ...(await sent(can.bandwidth(ref, {...flow, bytesPerSecond: 2048}))),
      ...(await sent(can.slowClose(ref, {...flow, delayMs: 300}))),
      ...(await sent(can.timeout(ref, {...flow, afterMs: undefined}))),
      ...(await sent(can.slicer(ref, {...flow, averageBytes: 8, variationBytes: 4, delayMs: 2}))),
      ...(await sent(can.limitData(ref, {...flow, bytes: 9}))),
      ...(await sent(can.reset(ref, part))),
      ...(await sent(can.loss(ref, part))),
    ]).to.deep.equal([
      {type: 'bandwidth', stream: 'downstream', rate: 2},
      {type: 'slow_close', stream: 'downstream', delay: 300},
      {type: 'timeout', stream: 'downstream', timeout: 0},
      {type: 'slicer', stream: 'downstream', average_size: 8, size_variation: 4, delay: 2000},
      {type: 'limit_data', stream: 'downstream', bytes: 9},
      {type: 'reset_peer', stream: 'downstream', timeout: 0},
      {type: 'timeout', stream: 'upstream', timeout: 0},
    ]);
  });

  it('does not believe an answer: an attribute that the server ignored is found, and what was added is taken away', async () => {
    server.ignored.add('latency');
    const change = await latency();
    const debt = opened.owe(change);
    const actuator = await driver.actuator(opened.address, {run: 'run', epoch: 1, live: () => true}, place.ambient);
    await actuator.mark([debt], 5000);
    const [applied] = await actuator.apply([change.flip], 5000);
    expect(applied?.state).to.equal('unknown');
    expect(applied?.why).to.include('expected latency 50; the server has 0');
    const proof = await opened.prove(change.proof);
    expect(proof.state).to.equal('absent');
    expect(proof.why).to.include('expected latency 50');
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(toxics()).to.deep.equal([]);
  });

  it('says what Toxiproxy cannot do rather than pretending', async () => {
    const refusal = async (change: () => Promise<Change>) => {
      const error = await change().catch((thrown: unknown) => thrown);
      return (error as {code?: string}).code;
    };
    expect(await refusal(() => can.reset(ref, {share: 0.5, seed: 1, ttlMs: 1}))).to.equal('CAPABILITY_MISSING');
    expect(
      await refusal(() => can.latency(ref, {...flow, direction: 'both', share: 0.5, delayMs: 1, jitterMs: 0})),
    ).to.equal('CAPABILITY_MISSING');
    expect(await refusal(() => can.bandwidth(ref, {...flow, bytesPerSecond: 100}))).to.equal('CAPABILITY_MISSING');
    server.proxies.get('inventory')!.enabled = false;
    expect(await refusal(() => can.down(ref, {ttlMs: 1}))).to.equal('TARGET_UNSUITABLE');
  });

  it('keeps the debt when the undo takes longer than its budget, and finds it undone afterwards', async () => {
    const debt = await opened.inject(await latency());
    server.deleteTakesMs = 600;
    const actuator = await driver.actuator(opened.address, {run: 'run', epoch: 1, live: () => true}, place.ambient);
    const [stuck] = await actuator.settle([debt], 200);
    expect(stuck?.outcome).to.be.oneOf(['failed', 'unknown']);
    expect(await opened.owed()).to.have.length(1);
    server.deleteTakesMs = 0;
    await until('the server has carried it out', () => Promise.resolve(toxics().length === 0));
    expect((await opened.settle(debt)).outcome).to.equal('already');
    expect(await opened.owed()).to.deep.equal([]);
  });

  it('keeps the debt while the server does not answer, and settles it when it is back', async () => {
    const debt = await opened.inject(await latency());
    await server.close();
    expect((await opened.prove(debt.undo.proof)).state).to.equal('unknown');
    expect((await opened.settle(debt)).outcome).to.equal('unknown');
    expect(await opened.owed()).to.have.length(1);
    server = await startFakeToxiproxy(Number(server.url.split(':').at(-1)));
    server.add('inventory');
    expect((await opened.settle(debt)).outcome).to.equal('already');
    expect(await opened.owed()).to.deep.equal([]);
  });

  it('leaves toxics of others alone, tells of them, and gives way to a run on another machine', async () => {
    toxics().push({
      name: 'mine',
      type: 'latency',
      stream: 'downstream',
      toxicity: 1,
      attributes: {latency: 1, jitter: 0},
    });
    const debt = await opened.inject(await latency());
    const problems = await opened.reader.problems(AbortSignal.timeout(5000));
    expect(problems).to.have.length(2);
    expect(problems.join('\n')).to.include('`mine` is in force already, added by someone else');
    const elsewhere = scratch();
    const other = await driver.actuator(opened.address, {run: 'other', epoch: 1, live: () => true}, elsewhere.ambient);
    const [held] = await other.mark([opened.owe(await latency(), 'other')], 5000);
    elsewhere.remove();
    expect(held).to.include({state: 'held', by: 'run'});
    await opened.settle(debt);
    expect(toxics().map(({name}) => name)).to.deep.equal(['mine']);
  });
});

const MISSING =
  spawnSync('toxiproxy-server', ['--version']).status === 0 ? '' : ' [skipped: no toxiproxy-server on PATH]';

(MISSING === '' ? describe : describe.skip)(`toxiproxy: a real server${MISSING}`, () => {
  let server: ChildProcess;
  let upstream: Awaited<ReturnType<typeof serveTcp>>;
  let place: ReturnType<typeof scratch>;
  let port = 0;
  let url = '';

  beforeEach(async () => {
    upstream = await serveTcp(echo);
    place = scratch();
    url = `http://127.0.0.1:${await freePort()}`;
    port = await freePort();
    server = spawn('toxiproxy-server', ['-port', url.split(':').at(-1)!], {stdio: 'ignore'});
    const to = (upstream.server.address() as AddressInfo).port;
    const body = JSON.stringify({name: 'inventory', listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${to}`});
    await until('the server takes the proxy', () =>
      fetch(`${url}/proxies`, {method: 'POST', body, headers: {'user-agent': 'test'}}).then(
        answer => answer.ok,
        () => false,
      ),
    );
  });
  afterEach(async () => {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
    await upstream.close();
    place.remove();
  });

  it('delays real traffic while the fault is in force, and not afterwards', async () => {
    const opened = await openDriver(driver, {name: 'inventory', url}, place.ambient);
    const {ref} = await opened.one();
    const change = await opened.reader.drafts.connection!.latency(ref, {...flow, delayMs: 80, jitterMs: 0});
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    await roundTrip(client);
    const debt = await opened.inject(change);
    expect(await roundTrip(client)).to.be.within(79, 160);
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(await roundTrip(client)).to.be.below(60);
    client.destroy();
  });

  it('stops listening for a partition, and listens again', async () => {
    const opened = await openDriver(driver, {name: 'inventory', url}, place.ambient);
    const {ref} = await opened.one();
    const debt = await opened.inject(await opened.reader.drafts.connection!.down(ref, {ttlMs: 1000}));
    const refused = connect(port, '127.0.0.1');
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).to.equal('ECONNREFUSED');
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    client.destroy();
  });
});
