import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {identityOf, killAndWait, type ProcessIdentity} from '../../../src/system/processes.js';
import {docker, inspect, runContainer, uniqueName} from '../../support/docker.js';
import {eventually, startForeign, toldState, until, writePid} from '../../support/processes.js';
import {casesOf, experiment, type CrashCase, type CrashStage} from './stage.js';

/** A container with two workers below its main process. */
async function containerStage(entry: string): Promise<CrashStage> {
  const script = 'trap "exit 0" TERM; sleep 1001 & sleep 1002 & while true; do sleep 0.2; done';
  const container = await runContainer({name: uniqueName('crash'), command: ['sh', '-c', script]});
  const findWorkers = async () => {
    const rows = (await docker('top', container.id, '-eo', 'pid,stat,args')).split('\n');
    return rows.flatMap(row => {
      const [, state, args] = /^\s*\d+\s+(\S+)\s+(sleep 100\d)$/.exec(row) ?? [];
      return args === undefined ? [] : [`${toldState(state)}: ${args}`];
    });
  };
  return {
    yaml: experiment(`{docker: ${container.name}}`, entry),
    look: async () => {
      // One that was just started, or started again, has not begun them all yet.
      const workers = await eventually(findWorkers, found => found.length === 2);
      const volumes = await docker('volume', 'ls', '-q', '--filter', `label=firedrill.mark.${container.id}`);
      return {running: (await inspect(container.id)).State.Running, workers, volumes};
    },
    close: () => container.remove(),
  };
}

/** The children of a process, with their states. */
function childrenOf(parent: number): readonly {pid: number; told: string}[] {
  const rows = execFileSync('ps', ['-eo', 'pid,ppid,stat,args'], {encoding: 'utf8'}).split('\n');
  return rows.flatMap(row => {
    const [, pid, above, state, args] = /^\s*(\d+)\s+(\d+)\s+(\S)\S*\s+(sleep 200\d)$/.exec(row) ?? [];
    return Number(above) === parent ? [{pid: Number(pid), told: `${toldState(state)}: ${args ?? ''}`}] : [];
  });
}

/** A process with two children, which writes its pid file itself. */
async function processStage(entry: string): Promise<CrashStage> {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-crash-inner-'));
  const pidFile = join(folder, 'master.pid');
  const command = ['sh', '-c', `echo $$ > ${pidFile}; sleep 2001 & sleep 2002 & wait`];
  writePid(pidFile, await startForeign(command));
  const master = () => identityOf(Number(readFileSync(pidFile, 'utf8').split('\n')[0]));
  const children = async () => childrenOf((await master())?.pid ?? 0);
  await until('both children run', async () => (await children()).length === 2);
  // A master that was started again leaves the children of the first one behind.
  const all = new Map<number, ProcessIdentity>();
  const remember = async () => {
    for (const {pid} of await children()) {
      const who = await identityOf(pid);
      if (who !== undefined) all.set(pid, who);
    }
  };
  await remember();
  return {
    yaml: experiment(`{process: {pidFile: ${pidFile}, start: ${JSON.stringify(command)}}}`, entry),
    look: async () => {
      await remember();
      return (await eventually(children, found => found.length === 2)).map(({told}) => told);
    },
    close: async () => {
      await remember();
      for (const who of [await master(), ...all.values()]) if (who !== undefined) await killAndWait(who, 5_000);
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

/** Processes inside a target, by pattern. */
export const INNER_PROCESS_CASES: readonly CrashCase[] = [
  ...casesOf('docker', containerStage, [
    'process-pause: {match: "^sleep 100"}',
    'process-kill: {match: "^sleep 1002"}, heal: undo',
  ]),
  ...casesOf('process', processStage, [
    'process-pause: {match: "^sleep 200"}',
    'process-kill: {match: "^sleep 2002"}, heal: undo',
  ]),
];
