import {existsSync, readdirSync, statSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import {fault as diskFill} from '../../src/faults/disk-fill/index.js';
import {fault as exhaustion} from '../../src/faults/file-descriptor-exhaustion/index.js';
import type {Change} from '../../src/targets/contract.js';
import {descriptorsOf, limitsOf} from '../../src/targets/linux/descriptors.js';
import {familyOf} from '../../src/targets/linux/namespaces.js';
import {DockerBench} from '../support/docker-bench.js';
import {
  addBusybox,
  cached,
  docker,
  importNode,
  removeAll,
  runContainer,
  uniqueName,
  type RunningContainer,
} from '../support/docker.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';
import {refusal} from '../support/refusal.js';

const MIB = 2 ** 20;
const SERVER = `require('http').createServer((q, s) => s.end('ok')).listen(8080, '0.0.0.0')`;

const fileOf = (change: Change) => change.flip.args['file'] as string;

describeWith('docker', 'What runs out in real containers', () => {
  let bench: DockerBench;

  beforeEach(() => {
    bench = new DockerBench();
  });
  afterEach(async () => {
    await bench.close();
    await removeAll(`fd-exhaustion-${process.pid}-`);
  });

  const run = (...args: string[]) => runContainer({name: uniqueName('exhaustion'), args});
  const rootOf = async (container: RunningContainer) => `/proc/${(await container.inspect()).State.Pid}/root`;

  describe('disk-fill', function () {
    const writes = (id: string, file: string) =>
      docker('exec', id, 'dd', 'if=/dev/zero', `of=${file}`, 'bs=64k', 'count=16').then(
        () => 'written',
        (error: unknown) => (/No space left/.test(String(error)) ? 'ENOSPC' : String(error)),
      );

    it('leaves no room on a small file system: writing fails with ENOSPC, and works again once undone', async () => {
      const container = await run('--tmpfs', '/small:size=8m');
      expect(await writes(container.id, '/small/before')).to.equal('written');
      const {change, debts} = await bench.injectOne(diskFill, container.name, {share: '100%', path: '/small'});
      expect(change.summary).to.contain('a tmpfs: it is memory');
      expect(await writes(container.id, '/small/during')).to.equal('ENOSPC');
      const proof = await bench.prove(change.proof);
      expect(proof.state).to.equal('in-force');
      expect(proof.readings).to.include({free: 0});
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
      expect(await writes(container.id, '/small/after')).to.equal('written');
      expect(await bench.undo(debts)).to.deep.equal(['already']);
    });

    it('writes exactly one file of the size that was asked for into the writable layer', async () => {
      const container = await run();
      const {change, debts} = await bench.injectOne(diskFill, container.name, {size: '24MiB', path: '/tmp'});
      const folder = join(await rootOf(container), 'tmp');
      expect(readdirSync(folder)).to.deep.equal([fileOf(change)]);
      const {size, blocks} = statSync(join(folder, fileOf(change)));
      expect([size, blocks * 512 >= 24 * MIB]).to.deep.equal([24 * MIB, true]);
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
      expect(readdirSync(folder)).to.deep.equal([]);
    });

    it('is removed from the writable layer of a container that was stopped', async () => {
      const container = await run();
      const {debts} = await bench.injectOne(diskFill, container.name, {size: '4MiB'});
      await docker('stop', '-t', '1', container.id);
      expect((await bench.prove(debts[0]!.undo.proof)).state).to.equal('in-force');
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
      await docker('start', container.id);
      expect(readdirSync(await rootOf(container)).filter(name => name.startsWith('.firedrill'))).to.deep.equal([]);
    });

    it('is removed from a volume whose container no longer exists', async () => {
      const volume = uniqueName('exhaustion-volume');
      const container = await run('-v', `${volume}:/data`);
      const {debts} = await bench.injectOne(diskFill, container.name, {size: '4MiB', path: '/data'});
      const source = await docker('volume', 'inspect', '-f', '{{.Mountpoint}}', volume);
      expect(readdirSync(source)).to.have.length(1);
      await docker('rm', '-f', container.id);
      expect(await bench.undo(debts)).to.deep.equal(['gone']);
      expect(readdirSync(source)).to.deep.equal([]);
      await docker('volume', 'rm', volume);
    });

    it('goes with the tmpfs of a container that was restarted', async () => {
      const container = await run('--tmpfs', '/small:size=8m');
      const {debts} = await bench.injectOne(diskFill, container.name, {size: '1MiB', path: '/small'});
      await docker('restart', '-t', '1', container.id);
      expect((await bench.undo(debts))[0]).to.be.oneOf(['gone', 'already']);
    });

    it("follows the container's symbolic links inside the container and never out of it", async () => {
      const container = await run();
      const outside = `/tmp/${uniqueName('outside')}`;
      await docker('exec', container.id, 'sh', '-c', `busybox mkdir ${outside}; busybox ln -s ${outside} /link`);
      await docker('exec', container.id, 'busybox', 'ln', '-s', '../../../../../../../tmp', '/up');
      for (const [path, inside] of [
        ['/link', outside],
        ['/up', '/tmp'],
      ] as const) {
        const {change, debts} = await bench.injectOne(diskFill, container.name, {size: '1MiB', path});
        const file = fileOf(change);
        expect(existsSync(join(await rootOf(container), inside, file)), path).to.equal(true);
        expect(existsSync(join(inside, file)), `${path} on this machine`).to.equal(false);
        expect(await bench.undo(debts)).to.deep.equal(['undone']);
      }
    });

    it('takes over no file that someone put at its place, and removes none that it did not make', async () => {
      const container = await run();
      const [change] = await bench.draft(diskFill, {name: container.name}, {size: '1MiB', path: '/tmp'});
      const trap = join('/tmp', fileOf(change!));
      await docker('exec', container.id, 'busybox', 'ln', '-s', '/precious', trap);
      const {applied, debts} = await bench.inject([change!]);
      expect(applied[0]?.state).to.equal('refused');
      expect(applied[0]?.why).to.contain('EEXIST');
      expect(await bench.undo(debts)).to.deep.equal(['already']);
      expect(existsSync(join(await rootOf(container), 'precious'))).to.equal(false);
    });

    it("never goes below a safe margin of free space on the machine's own file system", async () => {
      const container = await run();
      for (const parameters of [
        {share: '100%'},
        {size: '1000TiB'},
        {share: '100%', margin: '0B'},
        {size: '1MiB', margin: '1000TiB'},
      ]) {
        const error = await refusal(bench.draft(diskFill, {name: container.name}, parameters));
        expect(error.code).to.equal('TARGET_UNSUITABLE');
        expect(error.message).to.contain('must stay free');
        expect(error.hint).to.contain('Ask for at most');
      }
      const low = await refusal(bench.draft(diskFill, {name: container.name}, {share: '100%', margin: '0B'}));
      expect(low.message, 'the least margin').to.contain('of which 256MiB must stay free');
    });

    it('says what it found where the folder is missing or may not be written to', async () => {
      const container = await run('--read-only');
      const missing = await refusal(bench.draft(diskFill, {name: container.name}, {size: '1MiB', path: '/nowhere'}));
      expect(missing.message).to.contain('is expected to have a folder `/nowhere`');
      const readOnly = await refusal(bench.draft(diskFill, {name: container.name}, {size: '1MiB'}));
      expect(readOnly.message).to.contain('EROFS');
    });
  });

  describe('disk-fill by the container itself, where the host cannot be entered', function () {
    let away: DockerBench;
    beforeEach(() => {
      away = new DockerBench({enter: 'helper'});
    });
    afterEach(async () => {
      await away.close();
    });

    const importShell = () =>
      cached('firedrill-test-shell:1', root => {
        addBusybox(root);
        for (const applet of ['df', 'du', 'rm', 'fallocate']) symlinkSync('busybox', join(root, 'bin', applet));
      });

    it('writes and removes one file with the shell of the container', async () => {
      const container = await runContainer({name: uniqueName('exhaustion'), image: await importShell()});
      const {change, debts} = await away.injectOne(diskFill, container.name, {size: '6MiB', path: '/tmp'});
      const file = join(await rootOf(container), 'tmp', fileOf(change));
      expect(statSync(file).size).to.equal(6 * MIB);
      const proof = await away.prove(change.proof);
      expect(proof.state, proof.why).to.equal('in-force');
      expect((await away.settle(debts))[0]?.outcome).to.equal('undone');
      expect(existsSync(file)).to.equal(false);
      expect((await away.settle(debts))[0]?.outcome).to.equal('already');
    });

    it('stays owed while the container does not run, and is undone once it does', async () => {
      const container = await runContainer({name: uniqueName('exhaustion'), image: await importShell()});
      const [change] = await away.draft(diskFill, {name: container.name}, {size: '1MiB'});
      const {debts} = await away.inject([change!]);
      await docker('stop', '-t', '1', container.id);
      const [owed] = await away.settle(debts, 3_000);
      expect(owed?.outcome).to.be.oneOf(['failed', 'unknown']);
      await docker('start', container.id);
      expect((await away.settle(debts))[0]?.outcome).to.equal('undone');
    });

    it('is refused where there is no such folder, and on a volume, which nobody could clean once the container is gone', async () => {
      const bare = await run();
      const error = await refusal(away.draft(diskFill, {name: bare.name}, {size: '1MiB', path: '/nowhere'}));
      expect([error.code, error.hint]).to.deep.equal([
        'CAPABILITY_MISSING',
        'Leave out `enter: helper`, or use an image that has them.',
      ]);
      const image = await importShell();
      const container = await runContainer({name: uniqueName('exhaustion'), image, args: ['-v', '/data']});
      const mounted = await refusal(away.draft(diskFill, {name: container.name}, {size: '1MiB', path: '/data'}));
      expect(mounted.message).to.contain('mounted there from elsewhere');
    });
  });

  describe('file-descriptor-exhaustion', function () {
    const answers = (url: string) =>
      fetch(url, {signal: AbortSignal.timeout(1_000), headers: {connection: 'close'}}).then(
        response => response.text(),
        () => 'nothing',
      );

    it('lets a server accept no connection, and accept again once undone', async () => {
      const image = await importNode();
      const container = await runContainer({
        name: uniqueName('exhaustion'),
        image,
        command: ['node', '-e', SERVER],
      });
      const url = `http://${await container.ip()}:8080/`;
      await until('the server answers', async () => (await answers(url)) === 'ok');
      const {Pid} = (await container.inspect()).State;
      const before = limitsOf(Pid);
      const {change, debts} = await bench.injectOne(exhaustion, container.name, {});
      expect(limitsOf(Pid)).to.deep.equal({soft: String(descriptorsOf(Pid).length), hard: before.hard});
      expect(await answers(url)).to.equal('nothing');
      const proof = await bench.prove(change.proof);
      expect(proof.state).to.equal('in-force');
      expect(proof.exercised, 'processes at their limit').to.equal(1);
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
      expect(limitsOf(Pid)).to.deep.equal(before);
      expect(await answers(url)).to.equal('ok');
    });

    it('gives what was started meanwhile its limit back too, as it gave it its own', async () => {
      const container = await run();
      const {Pid} = (await container.inspect()).State;
      const before = limitsOf(Pid).soft;
      const {debts} = await bench.injectOne(exhaustion, container.name, {limit: 33, processes: '^sh '});
      const children = () => familyOf(Pid).filter(pid => pid !== Pid);
      await until('a child has inherited it', () => children().some(pid => softOf(pid) === '33'));
      expect(await bench.undo(debts)).to.deep.equal(['undone']);
      for (const pid of familyOf(Pid)) expect(softOf(pid)).to.be.oneOf([before, 'gone']);
    });

    it('refuses a pattern that matches nothing, and a limit that is none', async () => {
      const container = await run();
      const none = await refusal(bench.draft(exhaustion, {name: container.name}, {processes: '^java '}));
      expect(none.message).to.contain('has no process that matches `^java `');
      const high = await refusal(bench.draft(exhaustion, {name: container.name}, {limit: 999_999_999}));
      expect(high.message).to.contain('has no process whose limit of descriptors is above what was asked for');
    });
  });
});

function softOf(pid: number): string {
  try {
    return limitsOf(pid).soft;
  } catch {
    return 'gone';
  }
}
