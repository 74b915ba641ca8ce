import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {limitsOf} from '../../../src/targets/linux/descriptors.js';
import {familyOf} from '../../../src/targets/linux/namespaces.js';
import {killAndWait} from '../../../src/system/processes.js';
import {docker, inspect, runContainer, uniqueName} from '../../support/docker.js';
import {startForeign} from '../../support/processes.js';
import {casesOf, experiment, type CrashCase, type CrashStage} from './stage.js';

/** Stressors anywhere on this machine that were started for a target: their tags are those of nobody else. */
function stressorsOf(cgroup: string): number {
  return readdirSync('/proc').filter(pid => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return (
        readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(cgroup) &&
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes('FIREDRILL_STRESS=')
      );
    } catch {
      return false;
    }
  }).length;
}

/** The soft limits of a process and all below it, without those that end while one looks. */
function limitsBelow(pid: number): readonly string[] {
  const found = familyOf(pid).flatMap(one => {
    try {
      return [limitsOf(one).soft];
    } catch {
      return [];
    }
  });
  return [...new Set(found)];
}

const ourFiles = (folder: string) => readdirSync(folder).filter(name => name.startsWith('.firedrill'));

async function containerStage(entry: string): Promise<CrashStage> {
  const container = await runContainer({name: uniqueName('crash'), args: ['--memory', '64m', '--cpus', '1']});
  return {
    yaml: experiment(`{docker: ${container.name}}`, entry),
    look: async () => {
      const {Pid} = (await inspect(container.id)).State;
      return {
        stressors: stressorsOf(container.id),
        files: ourFiles(`/proc/${Pid}/root/tmp`),
        descriptors: limitsBelow(Pid),
        // Nothing and 0 are the same to the engine.
        pids: Math.max(0, Number(await docker('inspect', '-f', '{{or .HostConfig.PidsLimit 0}}', container.id))),
        volumes: await docker('volume', 'ls', '-q', '--filter', `label=firedrill.mark.${container.id}`),
      };
    },
    close: () => container.remove(),
  };
}

async function processStage(entry: string): Promise<CrashStage> {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-crash-resources-'));
  const who = await startForeign(['sh', '-c', `cd ${folder} && echo $$ > pid && while true; do sleep 0.1; done`]);
  return {
    yaml: experiment(`{process: {pidFile: ${join(folder, 'pid')}}}`, entry),
    look: () => Promise.resolve({files: ourFiles(folder), descriptors: limitsBelow(who.pid)}),
    close: async () => {
      await killAndWait(who, 5_000);
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

/** What a target uses: the stressors beside it, the files in it, its limits. */
export const RESOURCE_CASES: readonly CrashCase[] = [
  ...casesOf('docker', containerStage, [
    'cpu-stress: {workers: 1, load: 10%}',
    'memory-stress: {size: 8MiB}',
    'io-stress: {size: 1MiB, path: /tmp}',
    'disk-fill: {size: 4MiB, path: /tmp}',
    'file-descriptor-exhaustion: {leave: 0}',
    'pids-limit: {limit: 40}',
  ]),
  ...casesOf('process', processStage, [
    'cpu-stress: {workers: 1, load: 10%}',
    'memory-stress: {size: 8MiB}',
    'io-stress: {size: 1MiB}',
    'disk-fill: {size: 4MiB}',
    'file-descriptor-exhaustion: {leave: 0}',
  ]),
];
