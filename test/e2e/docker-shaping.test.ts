import {expect} from 'chai';
import {fault as bandwidth} from '../../src/faults/network-bandwidth/index.js';
import {fault as loss} from '../../src/faults/network-loss/index.js';
import {DockerBench} from '../support/docker-bench.js';
import {removeAll, type RunningContainer} from '../support/docker.js';
import {describeWith} from '../support/needs.js';
import {echoService, shapingOf, throughput, udpEchoes} from '../support/traffic.js';

describeWith('docker', 'Shaping of containers on any kernel', () => {
  let bench: DockerBench;
  let target: RunningContainer;
  let client: RunningContainer;

  before(async () => {
    target = await echoService();
    client = await echoService();
  });
  beforeEach(() => {
    bench = new DockerBench();
  });
  afterEach(() => bench.close());
  after(() => removeAll(`fd-shape-${process.pid}-`));

  it('holds what a container sends to its rate, counts it, and lets it free again', async () => {
    const host = await target.ip();
    const [change] = await bench.draft(bandwidth, {name: target.name}, {rate: '500kB/s'});
    const {debts, applied} = await bench.inject([change!]);
    expect(applied.map(one => one.state)).to.deep.equal(['done']);
    const held = await throughput(client, host, 1_000_000);
    console.log(held);
    const proof = await bench.prove(change!.proof);
    console.log(JSON.stringify(proof));
    expect(proof.state).to.equal('in-force');
    expect(await bench.settle(debts)).to.deep.equal([{debt: debts[0]!.id, outcome: 'undone'}]);
    console.log(await throughput(client, host, 1_000_000));
    expect(await shapingOf(target)).to.deep.equal([]);
  });

  it('loses', async () => {
    const host = await target.ip();
    const [change] = await bench.draft(
      loss,
      {name: target.name},
      {loss: '30%', direction: 'ingress', protocol: 'udp', localPort: 7003},
    );
    const {debts, applied} = await bench.inject([change!]);
    expect(applied.map(one => one.state)).to.deep.equal(['done']);
    console.log(await shapingOf(target));
    console.log((await udpEchoes(client, {host, count: 1000})).length);
    const proof = await bench.prove(change!.proof);
    console.log(JSON.stringify(proof));
    console.log(await bench.settle(debts));
    console.log((await udpEchoes(client, {host, count: 1000})).length);
    expect(await shapingOf(target)).to.deep.equal([]);
  });
});
