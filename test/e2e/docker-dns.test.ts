import {readdirSync, readlinkSync, realpathSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import {fault as dnsFailure} from '../../src/faults/dns-failure/index.js';
import type {JsonObject} from '../../src/quantities/json.js';
import type {Change} from '../../src/targets/contract.js';
import {processesOf} from '../../src/targets/drivers/docker/mechanisms/interposer/home.js';
import {DockerBench} from '../support/docker-bench.js';
import {docker, removeAll, uniqueName, type RunningContainer} from '../support/docker.js';
import {ask, heard, runClient, runKeeper, runNameServer, TRUE_ADDRESS, type Way} from '../support/dns-containers.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';
import {watchLateness} from '../support/lateness.js';

describeWith('docker', 'dns-failure on real containers', () => {
  const late = watchLateness();
  const network = uniqueName('dns-net');
  let bench: DockerBench;
  let names: RunningContainer;
  /** Its resolv.conf names the name server itself. */
  let direct: RunningContainer;
  /**
   * Its resolv.conf names Docker's own name server, which knows the services of the network and asks ours for the rest.
   */
  let embedded: RunningContainer;
  let server: string;
  let inside: string;

  before(async () => {
    const subnet = `fd00:${(process.pid % 0xffff).toString(16)}::/64`;
    await docker('network', 'create', '--ipv6', '--subnet', subnet, network);
    names = await runNameServer(['--network', 'bridge']);
    server = await names.ip();
    await docker('network', 'connect', network, names.id);
    const {NetworkSettings} = await names.inspect();
    inside = NetworkSettings.Networks[network]?.IPAddress ?? '';
    direct = await runClient(['--network', 'bridge', '--dns', server]);
    embedded = await runClient(['--network', network, '--dns', inside]);
  });
  after(async () => {
    await Promise.all([names, direct, embedded].map(container => container.remove()));
    await removeAll(network);
  });
  beforeEach(() => {
    bench = new DockerBench();
  });
  afterEach(() => bench.close());

  /** Injects, looks, undoes, and sees that nothing of it is left; the fault's change is given to what looks. */
  async function during(
    client: RunningContainer,
    given: JsonObject,
    look: (change: Change) => Promise<void>,
  ): Promise<void> {
    const [change, ...others] = await bench.draft(dnsFailure, {name: client.name}, given);
    expect(others).to.be.empty;
    const {debts, applied} = await bench.inject([change!]);
    expect(applied.map(({state, why}) => why ?? state)).to.deep.equal(['done']);
    try {
      expect((await bench.prove(change!.proof)).state).to.equal('in-force');
      await look(change!);
    } finally {
      const settled = await bench.settle(debts);
      expect(settled.map(({outcome}) => outcome)).to.deep.equal(['undone']);
    }
    await expectNothingLeft(client, change!);
  }

  async function expectNothingLeft(client: RunningContainer, change: Change): Promise<void> {
    const folder = (change.flip.args as {folder: string}).folder;
    await until('no process of it is left', async () => (await processesOf(folder)).length === 0);
    expect(readdirSync(join(folder, '..'))).to.deep.equal([]);
    expect(await heard(client, 'resolve', 'db.shop.test')).to.equal(TRUE_ADDRESS);
  }

  const all = (client: RunningContainer, name: string, ...ways: Way[]) =>
    Promise.all(ways.map(way => heard(client, way, name)));

  it('denies the names that match, for every way to ask, while others and services still resolve', async () => {
    for (const client of [direct, embedded])
      await during(client, {answer: 'nxdomain', names: ['*.shop.test', names.name]}, async change => {
        expect(await all(client, 'db.shop.test', 'lookup', 'resolve')).to.deep.equal(['ENOTFOUND', 'ENOTFOUND']);
        expect(await all(client, 'db.bank.test', 'lookup', 'resolve')).to.deep.equal([TRUE_ADDRESS, TRUE_ADDRESS]);
        expect(await heard(client, 'resolve', 'no.such.name')).to.equal('ENOTFOUND');
        const {exercised, readings} = await bench.prove(change.proof);
        expect(exercised).to.be.at.least(2);
        expect(readings).to.include({wrong: exercised});
      });
  });

  it('knows the services of a Docker network, and denies them when they match', async () => {
    await during(embedded, {answer: 'nxdomain', names: 'db.shop.test'}, async () => {
      expect(await heard(embedded, 'lookup', names.name)).to.match(/^\d+\.\d+\.\d+\.\d+$/);
    });
    await during(embedded, {answer: 'nxdomain', names: names.name}, async () => {
      expect(await heard(embedded, 'lookup', names.name)).to.equal('ENOTFOUND');
      expect(await heard(embedded, 'lookup', 'db.shop.test')).to.equal(TRUE_ADDRESS);
    });
    expect(await heard(embedded, 'lookup', names.name)).to.match(/^\d/);
  });

  it('fails as a broken name server does: SERVFAIL, REFUSED, silence', async () => {
    const expected = [
      ['servfail', 'SERVFAIL', 'ESERVFAIL'],
      ['refused', 'REFUSED', 'EREFUSED'],
      ['timeout', 'silence', 'ETIMEOUT'],
    ] as const;
    for (const [answer, rcode, code] of expected)
      await during(direct, {answer, names: 'db.*'}, async () => {
        expect(await heard(direct, 'udp', 'db.shop.test', server)).to.equal(rcode);
        expect(await heard(direct, 'resolve', 'db.shop.test')).to.equal(code);
        expect(await heard(direct, 'resolve', 'www.shop.test')).to.equal(TRUE_ADDRESS);
      });
  });

  it('answers TCP as it answers UDP', async () => {
    await during(direct, {answer: 'nxdomain', names: 'db.*'}, async () => {
      expect(await heard(direct, 'tcp', 'db.shop.test', server)).to.equal('NXDOMAIN');
      expect(await heard(direct, 'tcp', 'www.shop.test', server)).to.equal(TRUE_ADDRESS);
    });
    expect(await heard(direct, 'tcp', 'db.shop.test', server)).to.equal(TRUE_ADDRESS);
  });

  it('holds back the true answer for the delay, and no other', async () => {
    await during(embedded, {delay: '700ms', names: 'db.*'}, async () => {
      const slow = await ask(embedded, 'resolve', 'db.shop.test');
      expect([slow.said, slow.ms > 690 && slow.ms < 1500 + late()]).to.deep.equal([TRUE_ADDRESS, true]);
      expect((await ask(embedded, 'resolve', 'www.shop.test')).ms).to.be.below(690 + late());
    });
  });

  it('gives a wrong address, which nobody keeps once it is over', async () => {
    await during(direct, {answer: {address: '192.0.2.66'}, names: '*.shop.test'}, async () => {
      expect(await all(direct, 'db.shop.test', 'lookup', 'resolve')).to.deep.equal(['192.0.2.66', '192.0.2.66']);
      expect(await heard(direct, 'lookup', 'db.bank.test')).to.equal(TRUE_ADDRESS);
    });
    expect(await heard(direct, 'lookup', 'db.shop.test')).to.equal(TRUE_ADDRESS);
  });

  it('hits what busybox asks', async () => {
    const nslookup = () => docker('exec', direct.id, 'sh', '-c', 'busybox nslookup db.shop.test 2>&1; true');
    expect(await nslookup()).to.contain(TRUE_ADDRESS);
    await during(direct, {answer: 'nxdomain'}, async () => {
      expect(await nslookup()).to.contain('NXDOMAIN');
    });
  });

  it('reaches name servers that are not set up too when nothing has to be passed on to them, or when they are named', async () => {
    await during(embedded, {answer: 'servfail'}, async () => {
      expect(await heard(embedded, 'udp', 'db.shop.test', inside)).to.equal('SERVFAIL');
    });
    await during(embedded, {answer: 'servfail', names: 'db.*'}, async () => {
      expect(await heard(embedded, 'udp', 'db.shop.test', inside)).to.equal(TRUE_ADDRESS);
    });
    await during(embedded, {answer: 'servfail', names: 'db.*', resolvers: inside}, async () => {
      expect(await heard(embedded, 'udp', 'db.shop.test', inside)).to.equal('SERVFAIL');
      expect(await heard(embedded, 'udp', 'www.shop.test', inside)).to.equal(TRUE_ADDRESS);
    });
  });

  it('reaches a name server with an IPv6 address', async () => {
    const [six = ''] = (await docker('exec', names.id, 'ip', '-6', 'addr')).match(/fd00:[0-9a-f:]+/) ?? [];
    await during(embedded, {answer: 'nxdomain', names: 'db.*', resolvers: six}, async () => {
      expect(await heard(embedded, 'udp', 'db.shop.test', six)).to.equal('NXDOMAIN');
      expect(await heard(embedded, 'tcp', 'db.shop.test', six)).to.equal('NXDOMAIN');
      expect(await heard(embedded, 'udp', 'www.shop.test', six)).to.equal(TRUE_ADDRESS);
    });
  });

  it('hits those who keep their socket from the first question on, and lets go of them at once', async () => {
    const places = [
      ['127.0.0.11', ['--network', network, '--dns', inside]],
      [server, ['--network', 'bridge', '--dns', server]],
    ] as const;
    for (const [at, args] of places) {
      const keeper = await runKeeper('db.shop.test', at, args);
      const last = () => docker('logs', '--tail', '1', keeper.id);
      await until('it has its answers', async () => (await last()) === TRUE_ADDRESS);
      const [change] = await bench.draft(dnsFailure, {name: keeper.name}, {answer: 'servfail', names: 'db.*'});
      const {debts} = await bench.inject([change!]);
      await until('it is hit', async () => (await last()) === 'SERVFAIL', 1_000);
      expect((await bench.settle(debts)).map(({outcome}) => outcome)).to.deep.equal(['undone']);
      await until('it has its answers again', async () => (await last()) === TRUE_ADDRESS, 1_000);
      await keeper.remove();
    }
  });

  it('hits a share of the questions', async () => {
    await during(direct, {answer: 'nxdomain', share: '50%', seed: 1}, async change => {
      const rounds = Array.from({length: 12}, () => heard(direct, 'udp', 'db.shop.test', server));
      const said = await Promise.all(rounds);
      expect(new Set(said)).to.deep.equal(new Set(['NXDOMAIN', TRUE_ADDRESS]));
      expect((await bench.prove(change.proof)).exercised).to.equal(said.filter(one => one === 'NXDOMAIN').length);
    });
  });

  it('is gone with a restart of the container, and says so', async () => {
    const [change] = await bench.draft(dnsFailure, {name: direct.name}, {answer: 'nxdomain'});
    const {debts} = await bench.inject([change!]);
    expect(await heard(direct, 'resolve', 'db.shop.test')).to.equal('ENOTFOUND');
    await docker('restart', '-t', '1', direct.id);
    expect(await heard(direct, 'resolve', 'db.shop.test')).to.equal(TRUE_ADDRESS);
    expect((await bench.prove(change!.proof)).state).to.equal('absent');
    expect((await bench.settle(debts))[0]?.outcome).to.be.oneOf(['gone', 'already', 'undone']);
    await expectNothingLeft(direct, change!);
  });

  it('fails open: when its process is killed, names resolve again by themselves, and the undo finds nothing left', async () => {
    const [change] = await bench.draft(dnsFailure, {name: direct.name}, {answer: 'nxdomain'});
    const {debts} = await bench.inject([change!]);
    expect(await heard(direct, 'resolve', 'db.shop.test')).to.equal('ENOTFOUND');
    const processes = await processesOf((change!.flip.args as {folder: string}).folder);
    const nodes = processes.filter(({pid}) => readlinkSync(`/proc/${pid}/exe`) === realpathSync(process.execPath));
    expect(nodes).to.have.length(1);
    process.kill(nodes[0]!.pid, 'SIGKILL');
    await until('names resolve', async () => (await heard(direct, 'resolve', 'db.shop.test')) === TRUE_ADDRESS);
    expect((await bench.prove(change!.proof)).state).to.equal('absent');
    expect((await bench.settle(debts)).map(({outcome}) => outcome)).to.deep.equal(['already']);
    await expectNothingLeft(direct, change!);
  });

  it('is refused where the network is not the container’s own', async () => {
    const host = await runClient(['--network', 'host']);
    const shared = await runClient(['--network', `container:${direct.id}`]);
    const why = (client: RunningContainer) =>
      bench.draft(dnsFailure, {name: client.name}, {answer: 'nxdomain'}).then(() => 'drafted', String);
    expect(await why(host)).to.contain('network of the host');
    expect(await why(shared)).to.contain('shares the network');
    await Promise.all([host.remove(), shared.remove()]);
  });
});
