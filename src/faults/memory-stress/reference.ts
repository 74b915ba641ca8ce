import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        "`stress-ng --vm 1 --vm-bytes BYTES --vm-keep --vm-hang 0` in the container's cgroups and pid namespace, as for `cpu-stress`: it writes to so much memory once and holds it. No process is spared or preferred when the kernel has to kill one, and a stressor that was killed is not started again.",
      undo: "SIGTERM to stress-ng, SIGKILL after 1.5 s; the memory is free with its end. By hand as for `cpu-stress`. It ends itself 60 s after the fault's time, and with its container.",
      proof:
        "It holds at least 80 % of what was asked for; the readings hold the memory and the limit hits of the container's cgroup. Exercised: bytes held.",
      privileges:
        "Root on the engine's host, with `stress-ng` and `nsenter`; else the Docker socket and a helper image that has `stress-ng` (cgroup v1 with the `cgroupfs` driver).",
      limits:
        'Refused when the stressor would not fit under the limit, and when the machine would have less than the larger of 1 GiB and 10 % of its memory left. The plan says from where on an OOM kill in the container is to be expected. To lower the limit itself use `memory-limit`.',
    },
    process: {
      mechanism:
        '`stress-ng` beside the process, in its own cgroups where it has some that may be joined, else on the whole machine.',
      undo: "SIGTERM to stress-ng, SIGKILL after 1.5 s. It ends itself 60 s after the fault's time.",
      proof: 'It holds at least 80 % of what was asked for. Exercised: bytes held.',
      privileges:
        'None on the whole machine; root to join the cgroup of another service. `stress-ng` must be installed.',
      limits:
        "`share` is one of the machine's memory. Refused when the machine would have less than the larger of 1 GiB and 10 % of its memory left. Linux only.",
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'The inventory with little memory to spare',
      fault: `name: take memory
memory-stress: { size: 64MiB }
targets: [inventory]
for: 15s`,
    },
    {
      on: 'process',
      title: 'Less memory for everything',
      fault: `name: take memory
memory-stress: { size: 128MiB }
targets: [inventory]
for: 15s`,
    },
  ],
};
