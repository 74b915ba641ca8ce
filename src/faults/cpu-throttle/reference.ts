import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        '`POST /containers/CONTAINER/update` with `NanoCpus` where the container was started with `--cpus`, else with `CpuQuota`: the quota of the CPU cgroup.',
      undo: '`docker update --cpus WAS CONTAINER` or `docker update --cpu-quota WAS CONTAINER`, `-1` where there was no limit; only while it still carries the value of the fault.',
      proof:
        'The engine reports the lowered limit, and so does the CPU cgroup (`cpu.cfs_quota_us`; `cpu.max` with cgroup v2) where Firedrill runs on its host. Exercised: periods in which the container was throttled since, from `cpu.stat` there.',
      privileges: 'The Docker socket.',
      limits: 'Refused when the container has no more CPUs than asked for.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'Checkout on a tenth of a core',
      fault: `name: throttle checkout
cpu-throttle: { cpus: 0.1 }
targets: [checkout]
for: 15s`,
    },
  ],
};
