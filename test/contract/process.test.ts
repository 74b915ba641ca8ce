import {expect} from 'chai';
import {execFileSync} from 'node:child_process';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {JsonObject} from '../../src/quantities/json.js';
import {identityOf, killAndWait, type ProcessIdentity} from '../../src/system/processes.js';
import {driver} from '../../src/targets/drivers/process/driver.js';
import {portOwners, startedFor} from '../../src/targets/drivers/process/objects.js';
import {selector as schema} from '../../src/targets/drivers/process/selector.js';
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
import {describeWith} from '../support/needs.js';
import {REDIS_SERVER} from '../support/redis.js';
import {describeDriver, fenceOf, type FaultCase, type Stage} from './driver-contract.js';

const parse = (written: unknown) => schema().parse(written) as unknown as JsonObject;

const pause: FaultCase = {name: 'pause', draft: (can, ref) => can.lifecycle!.pause(ref)};

/**
 * What ended comes back by the start command: also when someone else ended it, and not when someone else started it.
 */
const ended: Pick<FaultCase, 'nature' | 'vanished' | 'restarted'> = {
  nature: 'event',
  vanished: ['undone'],
  restarted: ['already'],
};
const kill: FaultCase = {
  ...ended,
  name: 'kill',
  draft: (can, ref) => can.lifecycle!.kill(ref, {signal: 'KILL', heal: 'default'}),
};
const stop: FaultCase = {
  ...ended,
  name: 'stop',
  draft: (can, ref) => can.lifecycle!.stop(ref, {graceMs: 2000, heal: 'default'}),
};

/** Nothing ends the stressors but their undo or their own deadline; a file stays until someone removes it. */
const stays: Pick<FaultCase, 'vanished'> = {vanished: ['undone']};
const resources: readonly FaultCase[] = [
  {...stays, name: 'cpu-stress', draft: (can, ref) => can.stress!.cpu(ref, {workers: 1, load: 0.3, forMs: 10_000})},
  {
    ...stays,
    name: 'memory-stress',
    draft: (can, ref) => can.stress!.memory(ref, {bytes: 8 * 2 ** 20, share: undefined, forMs: 10_000}),
  },
  {
    ...stays,
    name: 'io-stress',
    draft: (can, ref) => can.stress!.io(ref, {workers: 1, bytes: 2 ** 20, path: tmpdir(), forMs: 10_000}),
  },
  {
    ...stays,
    name: 'disk-fill',
    draft: (can, ref) =>
      can.disk!.fill(ref, {bytes: 8 * 2 ** 20, share: undefined, path: tmpdir(), marginBytes: undefined}),
  },
  {
    name: 'file-descriptor-exhaustion',
    draft: (can, ref) => can.descriptors!.exhaust(ref, {leave: 0, limit: undefined, processes: undefined}),
    overwrite: (_stage, ref) => {
      execFileSync('prlimit', ['--pid', ref.incarnation.split(':')[0]!, '--nofile=77:']);
      return Promise.resolve();
    },
  },
];

async function pidOn(port: number): Promise<ProcessIdentity> {
  const pid = await answeringPid(port);
  const who = pid === undefined ? undefined : await identityOf(pid);
  if (who === undefined) throw new Error(`nothing answers on ${port}`);
  return who;
}

/** A process that Firedrill starts itself. */
async function started(): Promise<Stage> {
  const ambient = freshAmbient();
  const port = await freePort();
  const selector = parse({start: serverCommand(port), ready: {tcp: port}});
  const reader = await driver.reader(driver.address(selector, ambient), ambient);
  const signal = AbortSignal.timeout(10_000);
  const ref = (await reader.resolve(selector, signal))[0]!.ref;
  const actuator = await driver.actuator({}, fenceOf('stage'), ambient);
  const {flip} = await reader.drafts.provision!.start(ref, selector);
  await actuator.apply([flip], 10_000);
  let last = await pidOn(port);
  const current = async () => (last = (await startedFor(ref.object, true))[0] ?? last);
  return {
    ambient,
    selector,
    missing: parse({pidFile: '/nowhere/at/all.pid'}),
    vanish: async () => {
      await killAndWait(await current(), 5_000);
    },
    restart: async () => {
      await killAndWait(await current(), 5_000);
      await actuator.apply([flip], 10_000);
    },
    close: async () => {
      await endAll(await startedFor(ref.object, true));
      ambient.dispose();
    },
  };
}

/** A foreign process with a pid file or a port, and with a command that starts it again. */
async function foreign(by: 'pidFile' | 'port'): Promise<Stage> {
  const ambient = freshAmbient();
  const port = await freePort();
  const pidFile = join(ambient.folder, 'server.pid');
  const script = `require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)+'\\n');`;
  const [node, flag, source] = serverCommand(port);
  const command = [node!, flag!, script + source!];
  const processes: ProcessIdentity[] = [];
  const begin = async () => {
    const who = await startForeign(command);
    processes.push(who);
    await until('the server answers', async () => (await answeringPid(port)) === who.pid);
    writePid(pidFile, who);
  };
  const end = async () => {
    const pid = await answeringPid(port);
    const now = pid === undefined ? undefined : await identityOf(pid);
    await endAll([...processes, now]);
  };
  await begin();
  return {
    ambient,
    selector: parse(by === 'pidFile' ? {pidFile, start: command} : {port, start: command}),
    missing: parse(by === 'pidFile' ? {pidFile: `${pidFile}.none`} : {port: 1}),
    vanish: end,
    restart: async () => {
      await end();
      await begin();
    },
    close: async () => {
      await end();
      // What an undo started need not answer yet.
      await endAll(await startedFor(by === 'pidFile' ? `pidfile:${pidFile}` : `port:${port}`, false));
      ambient.dispose();
    },
  };
}

/** A foreign process found by its command line: it has no identity beyond its pid. */
async function named(): Promise<Stage> {
  const ambient = freshAmbient();
  const port = await freePort();
  const who = await startForeign(serverCommand(port));
  await until('the server answers', async () => (await answeringPid(port)) === who.pid);
  const end = () => endAll([who]);
  return {
    ambient,
    selector: parse({name: `^\\S*node.* -e .*listen\\(${port},.*$`}),
    missing: parse({name: '^there is no such process$'}),
    vanish: end,
    close: async () => {
      await end();
      ambient.dispose();
    },
  };
}

describeDriver('process (started by Firedrill)', {driver, open: started, cases: [pause, kill, stop]});
describeDriver('process (by pid file)', {driver, open: () => foreign('pidFile'), cases: [pause, kill, ...resources]});
describeDriver('process (by port)', {driver, open: () => foreign('port'), cases: [pause, kill]});
describeDriver('process (by name)', {
  driver,
  open: named,
  cases: [pause],
  noRestart: 'a process of this name is started anew by nobody',
});

describeWith('redis', 'A program that overwrites its environment with its title', () => {
  it('is found by the pid file of Firedrill, and ended with it', async () => {
    const ambient = freshAmbient();
    const port = await freePort();
    const start = [REDIS_SERVER, '--port', String(port), '--save', '', '--dir', ambient.folder];
    const selector = parse({start, ready: {tcp: port}});
    const reader = await driver.reader(driver.address(selector, ambient), ambient);
    const signal = AbortSignal.timeout(20_000);
    const ref = (await reader.resolve(selector, signal))[0]!.ref;
    const actuator = await driver.actuator({}, fenceOf('stage'), ambient);
    const {flip, proof, undo} = await reader.drafts.provision!.start(ref, selector);
    const proven = async () => (await reader.prove([proof], signal))[0]?.state;
    try {
      expect((await actuator.apply([flip], 10_000))[0]?.state).to.equal('done');
      expect(await proven()).to.equal('in-force');
      if (!('op' in undo)) throw new Error('a start has an undo');
      expect((await actuator.apply([undo], 10_000))[0]?.state).to.equal('done');
      expect(await proven()).to.equal('absent');
      expect(await portOwners(port)).to.deep.equal([]);
    } finally {
      await endAll(await portOwners(port));
      ambient.dispose();
    }
  });
});
