import {expect} from 'chai';
import {fault as bandwidth} from '../../src/faults/network-bandwidth/index.js';
import type {fault as latency} from '../../src/faults/network-latency/index.js';
import {fault as loss} from '../../src/faults/network-loss/index.js';
import type {JsonObject} from '../../src/quantities/json.js';
import {DockerBench} from '../support/docker-bench.js';
import {docker, removeAll, runContainer, uniqueName, type RunningContainer} from '../support/docker.js';
import {importHelper} from '../support/helper-image.js';
import {describeWith} from '../support/needs.js';
import {inNetworkOf, shapingOf, startEcho, throughput, udpEchoes} from '../support/traffic.js';

/** What works on any kernel that runs containers; test/netem has what needs sch_netem. */
describeWith('docker', 'Shaping of containers without netem', function (this: Mocha.Suite) {
  let bench: DockerBench;
  let target: RunningContainer;
  let host: string;

  before(async () => {
    target = await startEcho();
    host = await target.ip();
  });
  beforeEach(() => {
    bench = new DockerBench();
  });
  afterEach(async () => {
    await bench.close();
    expect(await shapingOf(target)).to.deep.equal([]);
  });
  after(() => removeAll(`fd-shape-${process.pid}-`));

  const refusal = (fault: typeof latency, name: string, given: JsonObject) =>
    bench.draft(fault, {name}, given).then(
      () => expect.fail('it was drafted'),
      (error: unknown) => error as {code: string; message: string; hint?: string},
    );

  it('holds what a container sends to its rate, counts it, and lets it free again', async () => {
    const [change] = await bench.draft(bandwidth, {name: target.name}, {rate: '500kB/s'});
    expect(change!.summary).to.match(/^hold to .*\/s the traffic of what container .* sends on eth0, by tbf$/);
    expect(change!.claims).to.deep.equal(['qdisc:eth0']);
    const {debts, applied} = await bench.inject([change!]);
    expect(applied.map(one => one.state)).to.deep.equal(['done']);
    expect(await throughput(host, 1_000_000)).to.be.within(350_000, 540_000);
    const proof = await bench.prove(change!.proof);
    expect(proof.state, proof.why).to.equal('in-force');
    expect(proof.exercised).to.be.greaterThan(600);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
    expect(await throughput(host, 4_000_000)).to.be.greaterThan(2_000_000);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('already');
  });

  it('shapes and filters through helper containers, too, and leaves none behind', async () => {
    const away = new DockerBench({enter: 'helper', helperImage: await importHelper()});
    try {
      const [slow] = await away.draft(bandwidth, {name: target.name}, {rate: '500kB/s'});
      const lossy = {loss: '100%', direction: 'ingress', protocol: 'udp', localPort: 7003};
      const [lost] = await away.draft(loss, {name: target.name}, lossy);
      expect([slow!.keeper, lost!.keeper]).to.deep.equal(['target', 'target']);
      const {debts, applied} = await away.inject([slow!, lost!]);
      expect(
        applied.map(one => one.state),
        applied.map(one => one.why).join(),
      ).to.deep.equal(['done', 'done']);
      expect(await throughput(host, 1_000_000)).to.be.within(350_000, 540_000);
      expect((await udpEchoes(host, {count: 50})).came).to.have.length(0);
      for (const change of [slow!, lost!]) expect((await away.prove(change.proof)).state).to.equal('in-force');
      const settled = await away.settle(debts);
      expect(settled.map(one => one.outcome)).to.deep.equal(['undone', 'undone']);
      expect((await udpEchoes(host, {count: 50})).came).to.have.length(50);
      expect(await docker('ps', '-aq', '--filter', `label=firedrill.helper=${target.id}`)).to.equal('');
    } finally {
      await away.close();
    }
  });

  it('sees that someone changed the rate, and takes away what is ours all the same', async () => {
    const [change] = await bench.draft(bandwidth, {name: target.name}, {rate: '500kB/s'});
    const {debts} = await bench.inject([change!]);
    await inNetworkOf(target, 'tc', 'qdisc', 'change', 'dev', 'eth0', 'root', 'handle', 'fd1d:', ...TEN_MBIT);
    const proof = await bench.prove(change!.proof);
    expect(proof.state).to.equal('absent');
    expect(proof.why).to.include('"rate":1250000');
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
  });

  it('loses a share of the packets that match, by iptables where the kernel has no netem, and counts them', async () => {
    const given = {loss: '30%', direction: 'ingress', protocol: 'udp', localPort: '7003-7009'};
    const [change] = await bench.draft(loss, {name: target.name}, given);
    const {debts, applied} = await bench.inject([change!]);
    expect(applied.map(one => one.state)).to.deep.equal(['done']);
    // 700 expected, standard deviation 14.5: five of them.
    expect((await udpEchoes(host, {count: 1000})).came.length).to.be.within(627, 773);
    const proof = await bench.prove(change!.proof);
    expect(proof.state, proof.why).to.equal('in-force');
    expect(proof.exercised).to.equal(1000);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
    expect((await udpEchoes(host, {count: 300})).came).to.have.length(300);
  });

  it('loses nothing of what comes from another address than the one that is meant', async () => {
    const [change] = await bench.draft(
      loss,
      {name: target.name},
      {loss: '100%', address: ['192.0.2.0/24', '2001:db8::1']},
    );
    const {debts} = await bench.inject([change!]);
    expect((await udpEchoes(host, {count: 100})).came).to.have.length(100);
    const proof = await bench.prove(change!.proof);
    expect([proof.state, proof.exercised]).to.deep.equal(['in-force', 0]);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
  });

  it('undoes what was prepared and never flipped', async () => {
    const [change] = await bench.draft(loss, {name: target.name}, {loss: '50%', localPort: 7003});
    const actuator = await bench.actuator();
    const debts = bench.debts([change!]);
    await actuator.mark(debts, 20_000);
    // On a kernel with netem this is a prio without filters, else chains without a jump.
    expect((await actuator.apply([change!.prepare!], 20_000))[0]?.state).to.equal('done');
    expect((await bench.prove(change!.proof)).state).to.equal('absent');
    expect((await udpEchoes(host, {count: 100})).came).to.have.length(100);
    expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
  });

  it('refuses an interface that somebody else shapes, and leaves it alone', async () => {
    await inNetworkOf(target, 'tc', 'qdisc', 'add', 'dev', 'eth0', 'root', ...TEN_MBIT);
    const before = await shapingOf(target);
    const {code, message, hint} = await refusal(bandwidth, target.name, {rate: '1MB/s'});
    expect([code, hint]).to.deep.equal([
      'TARGET_UNSUITABLE',
      'It is left alone. Remove it first, or choose another `network` or `direction`.',
    ]);
    expect(message).to.match(/has `tbf \d+:` at the root qdisc of its `eth0`, which somebody else put there/);
    expect(await shapingOf(target)).to.deep.equal(before);
    await inNetworkOf(target, 'tc', 'qdisc', 'del', 'dev', 'eth0', 'root');
  });

  it('shapes only the network that is named', async () => {
    const network = uniqueName('shape');
    await docker('network', 'create', network);
    await docker('network', 'connect', network, target.name);
    const [one] = await bench.draft(bandwidth, {name: target.name}, {rate: '1MB/s', network});
    expect(one!.claims).to.deep.equal(['qdisc:eth1']);
    const [both] = await bench.draft(bandwidth, {name: target.name}, {rate: '1MB/s'});
    expect(both!.claims).to.deep.equal(['qdisc:eth0', 'qdisc:eth1']);
    const {code, message} = await refusal(bandwidth, target.name, {rate: '1MB/s', network: 'nowhere'});
    expect([code, message]).to.deep.equal([
      'TARGET_UNSUITABLE',
      `container \`${target.name}\` is expected to be attached to network \`nowhere\`; it is attached to \`bridge\`, \`${network}\``,
    ]);
    await docker('network', 'disconnect', network, target.name);
  });

  it('refuses a network that is not the target’s own, and a name that nobody knows', async () => {
    const shared = await runContainer({name: uniqueName('shape'), args: ['--network', `container:${target.name}`]});
    const named = (given: JsonObject, name = shared.name) => refusal(loss, name, {loss: '10%', ...given});
    expect(await named({}))
      .to.have.property('message')
      .that.includes('shares the network of another container');
    const onHost = await runContainer({name: uniqueName('shape'), args: ['--network', 'host']});
    expect(await named({}, onHost.name))
      .to.have.property('message')
      .that.includes('would shape the host');
    const {message} = await named({address: 'no-such-name.invalid'}, target.name);
    expect(message).to.include('cannot resolve `no-such-name.invalid`');
  });

  it('says absent once the target was restarted, and that nothing is left to undo', async () => {
    const one = await startEcho();
    const [change] = await bench.draft(bandwidth, {name: one.name}, {rate: '1MB/s'});
    const {debts} = await bench.inject([change!]);
    await docker('restart', '-t', '0', one.name);
    expect((await bench.prove(change!.proof)).state).to.equal('absent');
    expect((await bench.settle(debts))[0]?.outcome).to.equal('gone');
    await one.remove();
  });
});

const TEN_MBIT = ['tbf', 'rate', '10mbit', 'burst', '5000', 'latency', '100ms'];
