import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism: '`POST /containers/CONTAINER/restart?t=SECONDS`.',
      undo: 'The restart ends it. Should the container be down after the time of the fault: `docker start CONTAINER`.',
      proof: 'The container runs, as another incarnation than was planned.',
      privileges: 'The Docker socket.',
    },
    process: {
      mechanism:
        '`kill -TERM PID`, `kill -KILL PID` after the grace period, then the `start` command of the selector; under a supervisor (`supervised: true`) that starts it.',
      undo: "The selector's `start` command with its `cwd` and `environment`, as `plan` prints it; a process under a supervisor (`supervised: true`) is waited for.",
      proof: 'Another process than was planned answers to the pid file or port.',
      privileges: 'The user of the process, or root.',
      limits: 'Refused without `start` and without a supervisor.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'A deployment of the inventory',
      fault: `name: restart inventory
restart: { grace: 5s }
targets: [inventory]
for: 10s`,
    },
    {
      on: 'process',
      title: 'A deployment of the store',
      fault: `name: restart the store
restart: {}
targets: [store]
for: 10s`,
    },
  ],
};
