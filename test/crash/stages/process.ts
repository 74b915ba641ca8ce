import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {identityOf, isAlive, killAndWait, listeners} from '../../../src/system/processes.js';
import {answeringPid, freePort, serverCommand, startForeign, until} from '../../support/processes.js';
import {casesOf, experiment, type CrashCase, type CrashStage} from './stage.js';

async function processStage(entry: string): Promise<CrashStage> {
  const port = await freePort();
  const command = serverCommand(port);
  const first = await startForeign(command);
  await until('the server answers', async () => (await answeringPid(port)) !== undefined);
  return {
    yaml: experiment(`{process: {port: ${port}, start: ${JSON.stringify(command)}}}`, entry),
    look: async () => ({answers: (await answeringPid(port)) !== undefined}),
    close: async () => {
      for (const pid of await listeners(port)) {
        const now = await identityOf(pid);
        if (now !== undefined) await killAndWait(now, 5_000);
      }
      if (await isAlive(first)) await killAndWait(first, 5_000);
    },
  };
}

async function commandStage(): Promise<CrashStage> {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-crash-target-'));
  const flag = join(folder, 'broken');
  const stage = await processStage(
    `command: {do: [touch, ${flag}], undo: [rm, -f, ${flag}], proof: [test, -e, ${flag}]}`,
  );
  return {
    ...stage,
    look: async () => ({...((await stage.look()) as object), broken: existsSync(flag)}),
    close: async () => {
      await stage.close();
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

export const PROCESS_CASES: readonly CrashCase[] = [
  ...casesOf('process', processStage, ['pause: {}', 'kill: {}', 'stop: {grace: 1s}', 'restart: {grace: 1s}']),
  {driver: 'process', entry: 'command: a flag in a folder', open: commandStage},
];
