import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {expect} from 'chai';
import {fault as cpuStress} from '../../src/faults/cpu-stress/index.js';
import {fault as ioStress} from '../../src/faults/io-stress/index.js';
import {fault as memoryStress} from '../../src/faults/memory-stress/index.js';
import {fault as pidsLimit} from '../../src/faults/pids-limit/index.js';
import type {Change} from '../../src/targets/contract.js';
import {membersOf} from '../../src/targets/linux/cgroups.js';
import {taggedProcesses} from '../../src/targets/linux/tagged.js';
import {DockerBench} from '../support/docker-bench.js';
import {
  addBusybox,
  addProgram,
  cached,
  cgroupFile,
  docker,
  importBusybox,
  inspect,
  removeAll,
  runContainer,
  uniqueName,
} from '../support/docker.js';
import {describeWith, itUnless} from '../support/needs.js';
import {until} from '../support/processes.js';
import {refusal} from '../support/refusal.js';

const MIB = 2 ** 20;
const LOOP = ['sh', '-c', 'while true; do :; done'];

/** cgroup v1 has a folder for each controller; on v2 the same figures have other names. */
const isV1 = existsSync('/sys/fs/cgroup/memory/cgroup.procs');
const needsV1 = isV1 ? undefined : 'this machine has no cgroup v1';

/** Processor time of a container's first process, s. */
async function cpuOf(id: string): Promise<number> {
  const {State} = await inspect(id);
  const fields = readFileSync(`/proc/${State.Pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Cores that it got over some time. */
async function coresOf(id: string, ms = 1_000): Promise<number> {
  const [before, begun] = [await cpuOf(id), performance.now()];
  await delay(ms);
  return ((await cpuOf(id)) - before) / ((performance.now() - begun) / 1000);
}

/** A helper image that has what the stress needs. */
const importStress = () =>
  cached('firedrill-test-stress:1', root => {
    addBusybox(root);
    addProgram(root, '/usr/bin/stress-ng', '/usr/bin/stress-ng');
  });

const tagOf = (change: Change) => change.flip.args['tag'] as string;

describeWith('docker', 'Resources of real containers', () => {
  let bench: DockerBench;

  beforeEach(() => {
    bench = new DockerBench();
  });
  afterEach(async () => {
    await bench.close();
    await removeAll(`fd-resource-${process.pid}-`);
  });

  const run = (command?: readonly string[], ...args: string[]) =>
    runContainer({name: uniqueName('resource'), args, ...(command === undefined ? {} : {command})});

  describe('cpu-stress', function () {
    it('takes processor time from a busy container inside its own limit, and gives it back', async () => {
      // A tenth of one core is there on the busiest of machines, and on one core all get the same share of it.
      const container = await run(LOOP, '--cpus', '0.1', '--cpuset-cpus', '0');
      const before = await coresOf(container.id);
      expect(before).to.be.within(0.06, 0.15);
      const {change, debts} = await bench.injectOne(cpuStress, container.name, {workers: 3});
      expect(change.keeper).to.equal('target');
      // They have to start on their share first.
      const during = await coresOf(container.id, 3_000);
      expect(during / before, 'one of four that compete for the same tenth of a core').to.be.within(0.05, 0.6);
      const proof = await bench.prove(change.proof);
      expect(proof.state).to.equal('in-force');
      expect(proof.exercised, 'processor time of the stressors').to.be.greaterThan(0.02);
      expect(proof.readings).to.have.nested.property('cgroup.throttledPeriods').that.is.greaterThan(2);
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
      expect(taggedProcesses(tagOf(change))).to.deep.equal([]);
      expect((await coresOf(container.id)) / before, 'after').to.be.greaterThan(0.8);
    });

    it('runs in every cgroup of the container, in its pid namespace, with an end of its own', async () => {
      const container = await run();
      const {change, debts} = await bench.injectOne(cpuStress, container.name, {workers: 1, load: '10%'});
      await until('the workers are there', () => taggedProcesses(tagOf(change)).length > 1);
      const stressors = taggedProcesses(tagOf(change));
      const {Pid} = (await container.inspect()).State;
      for (const {pid} of stressors) {
        expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).to.equal(readFileSync(`/proc/${Pid}/cgroup`, 'utf8'));
      }
      // Forever would be 0; the bench asks for 10 s.
      expect(change.flip.args['argv']).to.include.members(['--timeout', '70s']);
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
    });

    it('ends by itself at its own deadline when nobody undoes it', async () => {
      const container = await run();
      const [change] = await bench.draft(cpuStress, {name: container.name}, {workers: 1, load: '10%'});
      const argv = (change!.flip.args['argv'] as string[]).map(word => (word === '70s' ? '1s' : word));
      const shorter = (op: Change['flip']) => ({...op, args: {...op.args, argv}});
      const {debts} = await bench.inject([
        {...change!, prepare: shorter(change!.prepare!), flip: shorter(change!.flip)},
      ]);
      await until('the stressors ended', () => taggedProcesses(tagOf(change!)).length === 0);
      expect((await bench.prove(change!.proof)).state).to.equal('absent');
      expect(await bench.undo(debts)).to.deep.equal(['already']);
    });

    for (const [what, end] of [
      ['stopped', (id: string) => docker('stop', '-t', '1', id)],
      ['restarted', (id: string) => docker('restart', '-t', '1', id)],
      ['killed', (id: string) => docker('kill', id)],
      ['removed', (id: string) => docker('rm', '-f', id)],
    ] as const)
      it(`ends with its container when that is ${what}`, async () => {
        const container = await run();
        const {change, debts} = await bench.injectOne(cpuStress, container.name, {workers: 1, load: '10%'});
        await end(container.id);
        await until('the stressors are gone', () => taggedProcesses(tagOf(change)).length === 0);
        expect((await bench.prove(change.proof)).state).to.equal('absent');
        expect((await bench.undo(debts))[0]).to.be.oneOf(['gone', 'already']);
      });

    it('is undone while its container is frozen, and leaves that frozen', async () => {
      const container = await run();
      const {change, debts} = await bench.injectOne(cpuStress, container.name, {workers: 1, load: '10%'});
      await docker('pause', container.id);
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
      expect(taggedProcesses(tagOf(change))).to.deep.equal([]);
      expect((await container.inspect()).State.Paused).to.equal(true);
      await docker('unpause', container.id);
    });

    it('ends also where the container shares the pid namespace of the machine', async () => {
      const container = await run(undefined, '--pid', 'host');
      const {change, debts} = await bench.injectOne(cpuStress, container.name, {workers: 1, load: '10%'});
      expect(change.undo).to.include({lifetime: 'object'});
      await docker('rm', '-f', container.id);
      expect(await bench.undo(debts)).to.deep.equal(['gone']);
      expect(taggedProcesses(tagOf(change))).to.deep.equal([]);
    });

    it('leaves no zombies in a container whose first process never looks for them', async () => {
      const container = await run(['sleep', '1000']);
      const {debts} = await bench.injectOne(cpuStress, container.name, {workers: 2, load: '10%'});
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
      const folder = `/sys/fs/cgroup/${isV1 ? 'pids/' : ''}docker/${container.id}`;
      expect(membersOf(folder)).to.deep.equal([(await container.inspect()).State.Pid]);
      const states = await docker('exec', container.id, 'sh', '-c', 'cat /proc/[0-9]*/stat');
      expect(states)
        .to.match(/^1 \(sleep\) S/m)
        .and.not.match(/\) Z /);
    });

    it('is refused where the container may not have the processes that it needs', async () => {
      const container = await run(undefined, '--pids-limit', '6');
      const error = await refusal(bench.draft(cpuStress, {name: container.name}, {workers: 4}));
      expect(error.message).to.match(/may have 6 processes and has \d; stress-ng needs up to 11 more/);
    });
  });

  describe('stress by a helper container, where the host cannot be entered', function () {
    let away: DockerBench;
    beforeEach(async () => {
      away = new DockerBench({enter: 'helper', helperImage: await importStress()});
    });
    afterEach(async () => {
      await away.close();
    });

    const helpers = (change: Change) =>
      docker('ps', '-a', '--format', '{{.State}}', '--filter', `name=firedrill-stress-${tagOf(change)}`);

    itUnless(needsV1, 'takes processor time under the limit of the container, and is gone once undone', async () => {
      const container = await run(LOOP, '--cpus', '0.1', '--cpuset-cpus', '0');
      const before = await coresOf(container.id);
      const {change, debts} = await away.injectOne(cpuStress, container.name, {workers: 3});
      expect(await helpers(change)).to.equal('running');
      // The helper is a group of its own beside the container's process: each gets half, in slices of 5 ms.
      expect((await coresOf(container.id, 3_000)) / before).to.be.within(0.05, 0.8);
      const proof = await away.prove(change.proof);
      expect(proof.state, proof.why).to.equal('in-force');
      expect(proof.exercised).to.be.greaterThan(0.02);
      expect((await away.settle(debts))[0]?.outcome).to.equal('undone');
      expect(await helpers(change)).to.equal('');
      expect((await away.settle(debts))[0]?.outcome).to.equal('already');
    });

    itUnless(needsV1, 'ends with its container, and leaves no helper that was made and never started', async () => {
      const container = await run(undefined, '--memory', '64m');
      const {change, debts} = await away.injectOne(memoryStress, container.name, {size: '16MiB'});
      await docker('restart', '-t', '1', container.id);
      await until('the helper is gone', async () => (await helpers(change)) === '');
      expect((await away.settle(debts))[0]?.outcome).to.be.oneOf(['gone', 'already']);
      const [again] = await away.draft(memoryStress, {name: container.name}, {size: '16MiB'});
      const {debts: owed} = await away.inject([{...again!, flip: again!.prepare!}]);
      expect(await helpers(again!)).to.equal('created');
      await docker('rm', '-f', container.id);
      expect((await away.settle(owed))[0]?.outcome).to.equal('gone');
      expect(await helpers(again!)).to.equal('');
    });

    it('is refused by the plan where the image has no stress-ng', async () => {
      const container = await run();
      const bare = new DockerBench({enter: 'helper', helperImage: await importBusybox()});
      try {
        const error = await refusal(bare.draft(cpuStress, {name: container.name}, {}));
        expect(error.code).to.equal('CAPABILITY_MISSING');
        expect(error.message).to.match(/the helper image `\S+` has no `stress-ng`/);
        expect(error.hint).to.contain('`cpu-throttle`');
      } finally {
        await bare.close();
      }
    });
  });

  describe('memory-stress', function () {
    itUnless(needsV1, 'holds memory inside the container, counted by its cgroup, and frees it', async () => {
      const container = await run(undefined, '--memory', '128m');
      const usage = async () => Number(await cgroupFile(container.id, 'memory', 'memory.usage_in_bytes'));
      const before = await usage();
      const {change, debts} = await bench.injectOne(memoryStress, container.name, {size: '64MiB'});
      expect(change.summary).to.match(
        /64MiB held; .*MiB are left under its limit of 128MiB: beyond that the kernel kills/,
      );
      await until('all of it is held', async () => (await bench.prove(change.proof)).exercised! > 60 * MIB);
      expect((await bench.prove(change.proof)).state).to.equal('in-force');
      expect((await usage()) - before).to.be.within(60 * MIB, 80 * MIB);
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
      expect((await usage()) - before).to.be.lessThan(8 * MIB);
    });

    itUnless(needsV1, 'fills up to a share of the limit', async () => {
      const container = await run(undefined, '--memory', '128m');
      const {debts} = await bench.injectOne(memoryStress, container.name, {share: '80%'});
      const used = async () => Number(await cgroupFile(container.id, 'memory', 'memory.usage_in_bytes')) / (128 * MIB);
      // The proof is content with a good part of it; the rest follows.
      await until('the share is held', async () => (await used()) > 0.74);
      expect(await used()).to.be.lessThan(0.9);
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
    });

    it('refuses what does not fit under the limit, and what would bring the machine itself into need', async () => {
      const limited = await run(undefined, '--memory', '64m');
      const tight = await refusal(bench.draft(memoryStress, {name: limited.name}, {size: '64MiB'}));
      expect(tight.message).to.match(/left of its limit of 64MiB; a stressor that holds 64MiB does not fit/);
      expect(tight.hint).to.match(/^Ask for at most \d+(\.\d+)?MiB\.$/);
      const free = await run();
      for (const parameters of [{size: '1TiB'}, {share: '99%'}]) {
        const error = await refusal(bench.draft(memoryStress, {name: free.name}, parameters));
        expect(error.code).to.equal('TARGET_UNSUITABLE');
        expect(error.message).to.contain('keeps a margin of');
      }
    });
  });

  describe('io-stress', function () {
    it("writes in the container's own file system, and leaves nothing there", async () => {
      const container = await run();
      const {change, debts} = await bench.injectOne(ioStress, container.name, {size: '4MiB', path: '/tmp'});
      const folder = join(`/proc/${(await container.inspect()).State.Pid}/root/tmp`, `.firedrill-io-${tagOf(change)}`);
      expect(readdirSync(folder)).to.have.length(1);
      const first = (await bench.prove(change.proof)).exercised;
      await delay(300);
      const proof = await bench.prove(change.proof);
      expect(proof.state).to.equal('in-force');
      expect(proof.exercised, 'bytes written').to.be.greaterThan(first!);
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
      expect(existsSync(folder)).to.equal(false);
    });

    it('leaves nothing on a volume when its container was removed meanwhile', async () => {
      const volume = uniqueName('resource-volume');
      const container = await run(undefined, '-v', `${volume}:/data`);
      const {change, debts} = await bench.injectOne(ioStress, container.name, {size: '4MiB', path: '/data'});
      const source = await docker('volume', 'inspect', '-f', '{{.Mountpoint}}', volume);
      expect(readdirSync(source)).to.deep.equal([`.firedrill-io-${tagOf(change)}`]);
      await docker('rm', '-f', container.id);
      expect((await bench.prove(debts[0]!.undo.proof)).state).to.equal('in-force');
      expect(await bench.undo(debts)).to.deep.equal(['gone']);
      expect(readdirSync(source)).to.deep.equal([]);
      await docker('volume', 'rm', volume);
    });

    it('is refused on a tmpfs, where there is no disk', async () => {
      const container = await run(undefined, '--tmpfs', '/fast:size=64m');
      const error = await refusal(bench.draft(ioStress, {name: container.name}, {path: '/fast', size: '1MiB'}));
      expect(error.message).to.contain('has no disk at `/fast`: it is a tmpfs');
    });
  });

  describe('pids-limit', function () {
    const fork = (id: string) =>
      docker('exec', id, 'sh', '-c', 'sleep 0.01 & wait').then(
        () => 'forked',
        () => 'failed',
      );

    itUnless(needsV1, 'lets no process start once the limit is reached, and lifts it again', async () => {
      const container = await run(['sleep', '1000']);
      expect(await fork(container.id)).to.equal('forked');
      const {change, debts} = await bench.injectOne(pidsLimit, container.name, {limit: 1});
      expect(change.summary).to.contain('it has 1: they stay, none can be added');
      expect(await cgroupFile(container.id, 'pids', 'pids.max')).to.equal('1');
      expect(await fork(container.id)).to.equal('failed');
      const proof = await bench.prove(change.proof);
      expect(proof.state).to.equal('in-force');
      expect(proof.exercised, 'forks that failed').to.be.greaterThan(0);
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
      expect(await cgroupFile(container.id, 'pids', 'pids.max')).to.equal('max');
      expect(await fork(container.id)).to.equal('forked');
    });

    itUnless(needsV1, 'puts a limit back that was there before, and refuses one that is none', async () => {
      const container = await run(undefined, '--pids-limit', '50');
      const {debts} = await bench.injectOne(pidsLimit, container.name, {limit: 20});
      expect(await cgroupFile(container.id, 'pids', 'pids.max')).to.equal('20');
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
      expect(await cgroupFile(container.id, 'pids', 'pids.max')).to.equal('50');
      const error = await refusal(bench.draft(pidsLimit, {name: container.name}, {limit: 50}));
      expect(error.message).to.contain('is expected to have a pids limit above 50; its limit is 50');
    });
  });
});
