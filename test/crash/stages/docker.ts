import {docker, inspect, runContainer, uniqueName} from '../../support/docker.js';
import {casesOf, experiment, type CrashCase, type CrashStage} from './stage.js';

const LIMITED = ['--memory', '64m', '--memory-swap', '64m', '--cpus', '1'];

/** A container of its own in a network of its own. */
async function dockerStage(entry: string): Promise<CrashStage> {
  const network = uniqueName('crash-net');
  await docker('network', 'create', network);
  const container = await runContainer({name: uniqueName('crash'), args: ['--network', network, ...LIMITED]});
  return {
    yaml: experiment(`{docker: ${container.name}}`, entry),
    look: async () => {
      const {State, HostConfig, NetworkSettings} = await inspect(container.id);
      const quota = Math.max(0, HostConfig.CpuQuota);
      return {
        running: State.Running,
        paused: State.Paused,
        memory: HostConfig.Memory,
        cpus: HostConfig.NanoCpus,
        quota,
        networks: Object.keys(NetworkSettings.Networks),
        volumes: await docker('volume', 'ls', '-q', '--filter', `label=firedrill.mark.${container.id}`),
      };
    },
    close: async () => {
      await container.remove();
      await docker('network', 'rm', network);
    },
  };
}

/** What the engine itself does and undoes. */
export const DOCKER_CASES: readonly CrashCase[] = casesOf('docker', dockerStage, [
  'pause: {}',
  'kill: {}, heal: undo',
  'stop: {grace: 1s}',
  'restart: {grace: 1s}',
  'network-disconnect: {}',
  'cpu-throttle: {cpus: 0.2}',
  'memory-limit: {limit: 32MiB}',
]);
