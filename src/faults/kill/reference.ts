import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        'Where a restart policy is to heal it (`heal: platform`, the default when there is one), the signal goes to the main process itself (`kill -SIGNAL PID` on the host), because the engine takes its own kill for the wish of a person and no policy fires then. Otherwise `POST /containers/CONTAINER/kill?signal=SIGNAL`.',
      undo: '`docker start CONTAINER`, by the guardian when Firedrill is gone. Where a restart policy heals it, nothing is left to do.',
      proof:
        'The incarnation that was planned no longer runs; for a signal that may be handled, the event `kill` of the engine.',
      privileges:
        'The Docker socket. `heal: platform` also needs root on the host of the engine, or the user of the process.',
      limits: 'A container started with `--rm` cannot be put back: it needs `safety: { irreversible: allow }`.',
    },
    process: {
      mechanism: '`kill -SIGNAL PID`, for exactly the process that was planned (pid, start time, boot id).',
      undo: "The selector's `start` command with its `cwd` and `environment`, as `plan` prints it; a process under a supervisor (`supervised: true`) is waited for.",
      proof: 'The process is gone; for a signal that may be handled, the note in the state directory that it was sent.',
      privileges: 'The user of the process, or root.',
      limits:
        'Without `start` and without a supervisor it cannot be put back: it needs `safety: { irreversible: allow }`.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'A store container that crashes',
      fault: `name: crash the store
kill: {}
targets: [store]
heal: undo
for: 5s`,
    },
    {
      on: 'process',
      title: 'A store process that crashes',
      fault: `name: crash the store
kill: { signal: KILL }
targets: [store]
for: 5s`,
    },
  ],
  notes: [
    'A signal that the target only handles (HUP: it reloads) leaves nothing to put back: `undo: { nothing: it only reloads }`. Then nothing is owed, and a target that ended after all is a left-over (code 6).',
  ],
};
