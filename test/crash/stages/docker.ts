import {docker, inspect, runContainer, uniqueName} from '../../support/docker.js';
import {importHelper} from '../../support/helper-image.js';
import {rulesIn} from '../../support/talk.js';
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

/** The same, entered by a helper container: with the rules in its network namespace, and the helpers beside it. */
async function helperStage(entry: string): Promise<CrashStage> {
  const network = uniqueName('crash-net');
  await docker('network', 'create', network);
  const container = await runContainer({name: uniqueName('crash'), args: ['--network', network]});
  const image = await importHelper();
  return {
    yaml: experiment(`{docker: {name: ${container.name}, enter: helper, helperImage: "${image}"}}`, entry),
    look: async () => ({
      running: (await inspect(container.id)).State.Running,
      rules: await rulesIn(container),
      helpers: await docker('ps', '-aq', '--filter', `label=firedrill.helper=${container.id}`),
      volumes: await docker('volume', 'ls', '-q', '--filter', `label=firedrill.mark.${container.id}`),
    }),
    close: async () => {
      await container.remove();
      await docker('network', 'rm', network);
    },
  };
}

/** Through a helper container that stays beside the target; `nsenter` is covered by the stages of the traffic. */
export const HELPER_CASES: readonly CrashCase[] = casesOf('docker', helperStage, ['network-partition: {}']).map(
  one => ({
    ...one,
    variant: 'helper',
  }),
);

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
