import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        '`POST /containers/CONTAINER/stop?t=SECONDS`: its stop signal (SIGTERM), and SIGKILL after the grace period (whole seconds, rounded up).',
      undo: '`docker start CONTAINER`, after `for`.',
      proof: 'The incarnation that was planned no longer runs.',
      privileges: 'The Docker socket.',
      limits: '`heal: platform` is refused: no restart policy fires after a stop.',
    },
    process: {
      mechanism: '`kill -TERM PID`, and `kill -KILL PID` after the grace period.',
      undo: "The selector's `start` command with its `cwd` and `environment`, as `plan` prints it; a process under a supervisor (`supervised: true`) is waited for.",
      proof: 'The process is gone.',
      privileges: 'The user of the process, or root.',
      limits:
        'Without `start` and without a supervisor it cannot be put back: it needs `safety: { irreversible: allow }`.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'A store container that is down for a while',
      fault: `name: store down
stop: { grace: 2s }
targets: [store]
for: 10s`,
    },
    {
      on: 'process',
      title: 'A store process that is down for a while',
      fault: `name: store down
stop: { grace: 2s }
targets: [store]
for: 10s`,
    },
  ],
};
