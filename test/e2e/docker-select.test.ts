import {expect} from 'chai';
import type {JsonObject} from '../../src/quantities/json.js';
import {selector as schema} from '../../src/targets/drivers/docker/selector.js';
import {DockerBench, patience} from '../support/docker-bench.js';
import {docker, importBusybox, removeAll, runContainer, uniqueName} from '../support/docker.js';
import {describeWith} from '../support/needs.js';
import {watchLateness} from '../support/lateness.js';

describeWith('docker', 'Docker selection on a real engine', () => {
  const late = watchLateness();
  const group = `fd-select-${process.pid}`;
  const network = `${group}-net`;
  let bench: DockerBench;
  const names = {
    stock: `${group}-stock-1`,
    shop: `${group}-shop-1`,
    oneOff: `${group}-shop-run`,
    off: `${group}-off-1`,
  };

  before(async () => {
    bench = new DockerBench();
    await docker('network', 'create', network);
    const compose = (service: string, oneOff = 'False') => ({
      'com.docker.compose.project': group,
      'com.docker.compose.service': service,
      'com.docker.compose.oneoff': oneOff,
    });
    await runContainer({
      name: names.stock,
      labels: {...compose('stock'), role: 'active'},
      args: ['--network', network],
    });
    await runContainer({name: names.shop, labels: compose('shop')});
    await runContainer({name: names.oneOff, labels: compose('shop', 'True')});
    await runContainer({name: names.off, labels: compose('off')});
    await docker('stop', '-t', '0', names.off);
  });
  after(async () => {
    await bench.close();
    await removeAll(group);
  });

  async function found(value: JsonObject | string): Promise<readonly string[]> {
    const candidates = await bench.resolve(schema().parse(value) as JsonObject);
    return candidates.map(candidate => candidate.ref.name);
  }

  it('finds a container by its name, and by its id', async () => {
    expect(await found(names.stock)).to.deep.equal([names.stock]);
    const id = await docker('inspect', '--format', '{{.Id}}', names.stock);
    expect(await found(id)).to.deep.equal([names.stock]);
    expect(await found(id.slice(0, 12))).to.deep.equal([names.stock]);
  });

  it('does not take the beginning of a name for the name', async () => {
    expect(await found(`${group}-stock`)).to.deep.equal([]);
    expect(await found({namePattern: `${group}-stock`})).to.deep.equal([]);
  });

  it('finds by pattern, label, project, service, image and network, and by all of them together', async () => {
    expect(await found({namePattern: `${group}-(stock|shop)-\\d+`})).to.deep.equal([names.shop, names.stock]);
    expect(await found({labels: {role: 'active'}, project: group})).to.deep.equal([names.stock]);
    expect(await found({project: group})).to.deep.equal([names.shop, names.oneOff, names.stock]);
    expect(await found({project: group, service: 'shop'})).to.deep.equal([names.shop]);
    expect(await found({network})).to.deep.equal([names.stock]);
    expect(await found({image: await importBusybox(), project: group, service: 'stock', network})).to.deep.equal([
      names.stock,
    ]);
    expect(await found({project: group, service: 'shop', network})).to.deep.equal([]);
  });

  it('considers stopped containers only when asked to', async () => {
    expect(await found(names.off)).to.deep.equal([]);
    const [candidate] = await bench.resolve({name: names.off, all: true});
    expect(candidate?.status).to.equal('exited');
  });

  it('says why a protected container must not be hit', async () => {
    const guarded = uniqueName('select');
    const container = await runContainer({name: guarded, labels: {'firedrill.protect': 'true'}});
    const [candidate] = await bench.resolve({name: guarded});
    expect(candidate?.protectedBy).to.equal('label firedrill.protect=true');
    await container.remove();
  });

  it('runs a question for `where` inside the container, and tells how it failed', async () => {
    const reader = await bench.reader();
    const [candidate] = await bench.resolve({name: names.stock});
    expect(await reader.ask(candidate!.ref, ['echo', 'active role'], patience())).to.equal('active role\n');
    const failing = reader.ask(candidate!.ref, ['sh', '-c', 'echo broken >&2; exit 3'], patience());
    const error = await failing.catch((reason: unknown) => reason);
    expect(error).to.have.property('message').that.includes('code 3').and.includes('broken');
  });

  it('ends the wait for an answer that does not come when the signal says so', async () => {
    const reader = await bench.reader();
    const [candidate] = await bench.resolve({name: names.stock});
    const start = performance.now();
    const error = await reader
      .ask(candidate!.ref, ['sleep', '3'], AbortSignal.timeout(300))
      .catch((reason: unknown) => reason);
    expect(error).to.have.property('name', 'TimeoutError');
    expect(performance.now() - start).to.be.lessThan(2500 + late());
  });

  it('drafts nothing for a container that does not run, and says what it is', async () => {
    const reader = await bench.reader();
    const [candidate] = await bench.resolve({name: names.off, all: true});
    const error = await reader.drafts.lifecycle!.pause(candidate!.ref).catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'TARGET_UNSUITABLE');
    expect(error).to.have.property('message').that.includes('exited');
  });

  it('has nothing to say about an engine that can do everything', async () => {
    expect(await (await bench.reader()).problems(patience())).to.deep.equal([]);
  });
});
