import {expect} from 'chai';
import {fault as cpuThrottle} from '../../src/faults/cpu-throttle/index.js';
import {fault as kill} from '../../src/faults/kill/index.js';
import {fault as disconnect} from '../../src/faults/network-disconnect/index.js';
import {fault as pause} from '../../src/faults/pause/index.js';
import {fault as stop} from '../../src/faults/stop/index.js';
import {DockerBench, patience} from '../support/docker-bench.js';
import {proxyEngine, type EngineProxy} from '../support/docker-proxy.js';
import {docker, removeAll, runContainer, uniqueName} from '../support/docker.js';
import {describeWith} from '../support/needs.js';
import {watchLateness} from '../support/lateness.js';

const BROKEN = {do: 'answer', status: 500, message: 'the engine is having a bad day'} as const;

describeWith('docker', 'Docker driver when things go wrong', () => {
  const late = watchLateness();
  const prefix = `fd-trouble-${process.pid}-`;
  let proxy: EngineProxy;
  let bench: DockerBench;

  beforeEach(async () => {
    proxy = await proxyEngine();
    bench = new DockerBench({host: proxy.host});
  });
  afterEach(async () => {
    proxy.calm();
    await bench.close();
    await proxy.close();
    await removeAll(prefix);
  });

  const target = (...args: string[]) => runContainer({name: uniqueName('trouble'), args});

  it('never says that a failed undo worked: the mark stays, the manual command is told, a later settle succeeds', async () => {
    const container = await target();
    const changes = await bench.draft(pause, {name: container.name});
    const {debts} = await bench.inject(changes);
    proxy.disturb({method: 'POST', path: /\/unpause$/, then: BROKEN});
    const [failed] = await bench.settle(debts, 5000);
    expect(failed).to.include({outcome: 'failed', manual: `docker -H ${proxy.host} unpause ${container.name}`});
    expect(failed).to.have.property('why').that.includes('bad day');
    expect((await container.inspect()).State.Paused).to.equal(true);
    expect(await bench.owed()).to.deep.equal(debts.map(debt => debt.id));
    proxy.calm();
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
    expect((await container.inspect()).State.Paused).to.equal(false);
    expect(await bench.owed()).to.deep.equal([]);
  });

  it('tries an undo again that failed once', async () => {
    const container = await target();
    const {debts} = await bench.inject(await bench.draft(pause, {name: container.name}));
    proxy.disturb({method: 'POST', path: /\/unpause$/, then: BROKEN, times: 1});
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
  });

  it('goes on with the other undos when one fails', async () => {
    const [one, two] = [await target(), await target()];
    const changes = [...(await bench.draft(pause, {name: one.name})), ...(await bench.draft(pause, {name: two.name}))];
    const {debts} = await bench.inject(changes);
    proxy.disturb({path: new RegExp(`${one.id}/unpause$`), then: BROKEN});
    expect((await bench.settle(debts, 5000)).map(settled => settled.outcome)).to.deep.equal(['failed', 'undone']);
    proxy.calm();
    expect((await bench.settle(debts)).map(settled => settled.outcome)).to.deep.equal(['undone', 'already']);
  });

  it('verifies an undo whose answer was lost on the container itself', async () => {
    const container = await target();
    const {debts} = await bench.inject(await bench.draft(pause, {name: container.name}));
    proxy.disturb({method: 'POST', path: /\/unpause$/, then: {do: 'lose-answer'}});
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
    expect((await container.inspect()).State.Paused).to.equal(false);
  });

  it('knows a flip whose answer was lost by what the container shows', async () => {
    const container = await target();
    const changes = await bench.draft(pause, {name: container.name});
    proxy.disturb({method: 'POST', path: /\/pause$/, then: {do: 'lose-answer'}});
    const {applied, debts} = await bench.inject(changes);
    expect(applied.map(one => one.state)).to.deep.equal(['done']);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
  });

  it('answers unknown for a flip that may still come, and undoes it when it has', async () => {
    const container = await target();
    const changes = await bench.draft(pause, {name: container.name});
    const debts = bench.debts(changes);
    const actuator = await bench.actuator();
    await actuator.mark(debts, 5000);
    proxy.disturb({method: 'POST', path: /\/pause$/, then: {do: 'delay', ms: 1500}});
    const [late] = await actuator.apply([changes[0]!.flip], 500);
    expect(late?.state).to.equal('unknown');
    await actuator.close();
    const end = Date.now() + 5000;
    while (!(await container.inspect()).State.Paused && Date.now() < end);
    expect((await container.inspect()).State.Paused, 'the late request arrives').to.equal(true);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
  });

  it('refuses a flip that the engine answered with an error and that did nothing', async () => {
    const container = await target();
    const changes = await bench.draft(pause, {name: container.name});
    proxy.disturb({method: 'POST', path: /\/pause$/, then: BROKEN});
    const {applied, debts} = await bench.inject(changes);
    expect(applied.map(one => one.state)).to.deep.equal(['refused']);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('already');
  });

  it('injects nothing without a mark, and says why', async () => {
    const container = await target();
    const debts = bench.debts(await bench.draft(pause, {name: container.name}));
    proxy.disturb({method: 'POST', path: /\/volumes\/create/, then: BROKEN});
    const [marked] = await (await bench.actuator()).mark(debts, 5000);
    expect(marked).to.include({state: 'failed'});
    expect(marked).to.have.property('why').that.includes('bad day');
  });

  it('knows a mark whose answer was lost by what the engine shows', async () => {
    const container = await target();
    const debts = bench.debts(await bench.draft(pause, {name: container.name}));
    proxy.disturb({method: 'POST', path: /\/volumes\/create/, then: {do: 'lose-answer'}});
    const [marked] = await (await bench.actuator()).mark(debts, 5000);
    expect(marked?.state).to.equal('marked');
    await bench.settle(debts);
  });

  it('does not call a debt settled whose mark cannot be removed', async () => {
    const container = await target();
    const {debts} = await bench.inject(await bench.draft(pause, {name: container.name}));
    proxy.disturb({method: 'DELETE', path: /\/volumes\//, then: BROKEN});
    const [settled] = await bench.settle(debts, 5000);
    expect(settled).to.include({outcome: 'failed'});
    expect(settled).to.have.property('why').that.includes('it is undone, but its mark');
    proxy.calm();
    expect((await bench.settle(debts))[0]?.outcome).to.equal('already');
  });

  it('answers within its budget when the engine hangs, and owes on', async () => {
    const container = await target();
    const {debts} = await bench.inject(await bench.draft(pause, {name: container.name}));
    proxy.disturb({path: /./, then: {do: 'hang'}});
    const actuator = bench.actuator(2).catch((error: unknown) => error);
    proxy.calm();
    await actuator;
    const ready = await bench.actuator(3);
    proxy.disturb({path: /unpause$/, then: {do: 'hang'}});
    const start = performance.now();
    const [settled] = await ready.settle(debts, 1500);
    expect(performance.now() - start).to.be.lessThan(6000 + late());
    expect(settled?.outcome).to.equal('unknown');
    proxy.calm();
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
  });

  it('proves unknown, with the reason, when the engine cannot be read', async () => {
    const container = await target();
    const [change] = await bench.draft(pause, {name: container.name});
    proxy.disturb({path: /\/containers\/.*\/json/, then: BROKEN});
    const proof = await bench.prove(change!.proof);
    expect(proof.state).to.equal('unknown');
    expect(proof.why).to.include('bad day');
  });

  it('refuses to stop an incarnation that was not planned', async () => {
    const container = await target();
    const [change] = await bench.draft(stop, {name: container.name}, {}, {heal: 'undo'});
    await docker('restart', '-t', '0', container.name);
    const {applied, debts} = await bench.inject([change!]);
    expect(applied[0]).to.include({state: 'refused'});
    expect(applied[0]).to.have.property('why').that.includes('restarted');
    expect((await bench.settle(debts))[0]?.outcome).to.equal('already');
  });

  it('loses a pause to a restart, keeps a throttle over it, and settles both', async () => {
    const container = await target();
    const [frozen] = await bench.draft(pause, {name: container.name});
    const [slowed] = await bench.draft(cpuThrottle, {name: container.name}, {cpus: 0.5});
    const {debts} = await bench.inject([frozen!, slowed!]);
    await docker('restart', '-t', '0', container.name);
    expect((await bench.prove(frozen!.proof)).state).to.equal('absent');
    expect((await bench.prove(slowed!.proof)).state).to.equal('in-force');
    expect((await bench.settle(debts)).map(one => one.outcome)).to.deep.equal(['gone', 'undone']);
  });

  it('leaves a network alone to which someone else attached the container in another way', async () => {
    const network = `${prefix}net`;
    await docker('network', 'create', network);
    const container = await target('--network', network, '--network-alias', 'first');
    const changes = await bench.draft(disconnect, {name: container.name});
    const {debts} = await bench.inject(changes);
    await docker('network', 'connect', '--alias', 'other', network, container.name);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('superseded');
    expect((await container.inspect()).NetworkSettings.Networks[network]?.Aliases).to.include('other');
    expect(await bench.owed()).to.deep.equal([]);
  });

  it('says what is missing when the network itself has gone', async () => {
    const network = `${prefix}net`;
    await docker('network', 'create', network);
    const container = await target('--network', network);
    const {debts} = await bench.inject(await bench.draft(disconnect, {name: container.name}));
    await docker('network', 'rm', network);
    const [settled] = await bench.settle(debts, 4000);
    expect(settled?.outcome).to.equal('failed');
    expect(settled).to.have.property('manual').that.includes(`network connect`);
    await container.remove();
    expect((await bench.settle(debts))[0]?.outcome).to.equal('gone');
  });

  it('puts a container on its network again also when it has died meanwhile', async () => {
    const network = `${prefix}net`;
    await docker('network', 'create', network);
    const container = await target('--network', network);
    const {debts} = await bench.inject(await bench.draft(disconnect, {name: container.name}));
    await docker('kill', container.name);
    expect((await bench.settle(debts)).map(one => one.outcome)).to.deep.equal(['undone']);
    expect(Object.keys((await container.inspect()).NetworkSettings.Networks)).to.deep.equal([network]);
  });

  it('refuses debts of another engine and of another version by name', async () => {
    const container = await target();
    const [debt] = bench.debts(await bench.draft(pause, {name: container.name}));
    const foreign = {...debt!, undo: {...debt!.undo, ref: {...debt!.undo.ref, endpoint: 'OTHER'}}};
    const newer = {...debt!, id: 'newer', driver: 'docker@99'};
    const settled = await bench.settle([foreign, newer]);
    expect(settled.map(one => one.outcome)).to.deep.equal(['failed', 'failed']);
    expect(JSON.stringify(settled)).to.include('OTHER').and.to.include('docker@99');
  });

  it('kills no restart-always container twice when the first crash restarted it', async () => {
    const container = await target('--restart', 'always');
    const [change] = await bench.draft(kill, {name: container.name}, {}, {heal: 'platform'});
    const {debts} = await bench.inject([change!]);
    const end = Date.now() + 8000;
    while ((await container.inspect()).RestartCount === 0 && Date.now() < end);
    const [again] = await (await bench.actuator()).apply([change!.flip], 5000);
    expect(again).to.include({state: 'refused'});
    await bench.settle(debts);
    expect((await container.inspect()).RestartCount).to.equal(1);
  });

  it('asks few questions: one list for the selector and one inspect per match', async () => {
    const name = uniqueName('trouble');
    await Promise.all(
      ['a', 'b'].map(end => runContainer({name: `${name}${end}`, labels: {'dev.firedrill.few': name}})),
    );
    const reader = await bench.reader();
    const before = proxy.seen.length;
    const found = await reader.resolve({labels: {'dev.firedrill.few': name}}, patience());
    expect(found).to.have.length(2);
    expect(proxy.seen.slice(before)).to.have.length(3);
  });
});
