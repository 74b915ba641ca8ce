import {setTimeout as delay} from 'node:timers/promises';
import {expect} from 'chai';
import {fault as cpuThrottle} from '../../src/faults/cpu-throttle/index.js';
import {fault as kill} from '../../src/faults/kill/index.js';
import {fault as memoryLimit} from '../../src/faults/memory-limit/index.js';
import {fault as disconnect} from '../../src/faults/network-disconnect/index.js';
import {fault as pause} from '../../src/faults/pause/index.js';
import {fault as restart} from '../../src/faults/restart/index.js';
import {fault as stop} from '../../src/faults/stop/index.js';
import {DockerBench} from '../support/docker-bench.js';
import {
  cgroupFile,
  docker,
  importNode,
  inspect,
  removeAll,
  runContainer,
  uniqueName,
  type RunningContainer,
} from '../support/docker.js';
import {describeWith} from '../support/needs.js';

const SERVER = `require('http').createServer((q, s) => s.end('ok')).listen(8080, '0.0.0.0')`;
const STAY = {heal: 'undo'} as const;

/** Milliseconds until the service answered, or undefined when it did not within the time-out. */
async function answersIn(url: string, timeoutMs = 400): Promise<number | undefined> {
  const start = performance.now();
  try {
    const response = await fetch(url, {signal: AbortSignal.timeout(timeoutMs), headers: {connection: 'close'}});
    await response.text();
    return performance.now() - start;
  } catch {
    return undefined;
  }
}

/** True as soon as the condition holds; false when it did not within the limit. */
async function eventually(holds: () => Promise<boolean>, limitMs = 10_000): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    if (await holds()) return true;
    await delay(50);
  }
  return false;
}

describeWith('docker', 'Docker faults on real containers', () => {
  const prefix = `fd-fault-${process.pid}-`;
  let bench: DockerBench;

  beforeEach(() => {
    bench = new DockerBench();
  });
  afterEach(async () => {
    await bench.close();
    await removeAll(prefix);
  });

  async function service(...args: string[]): Promise<{container: RunningContainer; url: string}> {
    const image = await importNode();
    const container = await runContainer({name: uniqueName('fault'), image, command: ['node', '-e', SERVER], args});
    const url = `http://${await container.ip()}:8080/`;
    expect(await eventually(async () => (await answersIn(url)) !== undefined), 'the service starts').to.equal(true);
    return {container, url};
  }

  const idle = (...args: string[]) => runContainer({name: uniqueName('fault'), args});

  it('drafts nothing for a selector that matches nothing', async () => {
    for (const fault of [pause, kill, stop, restart, disconnect]) {
      expect(await bench.draft(fault, {name: `${prefix}missing`})).to.deep.equal([]);
    }
  });

  it('leaves a paused service unanswering, and answering again once undone', async () => {
    const {container, url} = await service();
    const changes = await bench.draft(pause, {name: container.name});
    const {debts, applied} = await bench.inject(changes);
    expect(applied.map(one => one.state)).to.deep.equal(['done']);
    expect(await answersIn(url)).to.equal(undefined);
    expect((await bench.prove(changes[0]!.proof)).state).to.equal('in-force');
    expect((await bench.settle(debts)).map(one => one.outcome)).to.deep.equal(['undone']);
    expect(await answersIn(url)).to.be.a('number');
    expect((await bench.settle(debts))[0]?.outcome).to.equal('already');
    expect(await bench.owed()).to.deep.equal([]);
  });

  it('cuts a service off from its network and gives it back its name, its aliases and its fixed address', async () => {
    const network = `${prefix}net`;
    await docker('network', 'create', '--subnet', '10.198.77.0/24', network);
    const {container, url} = await service('--network', network, '--network-alias', 'stock', '--ip', '10.198.77.50');
    const reader = await bench.reader();
    const before = (await inspect(container.id)).NetworkSettings.Networks[network];
    const [change] = await bench.draft(disconnect, {name: container.name}, {network});
    const facets = await reader.facets([change!.target], AbortSignal.timeout(5000));
    const {debts} = await bench.inject([change!]);
    expect(await answersIn(url)).to.equal(undefined);
    expect(Object.keys((await inspect(container.id)).NetworkSettings.Networks)).to.deep.equal([]);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
    expect(await answersIn(url)).to.be.a('number');
    const after = (await inspect(container.id)).NetworkSettings.Networks[network];
    expect(after?.Aliases).to.have.members([...(before?.Aliases ?? [])]);
    expect(after?.IPAddress).to.equal('10.198.77.50');
    expect(await reader.facets([change!.target], AbortSignal.timeout(5000))).to.deep.equal(facets);
  });

  it('cuts a container off from all its networks with one debt each, and brings all back', async () => {
    const networks = [`${prefix}a`, `${prefix}b`];
    for (const network of networks) await docker('network', 'create', network);
    const container = await idle('--network', networks[0]!);
    await docker('network', 'connect', '--alias', 'second', networks[1]!, container.name);
    const changes = await bench.draft(disconnect, {name: container.name});
    expect(changes.map(change => change.claims)).to.deep.equal(networks.map(name => [`network:${name}`]));
    const {debts} = await bench.inject(changes);
    expect((await container.inspect()).NetworkSettings.Networks).to.deep.equal({});
    expect(changes[0]?.summary).to.include('has another name afterwards');
    const settled = await bench.settle(debts);
    expect(settled.map(one => one.outcome)).to.deep.equal(['undone', 'undone']);
    // Only the last of them sees all interfaces that are there again.
    expect(settled.map(one => ('detail' in one ? one.detail : undefined))).to.deep.equal([
      undefined,
      `the interfaces of ${container.name} are eth2, eth3 now; before they were eth0, eth1`,
    ]);
    const after = (await container.inspect()).NetworkSettings.Networks;
    expect(Object.keys(after).sort()).to.deep.equal(networks);
    expect(after[networks[1]!]?.Aliases).to.include('second');
  });

  it('holds a busy container to its CPUs, counted by the kernel, and lifts the limit again', async () => {
    const name = uniqueName('fault');
    const container = await runContainer({name, command: ['sh', '-c', 'while true; do :; done']});
    const [change] = await bench.draft(cpuThrottle, {name}, {cpus: 0.2});
    const {debts} = await bench.inject([change!]);
    expect(await cgroupFile(container.id, 'cpu', 'cpu.cfs_quota_us')).to.equal('20000');
    await delay(600);
    const proof = await bench.prove(change!.proof);
    expect(proof.state).to.equal('in-force');
    expect(proof.exercised).to.be.greaterThan(2);
    const usedBefore = Number(await cgroupFile(container.id, 'cpuacct', 'cpuacct.usage'));
    const start = performance.now();
    await delay(1000);
    const used = Number(await cgroupFile(container.id, 'cpuacct', 'cpuacct.usage')) - usedBefore;
    // A busy machine gives it less; more than its share nobody gives it.
    const share = used / 1e6 / (performance.now() - start);
    expect(share).to.be.above(0).and.below(0.3);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
    expect(await cgroupFile(container.id, 'cpu', 'cpu.cfs_quota_us')).to.equal('-1');
  });

  it('throttles a container that was started with --cpus in its own terms', async () => {
    const container = await idle('--cpus', '0.5');
    const [change] = await bench.draft(cpuThrottle, {name: container.name}, {cpus: 0.25});
    const {debts} = await bench.inject([change!]);
    expect((await container.inspect()).HostConfig.NanoCpus).to.equal(250_000_000);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
    expect((await container.inspect()).HostConfig.NanoCpus).to.equal(500_000_000);
    expect(change!.undo).to.have.property('manual', `docker update --cpus 0.5 ${container.name}`);
  });

  it('refuses to throttle to what the container has no more than', async () => {
    const container = await idle('--cpus', '0.5');
    const error = await bench.draft(cpuThrottle, {name: container.name}, {cpus: 0.5}).catch((e: unknown) => e);
    expect(error).to.have.property('code', 'TARGET_UNSUITABLE');
  });

  it('lowers a memory limit in the kernel and puts limit and swap back', async () => {
    const container = await idle('--memory', '64m', '--memory-swap', '96m');
    const [change] = await bench.draft(memoryLimit, {name: container.name}, {limit: '16MiB'});
    const {debts} = await bench.inject([change!]);
    expect(await cgroupFile(container.id, 'memory', 'memory.limit_in_bytes')).to.equal(String(16 * 2 ** 20));
    expect((await container.inspect()).HostConfig.MemorySwap).to.equal(48 * 2 ** 20);
    expect((await bench.prove(change!.proof)).state).to.equal('in-force');
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
    const {HostConfig: after} = await container.inspect();
    expect([after.Memory, after.MemorySwap]).to.deep.equal([64 * 2 ** 20, 96 * 2 ** 20]);
    expect(await cgroupFile(container.id, 'memory', 'memory.limit_in_bytes')).to.equal(String(64 * 2 ** 20));
  });

  it('refuses a memory limit that could not be put back, or that the container has outgrown already', async () => {
    const unlimited = await idle();
    const refused = (name: string, limit: string) =>
      bench.draft(memoryLimit, {name}, {limit}).catch((error: unknown) => error);
    expect(await refused(unlimited.name, '16MiB'))
      .to.have.property('message')
      .that.includes('could not be put back');
    const filled = await runContainer({
      name: uniqueName('fault'),
      args: ['--memory', '64m', '--tmpfs', '/fill'],
      command: ['sh', '-c', 'dd if=/dev/zero of=/fill/x bs=1M count=24; while true; do sleep 1; done'],
    });
    const isFull = async () => Number(await cgroupFile(filled.id, 'memory', 'memory.usage_in_bytes')) > 24 * 2 ** 20;
    expect(await eventually(isFull), 'the container fills its memory').to.equal(true);
    expect(await refused(filled.name, '16MiB'))
      .to.have.property('message')
      .that.includes('already');
    expect(await refused(filled.name, '128MiB')).to.have.property('code', 'TARGET_UNSUITABLE');
  });

  it('kills as the engine does and starts the container again at the undo', async () => {
    const {container, url} = await service();
    const [change] = await bench.draft(kill, {name: container.name}, {}, {heal: 'default'});
    expect(change!.platformHeals).to.equal(false);
    const {debts} = await bench.inject([change!]);
    expect((await container.inspect()).State.ExitCode).to.equal(137);
    expect((await bench.prove(change!.proof)).state).to.equal('in-force');
    expect(await answersIn(url)).to.equal(undefined);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
    expect(await eventually(async () => (await answersIn(url)) !== undefined)).to.equal(true);
  });

  it('kills a container with a restart policy so that the policy restarts it', async () => {
    const container = await idle('--restart', 'always');
    const [change] = await bench.draft(kill, {name: container.name}, {}, {heal: 'platform'});
    expect(change!.platformHeals).to.equal(true);
    const {debts, applied} = await bench.inject([change!]);
    expect(applied.map(one => one.state)).to.deep.equal(['done']);
    const isBack = async () => {
      const {State, RestartCount} = await container.inspect();
      // While it is `restarting` the engine calls it running too.
      return State.Status === 'running' && RestartCount === 1;
    };
    expect(await eventually(isBack), 'the restart policy fires').to.equal(true);
    expect((await bench.prove(change!.proof)).state).to.equal('in-force');
    expect((await bench.settle(debts))[0]?.outcome).to.equal('already');
  });

  it('refuses `heal: platform` where nothing would restart the container', async () => {
    const container = await idle();
    const killed = await bench
      .draft(kill, {name: container.name}, {}, {heal: 'platform'})
      .catch((error: unknown) => error);
    expect(killed).to.have.property('code', 'TARGET_UNSUITABLE');
    const stopped = await bench
      .draft(stop, {name: container.name}, {}, {heal: 'platform'})
      .catch((error: unknown) => error);
    expect(stopped).to.have.property('message').that.includes('no restart policy fires');
    expect((await container.inspect()).State.Running).to.equal(true);
  });

  it('sees a signal that the container handled without ending', async () => {
    const name = uniqueName('fault');
    const container = await runContainer({
      name,
      command: ['sh', '-c', 'trap "echo got" USR1; while true; do sleep 0.1; done'],
    });
    const [change] = await bench.draft(kill, {name}, {signal: 'USR1'}, STAY);
    expect((await bench.prove(change!.proof)).state).to.equal('absent');
    const {debts} = await bench.inject([change!]);
    expect((await bench.prove(change!.proof)).state).to.equal('in-force');
    expect(await eventually(async () => (await docker('logs', name)).includes('got'))).to.equal(true);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('already');
    expect((await container.inspect()).State.Running).to.equal(true);
  });

  it('stops within its grace and starts again at the undo', async () => {
    const container = await idle();
    const [change] = await bench.draft(stop, {name: container.name}, {grace: '5s'}, STAY);
    const {debts} = await bench.inject([change!]);
    expect((await container.inspect()).State).to.include({Running: false, ExitCode: 0});
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
    expect((await container.inspect()).State.Running).to.equal(true);
  });

  it('restarts: another start time, nothing left to undo', async () => {
    const container = await idle();
    const before = (await container.inspect()).State;
    const [change] = await bench.draft(restart, {name: container.name}, {grace: '1s'});
    const {debts} = await bench.inject([change!]);
    const after = (await container.inspect()).State;
    expect(after.Running).to.equal(true);
    expect(after.StartedAt).to.not.equal(before.StartedAt);
    expect((await bench.prove(change!.proof)).state).to.equal('in-force');
    expect((await bench.settle(debts))[0]?.outcome).to.equal('already');
  });

  it('says that a kill or stop of a --rm container cannot be undone, and still knows that it happened', async () => {
    const container = await idle('--rm');
    for (const fault of [kill, stop]) {
      const [change] = await bench.draft(fault, {name: container.name}, {}, STAY);
      expect(change!.undo).to.have.property('irreversible').that.includes('--rm');
    }
    const [change] = await bench.draft(kill, {name: container.name}, {}, STAY);
    expect((await bench.inject([change!])).debts).to.deep.equal([]);
    expect((await bench.prove(change!.proof)).state).to.equal('in-force');
  });

  it('restarts a --rm container without losing it', async () => {
    const container = await idle('--rm');
    const [change] = await bench.draft(restart, {name: container.name}, {grace: '0s'});
    const {debts} = await bench.inject([change!]);
    expect((await container.inspect()).State.Running).to.equal(true);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('already');
  });
});
