import {execFileSync} from 'node:child_process';
import {setTimeout as delay} from 'node:timers/promises';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import type {JsonObject} from '../../src/quantities/json.js';
import {FiredrillError} from '../../src/system/error.js';
import type {ProcessIdentity} from '../../src/system/processes.js';
import type {Change, TargetRef} from '../../src/targets/contract.js';
import {limitsOf} from '../../src/targets/linux/descriptors.js';
import {coverProcesses, lower, putBack} from '../../src/targets/linux/lowering.js';
import {taggedProcesses} from '../../src/targets/linux/tagged.js';
import {driver} from '../../src/targets/drivers/process/driver.js';
import {selector as schema} from '../../src/targets/drivers/process/selector.js';
import {openDriver, type Opened} from '../support/driver-subjects.js';
import {describeWith, itUnless} from '../support/needs.js';
import {
  answeringPid,
  endAll,
  freePort,
  freshAmbient,
  serverCommand,
  startForeign,
  until,
  writePid,
} from '../support/processes.js';

const parse = (written: unknown) => schema().parse(written) as unknown as JsonObject;
const MIB = 2 ** 20;
const V1_CPU = '/sys/fs/cgroup/cpu';
/** A cgroup can be made for a test only by root, on cgroup v1. */
const hasCgroups = existsSync(`${V1_CPU}/cgroup.procs`) && process.getuid?.() === 0;
const needsCgroups = hasCgroups ? undefined : 'needs root and cgroup v1';

describeWith('linux', 'What runs out for a process', function () {
  let ambient: ReturnType<typeof freshAmbient>;
  let port: number;
  let server: ProcessIdentity;
  let opened: Opened;
  let target: TargetRef;

  beforeEach(async () => {
    ambient = freshAmbient();
    port = await freePort();
    const pidFile = join(ambient.folder, 'server.pid');
    server = await startForeign(serverCommand(port));
    writePid(pidFile, server);
    await until('the server answers', async () => (await answeringPid(port)) === server.pid);
    opened = await openDriver(driver, parse({pidFile}), ambient);
    target = (await opened.one()).ref;
  });
  afterEach(async () => {
    await endAll([server]);
    ambient.dispose();
  });

  const tagOf = (change: Change) => change.flip.args['tag'] as string;
  const cpu = (workers: number) => opened.reader.drafts.stress!.cpu(target, {workers, load: 0.2, forMs: 5_000});

  it('lowers no limit of a process that ends while it is looked at, and takes it for no failure', async () => {
    const brief = await Promise.all(Array.from({length: 20}, () => startForeign(['sleep', '600'])));
    const pids = [server, ...brief].map(({pid}) => pid);
    const end = ({pid}: ProcessIdentity) => process.kill(pid, 'SIGKILL');
    // Some end at each await of what looks at them.
    const looking = coverProcesses(pids, {leave: 0, limit: undefined, processes: undefined});
    brief.slice(10).forEach(end);
    const covered = await looking;
    const lowering = lower(covered);
    brief.slice(5, 10).forEach(end);
    expect(await lowering).to.equal(undefined);
    const back = putBack(covered, pids);
    brief.slice(0, 5).forEach(end);
    await back;
    expect(limitsOf(server.pid).soft).to.equal(covered.find(({pid}) => pid === server.pid)?.was);
  });

  it('accepts no connection when it has no descriptor left, and accepts again once undone', async () => {
    const before = limitsOf(server.pid);
    // A connection that is still closing has a descriptor that would be free a moment later.
    const inUse = () => readdirSync(`/proc/${server.pid}/fd`).length;
    await until('no connection is closing any more', async () => {
      const now = inUse();
      await delay(200);
      return inUse() === now;
    });
    const change = await opened.reader.drafts.descriptors!.exhaust(target, {
      leave: 0,
      limit: undefined,
      processes: undefined,
    });
    const debt = await opened.inject(change);
    expect(await answeringPid(port, 1_000)).to.equal(undefined);
    const proof = await opened.prove(change.proof);
    expect([proof.state, proof.exercised]).to.deep.equal(['in-force', 1]);
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(limitsOf(server.pid)).to.deep.equal(before);
    expect(await answeringPid(port)).to.equal(server.pid);
  });

  it('can open as many more as it is left', async () => {
    const change = await opened.reader.drafts.descriptors!.exhaust(target, {
      leave: 3,
      limit: undefined,
      processes: undefined,
    });
    const debt = await opened.inject(change);
    expect(await answeringPid(port, 1_000)).to.equal(server.pid);
    expect((await opened.prove(change.proof)).exercised).to.equal(0);
    expect((await opened.settle(debt)).outcome).to.equal('undone');
  });

  it('is freed by hand by a line that any name of a folder leaves one command', async () => {
    const folder = join(ambient.folder, "it's; touch $HOME");
    mkdirSync(folder);
    const options = {bytes: MIB, share: undefined, path: folder, marginBytes: undefined};
    const {undo} = await opened.reader.drafts.disk!.fill(target, options);
    const [, file = ''] = /to (.*) for /.exec((await opened.reader.drafts.disk!.fill(target, options)).summary) ?? [];
    writeFileSync(file, '');
    execFileSync('sh', ['-c', 'manual' in undo ? undo.manual : 'false']);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('has a file of the size that was asked for beside it, and none once undone, also when it has ended', async () => {
    const change = await opened.reader.drafts.disk!.fill(target, {
      bytes: 5 * MIB,
      share: undefined,
      path: ambient.folder,
      marginBytes: undefined,
    });
    const debt = await opened.inject(change);
    const [file] = readdirSync(ambient.folder).filter(name => name.startsWith('.firedrill-fill-'));
    expect(statSync(join(ambient.folder, file!)).size).to.equal(5 * MIB);
    expect((await opened.prove(change.proof)).state).to.equal('in-force');
    await endAll([server]);
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(readdirSync(ambient.folder).filter(name => name.startsWith('.firedrill'))).to.deep.equal([]);
  });

  it('is stressed beside it where it has no cgroup of its own, and the plan says so', async () => {
    const change = await cpu(1);
    expect(change.summary).to.contain('beside it, on this whole machine: it has no cgroup of its own');
    const debt = await opened.inject(change);
    await until('the workers are there', () => taggedProcesses(tagOf(change)).length > 1);
    const stressors = taggedProcesses(tagOf(change));
    expect(stressors.every(({pid}) => readFileSync(`/proc/${pid}/cgroup`, 'utf8') === ownCgroup())).to.equal(true);
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(taggedProcesses(tagOf(change))).to.deep.equal([]);
  });

  itUnless(needsCgroups, 'is stressed in its own cgroup where it has one', async () => {
    const name = `fd-test-${process.pid}`;
    const folder = `${V1_CPU}/${name}`;
    mkdirSync(folder);
    try {
      writeFileSync(`${folder}/cgroup.procs`, String(server.pid));
      const change = await cpu(1);
      expect(change.summary).to.contain(`in its cgroup /${name}`);
      const debt = await opened.inject(change);
      const members = readFileSync(`${folder}/cgroup.procs`, 'utf8').trim().split('\n').map(Number);
      const stressors = taggedProcesses(tagOf(change)).map(({pid}) => pid);
      expect(members).to.include.members(stressors);
      expect((await opened.settle(debt)).outcome).to.equal('undone');
    } finally {
      await endAll([server]);
      // The kernel keeps the folder busy until it has buried the last member.
      await until('the cgroup is empty', () => {
        try {
          rmdirSync(folder);
          return true;
        } catch {
          return false;
        }
      });
    }
  });

  it('refuses more memory than the machine can spare', async () => {
    const wish = {bytes: 2 ** 50, share: undefined, forMs: 1_000};
    const error: unknown = await opened.reader.drafts.stress!.memory(target, wish).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(FiredrillError);
    expect(String(error)).to.contain('keeps a margin of');
  });
});

function ownCgroup(): string {
  return readFileSync('/proc/self/cgroup', 'utf8');
}
