import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        '`POST /containers/CONTAINER/pause`: the engine freezes every process of the container by its freezer cgroup. Memory and sockets stay; the kernel still completes TCP handshakes, and nobody answers.',
      undo: '`docker unpause CONTAINER`. A restart of the container undoes it too.',
      proof: 'The engine reports `State.Paused`.',
      privileges: 'The Docker socket.',
    },
    process: {
      mechanism: '`kill -STOP PID` for the process; its children go on.',
      undo: '`kill -CONT PID`. The end of the process undoes it too.',
      proof: '`/proc/PID/stat` shows the state `T`, for the same process (pid, start time, boot id).',
      privileges: 'The user of the process, or root.',
      limits: 'Refused for a process that is stopped already.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'A frozen inventory container',
      fault: `name: freeze inventory
pause: {}
targets: [inventory]
for: 15s`,
    },
    {
      on: 'process',
      title: 'A frozen inventory process',
      fault: `name: freeze inventory
pause: {}
targets: [inventory]
for: 15s`,
    },
  ],
};
