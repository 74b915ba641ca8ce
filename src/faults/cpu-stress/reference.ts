import type {FaultReference} from '../reference.js';

const UNDO =
  "SIGTERM to stress-ng, which reaps its workers; SIGKILL after 1.5 s. By hand: `kill $(grep -la FIREDRILL_STRESS=TAG /proc/[0-9]*/environ | cut -d/ -f3)`. It ends itself 60 s after the fault's time (`--timeout`), also when nobody is left to end it.";

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        "`stress-ng --cpu WORKERS --cpu-load LOAD` of the host, started in all cgroups of the container (every v1 hierarchy, or the one of v2) and in its pid namespace, and held with SIGSTOP until all targets are ready. It shares the container's quota and CPU set. Where Firedrill cannot enter the host: a helper container in the target's pid namespace and below its cgroup (cgroup v1 with the `cgroupfs` driver).",
      undo: `${UNDO} The kernel ends it with the container: a stop, restart or removal leaves none.`,
      proof:
        "Its processes run in the container's cgroup and get, or wait for while others have them, at least a tenth of the cores asked for; the readings hold the cgroup's CPU time and throttled periods. Exercised: seconds of processor time that it used.",
      privileges:
        "Root on the engine's host, with `stress-ng` and `nsenter`; else the Docker socket and a helper image that has `stress-ng`.",
      limits:
        'Refused where stress-ng is missing, and where the pids limit of the container leaves it no room. On an engine with cgroup v2 or the systemd driver that is not on this machine: use `cpu-throttle`.',
    },
    process: {
      mechanism:
        '`stress-ng` beside the process: in the cgroups that it has and Firedrill has not (a systemd service of its own), where those may be joined; else on the whole machine. The plan says which.',
      undo: UNDO,
      proof:
        'Its processes run and get, or wait for while others have them, at least a tenth of the cores asked for. Exercised: seconds of processor time.',
      privileges:
        'None on the whole machine; root to join the cgroup of another service. `stress-ng` must be installed.',
      limits: 'It outlives the process: only the undo or its own deadline ends it. Linux only.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'The inventory beside a busy neighbour',
      fault: `name: stress inventory
cpu-stress: { workers: 2, load: 80% }
targets: [inventory]
for: 15s`,
    },
    {
      on: 'process',
      title: 'Everything on a busy machine',
      fault: `name: stress the machine
cpu-stress: { workers: 1, load: 50% }
targets: [inventory]
for: 15s`,
    },
  ],
};
