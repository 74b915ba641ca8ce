import {readFileSync} from 'node:fs';
import {expect} from 'chai';
import type {AnyFault} from '../../src/faults/contract.js';
import {fault as bandwidth} from '../../src/faults/network-bandwidth/index.js';
import {fault as corruption} from '../../src/faults/network-corruption/index.js';
import {fault as duplication} from '../../src/faults/network-duplication/index.js';
import {fault as latency} from '../../src/faults/network-latency/index.js';
import {fault as loss} from '../../src/faults/network-loss/index.js';
import {fault as reordering} from '../../src/faults/network-reordering/index.js';
import type {JsonObject} from '../../src/quantities/json.js';
import type {Change, Proof, Reader} from '../../src/targets/contract.js';
import {DockerBench, patience} from '../support/docker-bench.js';
import {docker, removeAll, type RunningContainer, uniqueName} from '../support/docker.js';
import {formOn} from '../support/fault-form.js';
import {describeWith} from '../support/needs.js';
import {
  devicesOf,
  inNetworkOf,
  fastest,
  median,
  OTHER,
  shapingOf,
  startEcho,
  tcpRoundTrips,
  throughput,
  udpEchoes,
} from '../support/traffic.js';

/** What this slow machine adds to a round trip of a few hundred microseconds. */
const SLACK_MS = 60;

/** Datagrams that a receiver dropped because their checksum was wrong, on this machine. */
function checksumErrors(): number {
  const [names = '', values = ''] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter(line => line.startsWith('Udp: '));
  return Number(values.split(' ')[names.split(' ').indexOf('InCsumErrors')]);
}

describeWith('netem', 'Shaping, measured on real containers', function (this: Mocha.Suite) {
  let bench: DockerBench;
  let reader: Reader;
  let target: RunningContainer;
  let host: string;
  let host6: string;
  const network = uniqueName('shape');

  before(async function () {
    bench = new DockerBench();
    reader = await bench.reader();
    await docker('network', 'create', '--ipv6', '--subnet', '10.203.0.0/24', '--subnet', 'fd00:203::/64', network);
    target = await startEcho('--network', network, '--ip', '10.203.0.10', '--ip6', 'fd00:203::10');
    host = '10.203.0.10';
    host6 = 'fd00:203::10';
  });
  after(async () => {
    await bench.close();
    await removeAll(`fd-shape-${process.pid}-`);
  });

  /** One reader for all: what the kernel can do is tried once. */
  async function draft(fault: AnyFault, given: JsonObject): Promise<Change> {
    const form = formOn(fault, 'container');
    const parameters = form.parameters().parse(given) as JsonObject;
    const targets = (await reader.resolve({name: target.name}, patience())).map(({ref}) => ref);
    const request = {targets, parameters, heal: 'default', forMs: 10_000, named: {}} as const;
    const [change] = await form.draft({...request, can: reader.drafts, signal: patience()});
    return change!;
  }

  async function prove(change: Change): Promise<Proof> {
    const [proof] = await reader.prove([change.proof], patience());
    return proof!;
  }

  /** Injects, measures, takes the proof, undoes and checks that nothing of it is left. */
  async function during(fault: AnyFault, given: JsonObject, measure: () => Promise<void>): Promise<Proof> {
    const before = await devicesOf(target);
    const change = await draft(fault, given);
    const {debts, applied} = await bench.inject([change]);
    try {
      expect(applied[0]?.state, applied[0]?.why).to.equal('done');
      await measure();
      return await prove(change);
    } finally {
      expect((await bench.settle(debts))[0]?.outcome).to.equal('undone');
      expect(await shapingOf(target)).to.deep.equal([]);
      expect(await devicesOf(target)).to.equal(before);
    }
  }

  it('delays what a container sends, and no longer once it is undone', async () => {
    const proof = await during(latency, {delay: '100ms'}, async () => {
      expect(fastest(await tcpRoundTrips(host))).to.be.within(100, 100 + SLACK_MS);
      expect(fastest(await tcpRoundTrips(host6))).to.be.within(100, 100 + SLACK_MS);
    });
    expect(proof.state).to.equal('in-force');
    expect(proof.exercised).to.be.greaterThan(10);
    expect(fastest(await tcpRoundTrips(host))).to.be.below(SLACK_MS);
  });

  it('delays for others, too: a ping from a container beside it takes as long', async () => {
    await during(latency, {delay: '100ms'}, async () => {
      const said = await docker(
        'run',
        '--rm',
        '--network',
        network,
        'firedrill-test-busybox:1',
        'ping',
        '-c',
        '3',
        host,
      );
      const times = [...said.matchAll(/time=([\d.]+) ms/g)].map(match => Number(match[1]));
      expect(times).to.have.length(3);
      expect(fastest(times)).to.be.within(100, 100 + SLACK_MS);
    });
  });

  it('delays one port over IPv4 and IPv6, and neither another port nor what is marked as bulk', async () => {
    const proof = await during(latency, {delay: '200ms', protocol: 'tcp', localPort: 7001}, async () => {
      expect(fastest(await tcpRoundTrips(host))).to.be.within(200, 200 + SLACK_MS);
      expect(fastest(await tcpRoundTrips(host6))).to.be.within(200, 200 + SLACK_MS);
      expect(fastest(await tcpRoundTrips(host, {port: OTHER}))).to.be.below(SLACK_MS);
      const {times} = await udpEchoes(host, {count: 6, atOnce: 1});
      expect(fastest(times)).to.be.below(SLACK_MS);
      // From inside, so that what is marked leaves through the shaped interface. TOS 8 (throughput) is priority 2, for
      // which an ordinary three-band prio with the fault in its last band would have no other band.
      expect(Number(await inNetworkOf(target, 'perl', '-e', connecting('10.203.0.1', 8)))).to.be.below(100);
    });
    expect(proof.exercised).to.be.within(10, 60);
  });

  it('spreads the delay by the jitter', async () => {
    await during(latency, {delay: '100ms', jitter: '50ms', protocol: 'udp'}, async () => {
      const {times} = await udpEchoes(host, {count: 60, atOnce: 6});
      expect(times).to.have.length(60);
      const sorted = [...times].sort((x, y) => x - y);
      // 60 even draws from 50 ms to 150 ms; what the machine adds makes only the late ones later.
      expect(sorted[0]).to.be.within(49, 60 + SLACK_MS);
      expect(median(times)).to.be.within(80, 120 + SLACK_MS);
      expect(sorted[51]! - sorted[8]!).to.be.greaterThan(40);
    });
  });

  it('knows the distributions that tc has tables for', async () => {
    for (const distribution of ['normal', 'pareto', 'paretonormal']) {
      await during(latency, {delay: '60ms', jitter: '10ms', correlation: '10%', distribution}, async () => {
        expect(median((await udpEchoes(host, {count: 9, atOnce: 3})).times)).to.be.within(35, 90 + SLACK_MS);
      });
    }
  });

  it('delays what arrives through a device of its own, and both ways twice', async () => {
    await during(latency, {delay: '80ms', direction: 'ingress', localPort: 7001}, async () => {
      expect(fastest(await tcpRoundTrips(host))).to.be.within(80, 80 + SLACK_MS);
      expect(fastest(await tcpRoundTrips(host, {port: OTHER}))).to.be.below(SLACK_MS);
    });
    await during(latency, {delay: '80ms', direction: 'both'}, async () => {
      expect(fastest(await tcpRoundTrips(host))).to.be.within(160, 160 + SLACK_MS);
      expect(fastest(await tcpRoundTrips(host6))).to.be.within(160, 160 + SLACK_MS);
    });
  });

  it('delays what goes to an address and nothing else', async () => {
    await during(latency, {delay: '100ms', address: ['10.203.0.0/24']}, async () => {
      expect(fastest(await tcpRoundTrips(host))).to.be.within(100, 100 + SLACK_MS);
      expect(fastest(await tcpRoundTrips(host6))).to.be.below(SLACK_MS);
    });
    await during(latency, {delay: '100ms', address: ['192.0.2.7', '2001:db8::/32']}, async () => {
      expect(fastest(await tcpRoundTrips(host))).to.be.below(SLACK_MS);
    });
  });

  it('loses the share that was asked for', async () => {
    const proof = await during(loss, {loss: '30%', protocol: 'udp', localPort: 7003}, async () => {
      const {came} = await udpEchoes(host, {count: 1000});
      // 700 expected, standard deviation 14.5: five of them.
      expect(came.length).to.be.within(627, 773);
      expect(fastest(await tcpRoundTrips(host))).to.be.below(SLACK_MS);
    });
    expect(proof.exercised).to.equal(1000);
    expect((await udpEchoes(host, {count: 200})).came).to.have.length(200);
  });

  it('loses in bursts by the Gilbert-Elliott model', async () => {
    await during(loss, {gemodel: {p: '5%', r: '20%'}, direction: 'ingress', protocol: 'udp'}, async () => {
      const {came} = await udpEchoes(host, {count: 1500});
      const lost = 1500 - came.length;
      // p / (p + r) = 20 % in the long run, in bursts of 1 / r = 5 packets.
      expect(lost / 1500).to.be.within(0.11, 0.3);
      const arrived = new Set(came);
      let bursts = 0;
      for (let n = 1; n < 1500; n += 1) if (!arrived.has(n) && arrived.has(n - 1)) bursts += 1;
      expect(lost / bursts).to.be.within(3, 8);
    });
  });

  it('flips bits that the receiver notices', async () => {
    const before = checksumErrors();
    await during(corruption, {share: '30%', protocol: 'udp'}, async () => {
      const {came} = await udpEchoes(host, {count: 500});
      expect(came.length).to.be.within(280, 430);
    });
    // A quarter of such a short datagram is covered by its own checksum: 37 expected, standard deviation 6.
    expect(checksumErrors() - before).to.be.within(10, 65);
  });

  it('duplicates', async () => {
    await during(duplication, {share: '50%', protocol: 'icmp'}, async () => {
      const said = await docker(
        'run',
        '--rm',
        '--network',
        network,
        'firedrill-test-busybox:1',
        'ping',
        '-c',
        '12',
        '-i',
        '0.1',
        host,
      );
      expect(said).to.include('DUP!');
    });
    await during(duplication, {share: '50%', localPort: 7003}, async () => {
      const {came} = await udpEchoes(host, {count: 400});
      // 600 expected, standard deviation 10: five of them.
      expect(came.length).to.be.within(550, 650);
      expect(new Set(came).size).to.equal(400);
    });
  });

  it('lets some packets overtake the others', async () => {
    await during(reordering, {share: '25%', delay: '40ms', localPort: 7003}, async () => {
      const {came} = await udpEchoes(host, {count: 400});
      expect(came).to.have.length(400);
      let lowest = Infinity;
      // From the last to come: who came before one that was sent earlier has overtaken it.
      const overtaking = [...came].reverse().filter(number => {
        lowest = Math.min(lowest, number);
        return number > lowest;
      });
      // 100 expected at most, standard deviation 8.7: some have nobody before them to overtake.
      expect(overtaking.length).to.be.within(30, 144);
    });
  });

  it('holds one port to a rate in one direction or the other', async () => {
    await during(bandwidth, {rate: '200kB/s', localPort: 7004}, async () => {
      expect(await throughput(host, 400_000)).to.be.within(150_000, 230_000);
      expect(fastest(await tcpRoundTrips(host))).to.be.below(SLACK_MS);
    });
    expect(await throughput(host, 2_000_000)).to.be.greaterThan(1_000_000);
  });
});

/** Perl that connects to a closed port with this type of service and prints how long the answer took, in ms. */
function connecting(to: string, tos: number): string {
  return `use Socket; use Time::HiRes 'time';
    socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!;
    setsockopt($s, 0, 1, pack('i', ${tos})) or die $!;
    my $from = time; connect($s, sockaddr_in(9, inet_aton('${to}'))); print((time - $from) * 1000);`;
}
