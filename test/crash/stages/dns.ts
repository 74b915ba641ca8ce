import {execFileSync} from 'node:child_process';
import {docker, inspect, runContainer, uniqueName} from '../../support/docker.js';
import {casesOf, experiment, type CrashCase, type CrashStage} from './stage.js';

/** The packet rules in a container's network namespace, without counts and dates. */
function rulesOf(pid: number): readonly string[] {
  const enter = ['-t', String(pid), '-n', '--', 'sh', '-c', 'iptables-save; ip6tables-save'];
  const lines = execFileSync('nsenter', enter, {encoding: 'utf8', timeout: 10_000}).split('\n');
  return lines.filter(line => line.startsWith('-A ')).sort();
}

/** A container that asks nobody: what is looked at is what is left of the name server beside it. */
async function dnsStage(entry: string): Promise<CrashStage> {
  const container = await runContainer({name: uniqueName('crash'), args: ['--network', 'bridge']});
  return {
    yaml: experiment(`{docker: ${container.name}}`, entry),
    look: async () => {
      const {State} = await inspect(container.id);
      return {
        running: State.Running,
        rules: rulesOf(State.Pid),
        volumes: await docker('volume', 'ls', '-q', '--filter', `label=firedrill.mark.${container.id}`),
      };
    },
    close: () => container.remove(),
  };
}

export const DNS_CASES: readonly CrashCase[] = casesOf('docker', dnsStage, ['dns-failure: {answer: servfail}']);
