import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        "`SIGSTOP` to exactly the processes that match now, each known by its pid and its start time. Where Firedrill is root on the engine's host, they are read from the container's cgroup and signalled from the host; elsewhere a shell in the container lists and signals them.",
      undo: '`kill -CONT PID…` on the host, or `docker exec CONTAINER kill -CONT PID…`: to those of them that are still there. A restart of the container undoes it too, and so does the end of the processes.',
      proof:
        '`/proc/PID/stat` shows the state `T` (stopped) for every one of them that is left, and there is one left. It counts as undone once none of them is stopped.',
      privileges: "Root on the engine's host; elsewhere the Docker socket, and `sh` and `cat` in the container.",
      limits:
        'Processes that start later are not frozen, also those that a supervisor starts in place of a frozen one; with `keep: true` they are hit once all of the planned ones are gone. The main process of a container takes no `SIGSTOP` from inside: that needs root on the host, or `pause`.',
    },
    process: {
      mechanism:
        '`SIGSTOP` to exactly the processes below the target that match now, each known by its pid and its start time.',
      undo: '`kill -CONT PID…` to those of them that are still there. Their end undoes it too.',
      proof:
        '`/proc/PID/stat` shows the state `T` (stopped) for every one of them that is left, and there is one left.',
      privileges: 'The user of the processes, or root.',
      limits: 'Processes that start later are not frozen. A child that has left (its parent ended) is not found.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'A frozen worker of a container that goes on',
      fault: `name: freeze a worker
process-pause: { match: node, count: 1, includeMain: true }
targets: [inventory]
for: 15s`,
    },
    {
      on: 'process',
      title: 'The processes of the inventory frozen',
      fault: `name: freeze a worker
process-pause: { match: node, includeMain: true }
targets: [inventory]
for: 15s`,
    },
  ],
  notes: ['The plan names the exact processes; they are chosen again right before the injection.'],
};
