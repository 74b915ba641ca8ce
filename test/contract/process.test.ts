import {join} from 'node:path';
import type {JsonObject} from '../../src/quantities/json.js';
import {identityOf, killAndWait, type ProcessIdentity} from '../../src/system/processes.js';
import {driver} from '../../src/targets/drivers/process/driver.js';
import {startedFor} from '../../src/targets/drivers/process/objects.js';
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
import {describeDriver, fenceOf, type FaultCase, type Stage} from './driver-contract.js';

const parse = (written: unknown) => schema().parse(written) as unknown as JsonObject;

const pause: FaultCase = {name: 'pause', draft: (can, ref) => can.lifecycle!.pause(ref)};

/** What ended comes back by the start command: also when someone else ended it, and not when someone else started it. */
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
  const current = async () => (last = (await startedFor(ref.object))[0] ?? last);
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
      await endAll(await startedFor(ref.object));
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
      await endAll(await startedFor(by === 'pidFile' ? `pidfile:${pidFile}` : `port:${port}`));
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
describeDriver('process (by pid file)', {driver, open: () => foreign('pidFile'), cases: [pause, kill]});
describeDriver('process (by port)', {driver, open: () => foreign('port'), cases: [pause, kill]});
describeDriver('process (by name)', {driver, open: named, cases: [pause]});
