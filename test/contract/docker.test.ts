import {rm, mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {driver} from '../../src/targets/drivers/docker/driver.js';
import {docker, inspect, removeMarks, runContainer, uniqueName} from '../support/docker.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';
import {describeDriver, type DriverSubject, type Stage} from './driver-contract.js';
import {openSecrets} from '../../src/system/secrets.js';

async function open(): Promise<Stage> {
  const name = uniqueName('contract');
  const scratch = await mkdtemp(join(tmpdir(), 'firedrill-contract-docker-'));
  // Main process and a worker below it.
  const command = ['sh', '-c', 'trap "exit 0" TERM; sleep 5001 & while true; do sleep 0.1; done'];
  const container = await runContainer({name, command, args: ['--memory', '64m', '--network', 'bridge']});
  await until('its worker runs', async () => /\bsleep 5001$/m.test(await docker('top', name)));
  return {
    ambient: {
      environment: {PATH: process.env['PATH'], HOME: process.env['HOME']},
      scratch,
      stateDir: scratch,
      ...openSecrets({}),
    },
    selector: {name},
    missing: {name: `${name}-missing`},
    vanish: () => container.remove(),
    restart: async () => {
      await docker('restart', '-t', '0', name);
    },
    close: async () => {
      await container.remove();
      await removeMarks(`contract-${process.pid}-`);
      await rm(scratch, {recursive: true, force: true});
    },
  };
}

const subject: DriverSubject = {
  driver,
  open,
  cases: [
    {name: 'pause', draft: (can, ref) => can.lifecycle!.pause(ref)},
    {
      name: 'kill',
      nature: 'event',
      restarted: ['already'],
      draft: (can, ref) => can.lifecycle!.kill(ref, {signal: 'SIGKILL', heal: 'undo'}),
    },
    {
      name: 'stop',
      nature: 'event',
      restarted: ['already'],
      draft: (can, ref) => can.lifecycle!.stop(ref, {graceMs: 1000, heal: 'undo'}),
    },
    {
      name: 'process-pause',
      draft: (can, ref) => can.processes!.pause(ref, {match: '^sleep 5001', includeMain: false}),
    },
    {
      name: 'process-kill',
      nature: 'event',
      restarted: ['already'],
      draft: (can, ref) =>
        can.processes!.kill(ref, {match: '^sleep 5001', includeMain: false, signal: 'KILL', heal: 'undo'}),
    },
    {
      name: 'network-disconnect',
      draft: async (can, ref) => (await can.network!.disconnect(ref, {network: undefined}))[0]!,
    },
    {
      name: 'network-partition',
      draft: async (can, target) => {
        const [change] = await can.partition!.cut([
          {target, peers: [], filter: {direction: 'both'}, action: 'drop', forMs: 10_000},
        ]);
        return change!;
      },
    },
    {
      name: 'cpu-throttle',
      draft: (can, ref) => can.resources!.cpuThrottle(ref, {cpus: 0.2}),
      overwrite: async (_stage, ref) => {
        await docker('update', '--cpu-quota', '70000', ref.object);
      },
    },
    {
      name: 'memory-limit',
      draft: (can, ref) => can.resources!.memoryLimit(ref, {bytes: 32 * 2 ** 20}),
      overwrite: async (_stage, ref) => {
        const {HostConfig: was} = await inspect(ref.object);
        await docker('update', '--memory', '48m', '--memory-swap', String(was.MemorySwap), ref.object);
      },
    },
    {
      name: 'pids-limit',
      draft: (can, ref) => can.resources!.pidsLimit(ref, {limit: 5}),
      overwrite: async (_stage, ref) => {
        await docker('update', '--pids-limit', '7', ref.object);
      },
    },
    {name: 'cpu-stress', draft: (can, ref) => can.stress!.cpu(ref, {workers: 1, load: 0.3, forMs: 10_000})},
    {
      name: 'memory-stress',
      draft: (can, ref) => can.stress!.memory(ref, {bytes: 8 * 2 ** 20, share: undefined, forMs: 10_000}),
    },
    {
      name: 'io-stress',
      draft: (can, ref) => can.stress!.io(ref, {workers: 1, bytes: 2 ** 20, path: '/tmp', forMs: 10_000}),
    },
    {
      name: 'disk-fill',
      draft: (can, ref) =>
        can.disk!.fill(ref, {bytes: 8 * 2 ** 20, share: undefined, path: undefined, marginBytes: undefined}),
    },
    {
      name: 'dns-failure',
      // Its process needs a moment to see that the target is gone.
      vanished: ['gone', 'undone'],
      draft: (can, ref) => {
        const all = {names: [], types: [], share: 1, seed: undefined, resolvers: []};
        return can.dns!.fail(ref, {answer: 'nxdomain', delayMs: 0, ...all, forMs: 10_000});
      },
    },
    {
      name: 'http-status',
      // Its process needs a moment to see that the target is gone.
      vanished: ['gone', 'undone'],
      draft: (can, ref) =>
        can.http!.treat(ref, {
          treatment: {type: 'http-status', status: 503, headers: {}, body: '', ask: false},
          match: {path: '/x'},
          share: 0.5,
          seed: undefined,
          forMs: 10_000,
          place: {port: 8080, to: undefined, existing: 'reset'},
        }),
    },
    {
      // By iptables where the kernel has no netem.
      name: 'network-loss',
      draft: async (can, ref) => {
        const loss = {model: 'random', share: 0.2, correlation: 0} as const;
        const filter = {protocol: 'tcp', localPort: [[8080, 8090]], direction: 'egress'} as const;
        return (await can.shaping!.shape([ref], {impairment: {kind: 'netem', loss}, filter, forMs: 10_000}))[0]!;
      },
    },
    {
      name: 'network-bandwidth',
      draft: async (can, ref) => {
        const impairment = {kind: 'bandwidth', bytesPerSecond: 1e6, queueMs: 200} as const;
        return (await can.shaping!.shape([ref], {impairment, filter: {direction: 'egress'}, forMs: 10_000}))[0]!;
      },
    },
    {
      name: 'file-descriptor-exhaustion',
      draft: (can, ref) => can.descriptors!.exhaust(ref, {leave: 0, limit: undefined, processes: undefined}),
    },
  ],
};

describeWith('docker', 'Docker driver', () => {
  describeDriver('docker', subject);
});
