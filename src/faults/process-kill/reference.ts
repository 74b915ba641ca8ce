import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        "The signal to exactly the processes that match now, each known by its pid and its start time. Where Firedrill is root on the engine's host, they are read from the container's cgroup and signalled from the host; elsewhere a shell in the container lists and signals them.",
      undo: 'None where as many processes as before match again: something inside has started them. Otherwise `docker restart CONTAINER`, after `for`, or at the end of the recovery with `heal: platform`.',
      proof:
        'The planned processes are gone. With another signal than `KILL` it is awaited for 15 s: one that survives it was not hit.',
      privileges: "Root on the engine's host; elsewhere the Docker socket, and `sh` and `cat` in the container.",
      limits:
        'With `includeMain` the container ends with its main process; where it was started with `--rm`, that cannot be put back.',
    },
    process: {
      mechanism:
        'The signal to exactly the processes below the target that match now, each known by its pid and its start time.',
      undo: 'None where as many processes as before match again. Otherwise the target is ended and started again by the `start` of its selector; without one it is awaited with `heal: platform`, and irreversible else.',
      proof: 'The planned processes are gone.',
      privileges: 'The user of the processes, or root.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'The main process of a container killed',
      fault: `name: kill a worker
process-kill: { match: node, includeMain: true }
targets: [inventory]
for: 10s`,
    },
    {
      on: 'process',
      title: 'The processes of the inventory killed',
      fault: `name: kill a worker
process-kill: { match: node, includeMain: true }
targets: [inventory]
for: 10s`,
    },
  ],
  notes: [
    'The plan names the exact processes; they are chosen again right before the injection.',
    'Say `heal: platform` where a supervisor inside starts them again: then the recovery counts from the fault, and a restart by Firedrill is a deviation.',
  ],
};
