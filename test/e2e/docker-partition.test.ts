import {execFileSync} from 'node:child_process';
import {expect} from 'chai';
import {setTimeout as delay} from 'node:timers/promises';
import {fault as partition} from '../../src/faults/network-partition/index.js';
import type {JsonObject} from '../../src/quantities/json.js';
import type {Change, Debt, Op, TargetRef, Undo} from '../../src/targets/contract.js';
import {DockerBench, patience} from '../support/docker-bench.js';
import {docker, removeAll, runContainer, uniqueName, type RunningContainer} from '../support/docker.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';
import {
  addressOn,
  datagramsIn,
  inNamespace,
  reaches,
  rulesIn,
  saidInside,
  shellInside,
  type How,
} from '../support/talk.js';
import {ECHO, OTHER, startEcho} from '../support/traffic.js';

const V4: readonly How[] = ['tcp', 'udp', 'ping'];
const ALL: readonly How[] = [...V4, 'tcp6', 'udp6', 'ping6'];

const open = (hows: readonly How[]) => Object.fromEntries(hows.map(how => [how, true]));
const shut = (hows: readonly How[]) => Object.fromEntries(hows.map(how => [how, false]));

/** Everything a change carries, with other arguments. */
function withArguments(change: Change, args: JsonObject): Change {
  const put = <T extends Op>(op: T): T => ({...op, args: {...op.args, ...args}});
  if (change.prepare === undefined || !('op' in change.undo)) throw new Error('not a partition');
  const undo = {...put(change.undo), proof: put(change.undo.proof)};
  return {...change, prepare: put(change.prepare), flip: put(change.flip), proof: put(change.proof), undo};
}

describeWith('docker', 'network-partition on containers', () => {
  describe('on a real engine', function () {
    const network = uniqueName('part');
    const other = uniqueName('part');
    let bench: DockerBench;
    let a: RunningContainer;
    let b: RunningContainer;
    let c: RunningContainer;
    let pending: readonly Debt[] = [];
    let named: Readonly<Record<string, readonly TargetRef[]>>;

    before(async () => {
      const subnet = `fd00:${(process.pid & 0xffff).toString(16)}:7::/64`;
      await docker('network', 'create', '--ipv6', '--subnet', subnet, network);
      await docker('network', 'create', other);
      [a, b, c] = await Promise.all([
        startEcho('--network', network),
        startEcho('--network', network),
        startEcho('--network', network),
      ]);
      bench = new DockerBench();
      const ref = async (one: RunningContainer) => (await bench.resolve({name: one.name})).map(found => found.ref);
      named = {a: await ref(a), b: await ref(b), c: await ref(c)};
    });

    afterEach(async () => {
      // What a failed test left must not be held against the next one.
      await bench.settle(pending);
      pending = [];
    });

    after(async () => {
      await bench.close();
      await Promise.all([a, b, c].map(one => one.remove()));
      // The engine may still hold the end of a container that is just gone.
      const isRemoved = (name: string) => async () => (await docker('network', 'rm', name).catch(() => '')) !== '';
      await Promise.all([network, other].map(name => until(`${name} is removed`, isRemoved(name))));
    });

    async function cut(target: RunningContainer | string, given: JsonObject = {}): Promise<readonly Change[]> {
      const selector = typeof target === 'string' ? {namePattern: target} : {name: target.name};
      return bench.draft(partition, selector, given, {named});
    }

    async function put(changes: readonly Change[]): Promise<readonly Debt[]> {
      const actuator = await bench.actuator();
      const debts = bench.debts(changes);
      pending = [...pending, ...debts];
      for (const marked of await actuator.mark(debts, 20_000)) expect(marked.state).to.equal('marked');
      for (const ops of [changes.flatMap(change => change.prepare ?? []), changes.map(change => change.flip)]) {
        for (const applied of await actuator.apply(ops, 60_000))
          expect(applied, applied.why).to.include({state: 'done'});
      }
      return debts;
    }

    async function states(changes: readonly Change[]): Promise<readonly string[]> {
      const proofs = await (
        await bench.reader()
      ).prove(
        changes.map(change => change.proof),
        patience(),
      );
      return proofs.map(proof => proof.state);
    }

    async function outcomes(debts: readonly Debt[]): Promise<readonly string[]> {
      return (await bench.settle(debts, 60_000)).map(one => one.outcome);
    }

    /** By the container's own ping, which has to resolve the name first. */
    const pinged = (from: RunningContainer, name: string) =>
      docker('exec', from.id, 'sh', '-c', `ping -c 1 -W 1 ${name}; true`);

    const failure = (target: RunningContainer, given: JsonObject) =>
      cut(target, given).then(
        () => undefined,
        (error: unknown) => error as {code: string; message: string},
      );

    it('is undone by the line that is told to people, too', async () => {
      const [change] = await cut(a);
      const debts = await put([change!]);
      expect(await reaches(a, b, network, V4)).to.deep.equal(shut(V4));
      const undo = change!.undo as Undo;
      execFileSync('sh', ['-c', undo.manual], {timeout: 20_000, stdio: 'pipe'});
      expect((await bench.prove(undo.proof)).state).to.equal('absent');
      expect(await reaches(a, b, network, V4)).to.deep.equal(open(V4));
      expect(await outcomes(debts)).to.deep.equal(['already']);
    });

    it('without parameters cuts a container off from everyone, by IPv4 and IPv6, both ways, and leaves the loopback and its name service alone', async () => {
      expect(await reaches(a, b, network, ALL)).to.deep.equal(open(ALL));
      const [change] = await cut(a);
      expect((await bench.prove(change!.proof)).state).to.equal('absent');
      const debts = await put([change!]);
      expect((await bench.prove(change!.proof)).state).to.equal('in-force');
      expect(await reaches(a, b, network, ALL)).to.deep.equal(shut(ALL));
      expect(await reaches(b, a, network, ALL)).to.deep.equal(shut(ALL));
      expect(await reaches(b, c, network, V4)).to.deep.equal(open(V4));
      expect(
        await saidInside(a, 'busybox ping -c 1 -W 1 127.0.0.1 && busybox ping -c 1 -W 1 ::1 && echo fine'),
      ).to.include('fine');
      // The name resolves: only what comes after it is lost.
      expect(await pinged(a, b.name)).to.include('100% packet loss');
      const proof = await bench.prove(change!.proof);
      expect(proof.exercised).to.be.greaterThan(4);
      expect(await outcomes(debts)).to.deep.equal(['undone']);
      expect(await reaches(a, b, network, ALL)).to.deep.equal(open(ALL));
      expect(await rulesIn(a)).to.deep.equal([]);
    });

    it('lets nothing through on a connection that was made before', async () => {
      const {ipv4} = await addressOn(b, network);
      const script = `exec 3<>/dev/tcp/${ipv4}/${ECHO}; echo early >&3; read -t 5 -u 3 x; echo "$x"
      read go; echo late >&3; read -t 1 -u 3 x || echo nothing; read -t 30 -u 3 x; echo "$x"`;
      const shell = await shellInside(a, script);
      let said = '';
      shell.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
      const heard = async (text: string) => {
        for (let tries = 0; tries < 200 && !said.includes(text); tries += 1) await delay(100);
        expect(said).to.include(text);
      };
      await heard('early');
      const debts = await put(await cut(a, {from: 'b'}));
      shell.stdin.write('go\n');
      await heard('nothing');
      expect(await outcomes(debts)).to.deep.equal(['undone']);
      await heard('late');
    });

    it('cuts it off from the targets that are named, and from nobody else', async () => {
      const changes = await cut(a, {from: ['b']});
      const debts = await put(changes);
      expect(await reaches(a, b, network, ALL)).to.deep.equal(shut(ALL));
      expect(await reaches(b, a, network, ALL)).to.deep.equal(shut(ALL));
      expect(await reaches(a, c, network, ALL)).to.deep.equal(open(ALL));
      expect(await outcomes(debts)).to.deep.equal(['undone']);
    });

    it('cuts one way only: what it sends is lost without a word, what it is sent arrives', async () => {
      const debts = await put(await cut(a, {from: 'b', direction: 'egress'}));
      const arrived = async (from: RunningContainer, to: RunningContainer) => {
        const [{ipv4}, before] = await Promise.all([addressOn(to, network), datagramsIn(to)]);
        const said = await saidInside(from, `for i in 1 2 3; do echo x >/dev/udp/${ipv4}/7003 && echo sent; done`);
        return {said, packets: (await datagramsIn(to)) - before};
      };
      expect(await arrived(a, b)).to.deep.equal({said: 'sent\nsent\nsent\n', packets: 0});
      expect((await arrived(b, a)).packets).to.equal(3);
      expect(await reaches(b, a, network, V4), 'no answer comes back').to.deep.equal(shut(V4));
      expect(await outcomes(debts)).to.deep.equal(['undone']);
    });

    it('cuts what matches protocol and ports, all of them', async () => {
      const hows: readonly How[] = ['tcp', 'other', 'ping', 'tcp6'];
      const debts = await put(await cut(a, {localPort: ECHO, protocol: 'tcp'}));
      expect(await reaches(b, a, network, hows)).to.deep.equal({tcp: false, other: true, ping: true, tcp6: false});
      expect(await reaches(a, b, network, hows)).to.deep.equal(open(hows));
      expect(await outcomes(debts)).to.deep.equal(['undone']);
      const pings = await put(await cut(a, {protocol: 'icmp', from: 'c'}));
      const mixed: readonly How[] = ['tcp', 'ping', 'tcp6', 'ping6'];
      expect(await reaches(a, c, network, mixed)).to.deep.equal({tcp: true, ping: false, tcp6: true, ping6: false});
      expect(await reaches(a, b, network, ['ping', 'ping6'])).to.deep.equal(open(['ping', 'ping6']));
      expect(await outcomes(pings)).to.deep.equal(['undone']);
      const remote = await put(await cut(a, {remotePort: `${OTHER}-${OTHER + 5}`, from: 'b'}));
      const ports: readonly How[] = ['tcp', 'other', 'udp', 'ping'];
      expect(await reaches(a, b, network, ports)).to.deep.equal({tcp: true, other: false, udp: false, ping: true});
      expect(await reaches(a, c, network, ports)).to.deep.equal(open(ports));
      expect(await outcomes(remote)).to.deep.equal(['undone']);
    });

    it('rejects instead of dropping, so that both sides fail at once', async () => {
      const debts = await put(await cut(a, {from: 'b', action: 'reject'}));
      const answer = async (from: RunningContainer, to: RunningContainer) => {
        const {ipv4, ipv6} = await addressOn(to, network);
        const one = (address: string) => `timeout 5 bash -c '</dev/tcp/${address}/${ECHO}'`;
        return saidInside(from, `${one(ipv4)}; ${one(ipv6)}`);
      };
      const isRefused = (said: string) => said.match(/Connection refused/g)?.length ?? 0;
      expect(isRefused(await answer(a, b))).to.be.greaterThan(1);
      expect(isRefused(await answer(b, a))).to.be.greaterThan(1);
      expect(await outcomes(debts)).to.deep.equal(['undone']);
    });

    it('separates groups of targets from each other: inside a group all talk, across groups nobody', async () => {
      const pattern = [a, b, c].map(({name}) => name).join('|');
      const changes = await cut(pattern, {between: [['a', 'b'], ['c']]});
      expect(changes).to.have.length(3);
      const debts = await put(changes);
      expect(await states(changes)).to.deep.equal(['in-force', 'in-force', 'in-force']);
      expect(await reaches(a, b, network, V4)).to.deep.equal(open(V4));
      expect(await reaches(b, a, network, V4)).to.deep.equal(open(V4));
      expect(await reaches(a, c, network, V4)).to.deep.equal(shut(V4));
      expect(await reaches(c, b, network, ALL)).to.deep.equal(shut(ALL));
      expect(await outcomes(debts)).to.deep.equal(['undone', 'undone', 'undone']);
      expect(await reaches(a, c, network, ALL)).to.deep.equal(open(ALL));
    });

    it('cuts off hosts by name, address and block, and a network by its name', async () => {
      const {ipv4, ipv6} = await addressOn(c, network);
      const debts = await put(await cut(a, {hosts: [b.name, `${ipv6}/128`]}));
      expect(await reaches(a, b, network, ALL)).to.deep.equal(shut(ALL));
      expect(await reaches(a, c, network, ALL)).to.deep.equal({...open(V4), ...shut(['tcp6', 'udp6', 'ping6'])});
      expect(await outcomes(debts)).to.deep.equal(['undone']);
      const block = await put(await cut(a, {hosts: `${ipv4.replace(/\.\d+$/, '.0')}/24`}));
      expect(await reaches(a, c, network, ALL)).to.deep.equal({...shut(V4), ...open(['tcp6', 'udp6', 'ping6'])});
      expect(await outcomes(block)).to.deep.equal(['undone']);
      await docker('network', 'connect', other, a.name);
      const far = await startEcho('--network', other);
      const one = await put(await cut(a, {network: other}));
      expect(await reaches(a, far, other, V4)).to.deep.equal(shut(V4));
      expect(await reaches(a, b, network, ALL)).to.deep.equal(open(ALL));
      expect(await outcomes(one)).to.deep.equal(['undone']);
      expect(await reaches(a, far, other, V4)).to.deep.equal(open(V4));
      await docker('network', 'disconnect', other, a.name);
      await far.remove();
    });

    it('notices that a name leads elsewhere than its rules, and follows it when it is applied again', async () => {
      const name = uniqueName('moving');
      const start = () =>
        runContainer({name, command: ['sleep', '600'], args: ['--network', network, '--network-alias', 'moved']});
      const first = await start();
      const [byName] = await cut(a, {hosts: [name]});
      const [byAlias] = await cut(a, {hosts: ['moved'], localPort: ECHO});
      const debts = [...(await put([byName!])), ...(await put([byAlias!]))];
      expect(await states([byName!, byAlias!])).to.deep.equal(['in-force', 'in-force']);
      const squatter = await docker(
        'run',
        '-d',
        '--network',
        network,
        '--label',
        `dev.firedrill.test=${process.pid}`,
        'firedrill-test-busybox:1',
        'sleep',
        '600',
      );
      await first.remove();
      // Gone is nowhere: there is nothing that the rules fail to cover.
      expect(await states([byName!])).to.deep.equal(['in-force']);
      const squatters = await docker(
        'run',
        '-d',
        '--network',
        network,
        '--label',
        `dev.firedrill.test=${process.pid}`,
        'firedrill-test-busybox:1',
        'sleep',
        '600',
      );
      const second = await start();
      const {ipv4} = await addressOn(second, network);
      const proof = await bench.prove(byName!.proof);
      expect(proof).to.include({state: 'absent'});
      expect(proof.why).to.include(ipv4);
      expect((await bench.prove(byAlias!.proof)).state).to.equal('absent');
      expect(await pinged(a, name)).to.include(' 0% packet loss');
      const again = await cut(a, {hosts: [name]});
      const more = await put(again);
      expect(await states(again)).to.deep.equal(['in-force']);
      expect(await pinged(a, name)).to.include('100% packet loss');
      expect(await outcomes([...debts, ...more])).to.deep.equal(['undone', 'undone', 'undone']);
      expect(await rulesIn(a)).to.deep.equal([]);
      await docker('rm', '-f', squatter, squatters);
      await second.remove();
    });

    it('is gone with a restart of the target, says so, and can be applied again', async () => {
      const target = await startEcho('--network', network);
      const [change] = await cut(target, {from: 'b'});
      const debts = await put([change!]);
      await docker('restart', '-t', '0', target.name);
      const proof = await bench.prove(change!.proof);
      expect(proof.state).to.equal('absent');
      const [again] = await cut(target, {from: 'b'});
      const more = await put([again!]);
      expect(await reaches(target, b, network, ['ping'])).to.deep.equal({ping: false});
      expect(await outcomes(debts)).to.deep.equal(['gone']);
      expect((await bench.prove(again!.proof)).state, 'the later one stays').to.equal('in-force');
      await docker('stop', '-t', '0', target.name);
      expect(await outcomes(more)).to.deep.equal(['already']);
      await target.remove();
      expect(await bench.owed()).to.deep.equal([]);
    });

    it('is undone by two at once, twice, after half of it was prepared, and while the target is paused', async () => {
      const [change] = await cut(a, {from: 'b'});
      const debts = await put([change!]);
      const both = await Promise.all([outcomes(debts), outcomes(debts)]);
      for (const [outcome] of both) expect(outcome).to.be.oneOf(['undone', 'already']);
      expect(await outcomes(debts)).to.deep.equal(['already']);
      expect(await rulesIn(a)).to.deep.equal([]);
      const [half] = await cut(a);
      const owed = bench.debts([half!]);
      const actuator = await bench.actuator();
      await actuator.mark(owed, 20_000);
      await actuator.apply([half!.prepare!], 20_000);
      // As if it had died between the families.
      await inNamespace(a, 'for c in $(ip6tables -S | sed -n "s/^-N //p"); do ip6tables -F $c; ip6tables -X $c; done');
      expect((await bench.prove(half!.proof)).state).to.equal('absent');
      expect(await outcomes(owed)).to.deep.equal(['undone']);
      expect(await rulesIn(a)).to.deep.equal([]);
      const frozen = await put(await cut(a, {from: 'b'}));
      await docker('pause', a.name);
      expect(await outcomes(frozen)).to.deep.equal(['undone']);
      await docker('unpause', a.name);
      expect(await rulesIn(a)).to.deep.equal([]);
    });

    it('leaves the rules of others alone, of either backend, and notices one that takes precedence', async () => {
      const theirs = '-A INPUT -s 203.0.113.7/32 -j DROP';
      await inNamespace(a, `iptables ${theirs}; iptables-legacy ${theirs}`);
      const before = await (await bench.reader()).facets(named['a']!, patience());
      const [change] = await cut(a, {from: 'b'});
      const debts = await put([change!]);
      const during = await (await bench.reader()).facets(named['a']!, patience());
      expect(during).to.not.deep.equal(before);
      expect(change!.touches).to.deep.equal(['firewall']);
      await inNamespace(a, 'iptables -I INPUT 1 -s 203.0.113.8/32 -j ACCEPT');
      expect((await bench.prove(change!.proof)).why).to.include('another IPv4 rule stands before it');
      await inNamespace(a, 'iptables -D INPUT 1');
      expect((await bench.prove(change!.proof)).state).to.equal('in-force');
      expect(await outcomes(debts)).to.deep.equal(['undone']);
      expect(await (await bench.reader()).facets(named['a']!, patience())).to.deep.equal(before);
      expect(await rulesIn(a)).to.deep.equal([theirs]);
      await inNamespace(a, 'iptables -F INPUT; iptables-legacy -F INPUT');
    });

    it('works with the legacy backend as well, and undoes with what it was made with', async () => {
      const [drafted] = await cut(a, {from: 'b'});
      const rules = {...(drafted!.flip.args['rules'] as JsonObject), backend: 'legacy'};
      const change = withArguments(drafted!, {rules});
      const debts = await put([change]);
      expect(await reaches(a, b, network, ALL)).to.deep.equal(shut(ALL));
      expect(await rulesIn(a), 'nothing in the other backend').to.deep.equal([]);
      expect(await outcomes(debts)).to.deep.equal(['undone']);
      expect(await reaches(a, b, network, ALL)).to.deep.equal(open(ALL));
      expect(await inNamespace(a, 'iptables-legacy -S')).to.not.include('FIREDRILL');
    });

    it('is let go by the kernel itself when nobody is left to undo it', async () => {
      const [drafted] = await cut(a, {from: 'b'});
      expect(drafted!.keeper).to.equal('target');
      const change = withArguments(drafted!, {kernelHoldMs: 3_000});
      const debts = await put([change]);
      expect(await reaches(a, b, network, ['ping'])).to.deep.equal({ping: false});
      await delay(3_000);
      expect(await reaches(a, b, network, ['ping'])).to.deep.equal({ping: true});
      const proof = await bench.prove(change.proof);
      expect(proof.state).to.equal('absent');
      expect(proof.why).to.include('deadline');
      await (await bench.actuator()).renew(debts, 20_000);
      expect((await bench.prove(change.proof)).state).to.equal('in-force');
      expect(await outcomes(debts)).to.deep.equal(['undone']);
      expect(await rulesIn(a)).to.deep.equal([]);
    });

    it('refuses what it could not do to the target alone, and who cannot be found', async () => {
      const host = await runContainer({name: uniqueName('part'), args: ['--network', 'host']});
      const guest = await runContainer({name: uniqueName('part'), args: ['--network', `container:${b.name}`]});
      const apart = await startEcho('--network', other);
      expect((await failure(host, {}))?.message).to.include('cut off the host');
      expect((await failure(guest, {}))?.message).to.include('shares the network');
      expect((await failure(a, {hosts: 'no-such-name-at-all'}))?.message).to.include('cannot resolve');
      expect((await failure(a, {network: 'elsewhere'}))?.message).to.include('is attached to');
      expect((await failure(apart, {from: 'b'}))?.message).to.include('is on no network with');
      expect((await failure(apart, {between: [['a'], ['b']]}))?.message).to.include('it is in none');
      const [shared] = await cut(b, {from: 'a'});
      expect(shared!.summary, 'who else is hit').to.include(guest.name);
      await Promise.all([host, guest, apart].map(one => one.remove()));
    });

    it('cuts off fifty containers and brings all of them back', async () => {
      const prefix = `${uniqueName('fifty')}-`;
      const names = Array.from({length: 50}, (_, nth) => `${prefix}${nth}`);
      try {
        for (let at = 0; at < names.length; at += 5) {
          await Promise.all(
            names
              .slice(at, at + 5)
              .map(name => runContainer({name, command: ['sleep', '900'], args: ['--network', other]})),
          );
        }
        const probe = await startEcho('--network', other);
        const answering = async () => {
          const line = `for n in ${names.join(' ')}; do ping -c 1 -W 2 $n >/dev/null 2>&1 && echo $n & done; wait`;
          const said = await docker('exec', probe.id, 'sh', '-c', line);
          return said.split('\n').filter(text => text !== '').length;
        };
        expect(await answering()).to.equal(50);
        const changes = await cut(`${prefix}\\d+`);
        expect(changes).to.have.length(50);
        const debts = await put(changes);
        expect(new Set(await states(changes))).to.deep.equal(new Set(['in-force']));
        expect(await answering()).to.equal(0);
        expect(new Set(await outcomes(debts))).to.deep.equal(new Set(['undone']));
        expect(await answering()).to.equal(50);
        await probe.remove();
      } finally {
        await removeAll(prefix);
      }
    }).timeout(600_000);
  });
});
