import {setTimeout as delay} from 'node:timers/promises';
import {noValue} from '../../src/signals/missing.js';
import {expect} from 'chai';
import type {OpenProbe, ProbeContext, Reading} from '../../src/signals/contract.js';
import {source} from '../../src/signals/probes/docker/index.js';
import {DockerBench, patience} from '../support/docker-bench.js';
import {docker, removeAll, runContainer, uniqueName} from '../support/docker.js';
import {describeWith} from '../support/needs.js';

describeWith('docker', 'Docker probe', () => {
  let bench: DockerBench;
  const open: OpenProbe[] = [];

  beforeEach(() => {
    bench = new DockerBench();
  });
  afterEach(async () => {
    for (const probe of open.splice(0)) await probe.close();
    await bench.close();
    await removeAll(`fd-probe-${process.pid}-`);
  });

  async function probe(measure: string, ...names: string[]): Promise<OpenProbe> {
    const reader = await bench.reader();
    const found = await Promise.all(names.map(name => reader.resolve({name}, patience())));
    const refs = found.flat().map(candidate => candidate.ref);
    const context: ProbeContext = {
      reveal: text => text,
      targets: {shop: {refs, reader, address: bench.address, selector: {name: names[0] ?? ''}}},
      sources: {},
      environment: {},
    };
    const opened = await source.open({of: 'shop', measure}, context);
    open.push(opened);
    return opened;
  }

  const read = (opened: OpenProbe): Promise<readonly Reading[]> => opened.read(patience());

  it('reads the share of one core that a busy container takes, and that an idle one does not', async () => {
    const [busy, idle] = [uniqueName('probe'), uniqueName('probe')];
    await runContainer({name: busy, command: ['sh', '-c', 'while true; do :; done'], args: ['--cpus', '0.3']});
    await runContainer({name: idle});
    const cpu = await probe('cpu', busy, idle);
    await delay(1000);
    const [one, two] = await read(cpu);
    expect(one).to.have.property('subject', busy);
    // A busy machine gives it less than its share.
    expect(one?.value).to.be.within(0.05, 0.45);
    expect(two?.value).to.be.within(0, 0.05);
  });

  it('reads memory in use in bytes', async () => {
    const name = uniqueName('probe');
    const command = ['sh', '-c', 'dd if=/dev/zero of=/fill/x bs=1M count=24; while true; do sleep 1; done'];
    await runContainer({name, command, args: ['--tmpfs', '/fill']});
    const memory = await probe('memory', name);
    const end = Date.now() + 5000;
    let value: number | null = null;
    while ((value ?? 0) < 24 * 2 ** 20 && Date.now() < end) value = (await read(memory))[0]?.value ?? null;
    expect(value).to.be.within(24 * 2 ** 20, 40 * 2 ** 20);
  });

  it('reads health, and says so where there is none', async () => {
    const [healthy, plain] = [uniqueName('probe'), uniqueName('probe')];
    await runContainer({name: healthy, args: ['--health-cmd', 'true', '--health-interval', '200ms']});
    await runContainer({name: plain});
    const health = await probe('health', healthy, plain);
    const end = Date.now() + 8000;
    let readings = await read(health);
    while (readings[0]?.value !== 1 && Date.now() < end) readings = await read(health);
    expect(readings[0]?.value).to.equal(1);
    expect(readings[1]).to.have.property('why').that.includes('no health check');
    await docker('stop', '-t', '0', healthy);
    expect((await read(health))[0]?.value).to.equal(0);
  });

  it('counts restarts by the policy and kills by the memory limit', async () => {
    const name = uniqueName('probe');
    const command = ['sh', '-c', 'sleep 1.5; x=a; while true; do x=$x$x; done'];
    await runContainer({name, command, args: ['--memory', '16m', '--memory-swap', '16m', '--restart', 'always']});
    const [restarts, oomKills] = [await probe('restarts', name), await probe('oom-kills', name)];
    expect((await read(oomKills))[0]?.value).to.equal(0);
    const end = Date.now() + 15_000;
    let counted: (number | null | undefined)[] = [];
    while (!counted.every(value => (value ?? 0) >= 1) || counted.length === 0) {
      if (Date.now() > end) break;
      counted = [(await read(restarts))[0]?.value, (await read(oomKills))[0]?.value];
      await delay(200);
    }
    expect(counted[0]).to.be.greaterThan(0);
    expect(counted[1]).to.be.greaterThan(0);
  });

  it('gives the reason, not a number, for a container that has gone or does not run', async () => {
    const name = uniqueName('probe');
    const container = await runContainer({name});
    const memory = await probe('memory', name);
    await docker('stop', '-t', '0', name);
    expect((await read(memory))[0]).to.deep.equal(noValue('stopped', 'the container is `exited`'));
    await container.remove();
    expect((await read(memory))[0]).to.deep.equal(noValue('gone', 'the container no longer exists'));
  });

  it('refuses a name that is no Docker target', async () => {
    const nothing: ProbeContext = {reveal: text => text, targets: {}, sources: {}, environment: {}};
    const error = await source.open({of: 'shop', measure: 'cpu'}, nothing).catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'PROBE_UNUSABLE');
  });
});
