import {expect} from 'chai';
import fc from 'fast-check';
import {parseAddressBlock, type Impairment, type PacketFilter} from '../../../../src/targets/packets.js';
import {insteadOf, lackOf, missingOf, needsOf, plainLoss} from '../../../../src/targets/linux/shaping/capabilities.js';
import {matchesOf} from '../../../../src/targets/linux/shaping/filters.js';
import {layoutOf, type ShapedInterface} from '../../../../src/targets/linux/shaping/layout.js';
import {disciplineOf} from '../../../../src/targets/linux/shaping/qdisc.js';
import {leftOf, readShown, standingOf} from '../../../../src/targets/linux/shaping/reading.js';
import {doing, removing} from '../../../../src/targets/linux/shaping/script.js';
import {flipping, preparing, type Loss} from '../../../../src/targets/linux/shaping/statistic.js';

const DELAY: Impairment = {kind: 'netem', delay: {ms: 200, jitterMs: 20, correlation: 0.25, distribution: 'normal'}};
const EGRESS: ShapedInterface = {device: 'eth0', mtu: 1500, way: 'egress', ifb: ''};
const INGRESS: ShapedInterface = {device: 'eth0', mtu: 1500, way: 'ingress', ifb: 'fd0123456789ab'};
const ALL: PacketFilter = {direction: 'egress'};
const blocksOf = (...texts: string[]) => texts.flatMap(text => parseAddressBlock(text) ?? []);
const PRIO = 'qdisc add dev eth0 root handle fd1d: prio bands 4 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1';

function laid(filter: PacketFilter, places: readonly ShapedInterface[], impairment = DELAY) {
  const blocks = filter.address === undefined ? undefined : blocksOf(...filter.address);
  return layoutOf(places, impairment, {
    egress: matchesOf(filter, blocks, 'egress'),
    ingress: matchesOf(filter, blocks, 'ingress'),
  });
}

describe('the words of tc for an impairment', () => {
  const words = (impairment: Impairment) => disciplineOf(impairment, 1500).words;

  it('say delay, jitter, correlation and distribution', () => {
    expect(words(DELAY)).to.equal('netem limit 100000 delay 200ms 20ms 25% distribution normal');
    const even = {ms: 0.5, jitterMs: 0, correlation: 0, distribution: 'uniform'} as const;
    expect(words({kind: 'netem', delay: even})).to.equal('netem limit 100000 delay 0.5ms');
  });

  it('say every model of loss', () => {
    const loss = (one: NonNullable<Extract<Impairment, {kind: 'netem'}>['loss']>) => words({kind: 'netem', loss: one});
    expect(loss({model: 'random', share: 0.004, correlation: 0})).to.equal('netem limit 100000 loss random 0.4%');
    expect(loss({model: 'random', share: 0.1, correlation: 0.25})).to.include('loss random 10% 25%');
    expect(loss({model: 'gemodel', p: 0.01, r: 0.1, bad: 0.7, good: 0.001})).to.include('loss gemodel 1% 10% 70% 0.1%');
    const state = {p13: 0.01, p31: 0.2, p32: 0.3, p23: 0.4, p14: 0.05};
    expect(loss({model: 'state', ...state})).to.include('loss state 1% 20% 30% 40% 5%');
  });

  it('say corruption, duplication and reordering', () => {
    const half = {share: 0.5, correlation: 0};
    expect(words({kind: 'netem', corruption: half})).to.equal('netem limit 100000 corrupt 50%');
    expect(words({kind: 'netem', duplication: {...half, correlation: 0.1}})).to.include('duplicate 50% 10%');
    const delay = {ms: 10, jitterMs: 0, correlation: 0, distribution: 'uniform'} as const;
    expect(words({kind: 'netem', delay, reordering: {...half, gap: 5}})).to.include('delay 10ms reorder 50% gap 5');
  });

  it('give a bucket that holds a packet and 10 ms, and a queue in bytes', () => {
    const rate = (bytesPerSecond: number) => words({kind: 'bandwidth', bytesPerSecond, queueMs: 200});
    expect(rate(1000)).to.equal('tbf rate 1000bps burst 1600 limit 1800');
    expect(rate(1e6)).to.equal('tbf rate 1000000bps burst 10000 limit 210000');
  });
});

describe('the filters of tc', () => {
  it('join all conditions in one match for each alternative', () => {
    const filter: PacketFilter = {...ALL, protocol: 'tcp', localPort: [[8000, 8100]], remotePort: [[80, 80]]};
    expect(matchesOf(filter, blocksOf('10.0.0.0/8', '2001:db8::1'), 'egress')).to.deep.equal([
      {family: 'ip', keys: 'ip_proto tcp src_port 8000-8100 dst_port 80 dst_ip 10.0.0.0/8'},
      {family: 'ipv6', keys: 'ip_proto tcp src_port 8000-8100 dst_port 80 dst_ip 2001:db8::1/128'},
    ]);
    expect(matchesOf(filter, blocksOf('10.0.0.7'), 'ingress')).to.deep.equal([
      {family: 'ip', keys: 'ip_proto tcp dst_port 8000-8100 src_port 80 src_ip 10.0.0.7/32'},
    ]);
  });

  it('mean TCP and UDP by ports alone, and leave neighbour discovery out of ICMP', () => {
    const keys = (filter: PacketFilter) => matchesOf(filter, undefined, 'egress').map(({keys: one}) => one);
    expect(keys({...ALL, localPort: [[53, 53]]})).to.deep.equal([
      'ip_proto tcp src_port 53',
      'ip_proto udp src_port 53',
      'ip_proto tcp src_port 53',
      'ip_proto udp src_port 53',
    ]);
    expect(keys({...ALL, protocol: 'icmp'})).to.deep.equal([
      'ip_proto icmp',
      'ip_proto icmpv6 type 0/128',
      'ip_proto icmpv6 type 128/254',
    ]);
    expect(keys(ALL)).to.deep.equal([]);
  });

  it('are as many as the alternatives, once overlapping ranges are joined', () => {
    const ports = fc.array(fc.integer({min: 1, max: 60_000}), {minLength: 1, maxLength: 5});
    fc.assert(
      fc.property(ports, fc.nat(3), (list, protocols) => {
        const protocol = (['tcp', 'udp', undefined, undefined] as const)[protocols];
        const filter: PacketFilter = {...ALL, protocol, localPort: list.map(port => [port, port + 3] as const)};
        const matches = matchesOf(filter, blocksOf('10.0.0.1', '10.0.0.2'), 'egress');
        const covered = matches.length / 2 / (protocol === undefined ? 2 : 1);
        expect(Number.isInteger(covered)).to.equal(true);
        expect(covered).to.be.within(1, list.length);
        for (const {keys} of matches)
          expect(keys).to.match(/^ip_proto (tcp|udp) src_port \d+-\d+ dst_ip 10\.0\.0\.[12]\/32$/);
      }),
    );
  });
});

describe('the layout of shaping', () => {
  it('makes the whole interface the fault in one command where nothing is filtered', () => {
    const {prepare, flip, slots} = laid(ALL, [EGRESS]);
    expect(prepare).to.deep.equal({ip: [], tc: []});
    expect(flip.tc).to.deep.equal([
      'qdisc add dev eth0 root handle fd1d: netem limit 100000 delay 200ms 20ms 25% distribution normal',
    ]);
    expect(slots).to.have.length(1);
  });

  it('prepares a fourth band that nothing maps to, and flips by filters', () => {
    const {prepare, flip} = laid({...ALL, protocol: 'tcp', localPort: [[8082, 8082]]}, [EGRESS]);
    expect(prepare.tc).to.deep.equal([
      PRIO,
      'qdisc add dev eth0 parent fd1d:4 handle fd1e: netem limit 100000 delay 200ms 20ms 25% distribution normal',
    ]);
    expect(flip.tc).to.deep.equal([
      'filter add dev eth0 parent fd1d: protocol ip pref 64797 flower ip_proto tcp src_port 8082 classid fd1d:4',
      'filter add dev eth0 parent fd1d: protocol ipv6 pref 64798 flower ip_proto tcp src_port 8082 classid fd1d:4',
    ]);
  });

  it('sends only what matches on its way in through a device of its own', () => {
    const {prepare, flip} = laid({...ALL, direction: 'ingress', address: ['10.0.0.7']}, [INGRESS]);
    expect(prepare.ip[0]).to.equal('link add dev fd0123456789ab type ifb');
    expect(prepare.tc[1]).to.equal('qdisc add dev eth0 handle ffff: ingress');
    expect(flip.tc).to.deep.equal([
      'filter add dev eth0 parent ffff: protocol ip pref 64797 flower src_ip 10.0.0.7/32 action mirred egress redirect dev fd0123456789ab',
    ]);
    expect(doing(flip)).to.match(/^set -e\ntc -batch - <<'FIREDRILL'\nfilter add .*\nFIREDRILL$/);
  });

  it('removes by its own handle, and an entrance only where its own device is and nobody else filters', () => {
    const {slots} = laid({...ALL, direction: 'both'}, [EGRESS, INGRESS]);
    const [egress, ingress] = removing(slots).split('\n');
    expect(egress).to.equal('tc qdisc del dev eth0 root handle fd1d: 2>/dev/null');
    expect(ingress).to.match(
      /^if ip link show dev fd0123456789ab .*; then tc filter del .* ip link del dev fd0123456789ab; fi$/,
    );
  });
});

describe('what tc shows', () => {
  const {slots} = laid({...ALL, protocol: 'tcp', localPort: [[8082, 8082]]}, [EGRESS]);
  const shown = (options: object, filters: number) =>
    [
      '[{"ifname":"eth0","flags":["UP"],"mtu":1500}]',
      '#',
      JSON.stringify([
        {kind: 'prio', handle: 'fd1d:', dev: 'eth0', root: true},
        {kind: 'netem', handle: 'fd1e:', dev: 'eth0', parent: 'fd1d:4', options, packets: 5, drops: 2, qlen: 1},
      ]),
      JSON.stringify(Array.from({length: filters}, (_, nth) => ({pref: 64_797 + nth, options: {}}))),
    ].join('\n');
  const GOOD = {delay: {delay: 0.199999936, jitter: 0.02}};

  it('is in force with the right values and all filters, and counts what went through', () => {
    const standing = standingOf(readShown(shown(GOOD, 2), slots), slots);
    expect([standing.isInForce, standing.exercised]).to.deep.equal([true, 8]);
  });

  it('is not with a missing filter or another value, and says so', () => {
    expect(standingOf(readShown(shown(GOOD, 1), slots), slots).why).to.equal('eth0 egress: 1 of 2 filters are there');
    const changed = standingOf(readShown(shown({delay: {delay: 0.3, jitter: 0.02}}, 2), slots), slots);
    expect(changed.why).to.include('it reads netem {"delay":{"delay":0.3');
  });

  it('tells what is left of ours from what is not', () => {
    expect(leftOf(readShown(shown(GOOD, 0), slots), slots)).to.deep.equal(['qdisc fd1d: on eth0']);
    const foreign = '[]\n#\n[{"kind":"tbf","handle":"8001:","dev":"eth0","root":true}]\n[]';
    expect(leftOf(readShown(foreign, slots), slots)).to.deep.equal([]);
  });
});

describe('what a kernel can do', () => {
  const PRINTED = `ifb: Error: Unknown device type.
batch
Error: Specified qdisc kind is unknown.
Command failed -:1
Error: Invalid handle.
Command failed -:2
Error: Specified qdisc kind is unknown.
Command failed -:11
`;
  const missing = missingOf(PRINTED);

  it('is read from what was tried', () => {
    expect([...missing]).to.deep.equal([
      ['ifb', 'Error: Unknown device type.'],
      ['netem', 'Error: Specified qdisc kind is unknown.'],
      ['prio', 'Error: Specified qdisc kind is unknown.'],
    ]);
  });

  it('decides what is refused, and what would work instead', () => {
    const asked = {impairment: DELAY, isFiltered: true, direction: 'egress'} as const;
    expect(lackOf(needsOf(DELAY, 'egress', true), missing)).to.equal(
      'the kernel module sch_netem, the kernel module sch_prio (Error: Specified qdisc kind is unknown.)',
    );
    expect(insteadOf(asked, missing)).to.include('the same fault on a proxy target');
    const bandwidth: Impairment = {kind: 'bandwidth', bytesPerSecond: 1000, queueMs: 200};
    expect(lackOf(needsOf(bandwidth, 'egress', false), missing)).to.equal(undefined);
    expect(insteadOf({...asked, impairment: bandwidth}, missing)).to.include('the whole interface can be shaped');
  });

  it('lets iptables do plain loss only', () => {
    expect(plainLoss({kind: 'netem', loss: {model: 'random', share: 0.1, correlation: 0}})).to.equal(0.1);
    expect(plainLoss({kind: 'netem', loss: {model: 'random', share: 0.1, correlation: 0.2}})).to.equal(undefined);
    expect(plainLoss(DELAY)).to.equal(undefined);
  });
});

describe('loss by iptables', () => {
  const loss: Loss = {
    tag: '0123456789ab',
    share: 0.004,
    devices: ['eth0'],
    ways: ['egress'],
    filter: {protocol: 'tcp', localPort: [[80, 90]]},
    blocks: blocksOf('10.0.0.0/8'),
  };

  it('throws the dice once for a packet, exactly, in chains that carry the run', () => {
    expect(preparing(loss, 'iptables', 'firedrill run r-1').split('\n')).to.deep.equal([
      '*filter',
      ':fd1d-0123456789ab-lose - [0:0]',
      ':fd1d-0123456789ab-out - [0:0]',
      '-A fd1d-0123456789ab-lose -m statistic --mode random --probability 0.0040000000 -m comment --comment "firedrill run r-1" -j DROP',
      '-A fd1d-0123456789ab-out -p tcp --sport 80:90 -d 10.0.0.0/8 -g fd1d-0123456789ab-lose',
      'COMMIT',
      '',
    ]);
    expect(preparing(loss, 'ip6tables', 'r').split('\n')).to.have.length(6);
    expect(flipping(loss)).to.equal('*filter\n-I OUTPUT -o eth0 -j fd1d-0123456789ab-out\nCOMMIT\n');
  });
});
