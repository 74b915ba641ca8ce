import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        "`stress-ng --hdd WORKERS --hdd-bytes SIZE --hdd-opts fdatasync` in the container's cgroups and pid namespace, as for `cpu-stress`, with its files in a folder `.firedrill-io-TAG` of the container's own file system. Each file is unlinked as soon as it is open.",
      undo: "SIGTERM to stress-ng, SIGKILL after 1.5 s, then `rm -r PATH/.firedrill-io-TAG`: below the container's root while it runs, in its upper folder while it is stopped, in the volume also when it is gone. stress-ng ends itself 60 s after the fault's time, and with its container.",
      proof:
        "Its processes run in the container's cgroup and have written. Exercised: bytes written (`write_bytes` of /proc/PID/io).",
      privileges: "Root on the engine's host, with `stress-ng` and `nsenter`.",
      limits:
        "Refused on a tmpfs, and where so many bytes would leave the machine's disk less than the margin of `disk-fill`.",
    },
    process: {
      mechanism:
        '`stress-ng` beside the process, in its own cgroups where it has some that may be joined; its files in `.firedrill-io-TAG` below the current directory of the process, or below `path`.',
      undo: 'SIGTERM to stress-ng, SIGKILL after 1.5 s, then `rm -r PATH/.firedrill-io-TAG`.',
      proof: 'Its processes run and have written. Exercised: bytes written.',
      privileges: 'The right to write there. `stress-ng` must be installed.',
      limits: 'Refused where the process sees other file systems than this machine: select its container. Linux only.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'The store on a busy disk',
      fault: `name: busy disk
io-stress: { workers: 1, size: 16MiB, path: /tmp }
targets: [store]
for: 15s`,
    },
    {
      on: 'process',
      title: 'The store beside one who writes',
      fault: `name: busy disk
io-stress: { workers: 1, size: 16MiB, path: /tmp }
targets: [store]
for: 15s`,
    },
  ],
};
