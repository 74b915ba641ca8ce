import {everywhere, type FaultReference, type OnDriver} from '../reference.js';

/** The same everywhere: only what the commands are told of the target differs. */
const anywhere: OnDriver = {
  mechanism:
    '`do` on this machine, as an argument list without a shell (or `/bin/sh -c` with `shell: true`), in a process group of its own, once for each target, with `FIREDRILL_TARGET_NAME` and `FIREDRILL_TARGET_ID` (container id, uid, pid file or port, connection).',
  undo: '`undo`, on this machine, once at a time, also when `do` failed half-way or was cut short. A `do` that still runs is ended first.',
  proof:
    '`proof`: exit code 0 means in force, 1 absent, anything else unknown. Without `proof`: that `do` ended with 0 and `undo` did not run yet.',
  privileges: 'Whatever the commands need. They run as the user who runs Firedrill.',
  limits: 'What has no target takes `targets: []`.',
};

export const reference: FaultReference = {
  on: everywhere(anywhere),
  examples: [
    {
      on: 'command',
      title: 'A flag file that an application obeys',
      fault: `name: maintenance page
command:
  do: [touch, /tmp/maintenance]
  undo: [rm, -f, /tmp/maintenance]
  proof: [test, -e, /tmp/maintenance]
targets: []
for: 10s`,
    },
    {
      on: 'docker',
      title: 'A signal that an application reloads by',
      fault: `name: reload inventory
command:
  do: docker kill --signal WINCH "$FIREDRILL_TARGET_ID"
  undo: { nothing: the signal only reloads }
  shell: true
targets: [inventory]
for: 5s`,
    },
  ],
  notes: [
    'Where `do` leaves nothing to put back, `undo: { nothing: REASON }` says so. Without `undo` the fault is irreversible and needs `safety: { irreversible: allow }`. Secrets are written as `${secret:env:NAME}` and revealed only when a command starts.',
  ],
};
