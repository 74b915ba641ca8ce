import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        '`do` on this machine, as an argument list without a shell (or `/bin/sh -c` with `shell: true`), in a process group of its own, with `FIREDRILL_TARGET_NAME` and `FIREDRILL_TARGET_ID` (the name and the id of the container).',
      undo: '`undo`, on this machine, once at a time: also when `do` failed half-way or was cut short. A `do` that still runs is ended first.',
      proof:
        '`proof`: exit code 0 means in force, 1 absent, anything else unknown. Without `proof`: that `do` ended with 0 and `undo` did not run yet.',
      privileges: 'Whatever the commands need. They run as the user who runs Firedrill.',
    },
    kubernetes: {
      mechanism:
        '`do` on this machine, as an argument list without a shell (or `/bin/sh -c` with `shell: true`), in a process group of its own, with `FIREDRILL_TARGET_NAME` and `FIREDRILL_TARGET_ID` (the name and the uid).',
      undo: '`undo`, on this machine, once at a time: also when `do` failed half-way or was cut short. A `do` that still runs is ended first.',
      proof:
        '`proof`: exit code 0 means in force, 1 absent, anything else unknown. Without `proof`: that `do` ended with 0 and `undo` did not run yet.',
      privileges: 'Whatever the commands need. They run as the user who runs Firedrill.',
    },
    process: {
      mechanism:
        '`do` on this machine, as an argument list without a shell (or `/bin/sh -c` with `shell: true`), in a process group of its own, with `FIREDRILL_TARGET_NAME` and `FIREDRILL_TARGET_ID` (the name and the pid file or port).',
      undo: '`undo`, on this machine, once at a time: also when `do` failed half-way or was cut short. A `do` that still runs is ended first.',
      proof:
        '`proof`: exit code 0 means in force, 1 absent, anything else unknown. Without `proof`: that `do` ended with 0 and `undo` did not run yet.',
      privileges: 'Whatever the commands need. They run as the user who runs Firedrill.',
    },
    proxy: {
      mechanism:
        '`do` on this machine, as an argument list without a shell (or `/bin/sh -c` with `shell: true`), in a process group of its own, with `FIREDRILL_TARGET_NAME` and `FIREDRILL_TARGET_ID` (the name of the connection).',
      undo: '`undo`, on this machine, once at a time: also when `do` failed half-way or was cut short. A `do` that still runs is ended first.',
      proof:
        '`proof`: exit code 0 means in force, 1 absent, anything else unknown. Without `proof`: that `do` ended with 0 and `undo` did not run yet.',
      privileges: 'Whatever the commands need. They run as the user who runs Firedrill.',
    },
    toxiproxy: {
      mechanism:
        '`do` on this machine, as an argument list without a shell (or `/bin/sh -c` with `shell: true`), in a process group of its own, with `FIREDRILL_TARGET_NAME` and `FIREDRILL_TARGET_ID` (the name of the proxy).',
      undo: '`undo`, on this machine, once at a time: also when `do` failed half-way or was cut short. A `do` that still runs is ended first.',
      proof:
        '`proof`: exit code 0 means in force, 1 absent, anything else unknown. Without `proof`: that `do` ended with 0 and `undo` did not run yet.',
      privileges: 'Whatever the commands need. They run as the user who runs Firedrill.',
    },
    host: {
      mechanism:
        '`do` on this machine, as an argument list without a shell (or `/bin/sh -c` with `shell: true`), in a process group of its own, with `FIREDRILL_TARGET_NAME` and `FIREDRILL_TARGET_ID`.',
      undo: '`undo`, on this machine, once at a time: also when `do` failed half-way or was cut short. A `do` that still runs is ended first.',
      proof:
        '`proof`: exit code 0 means in force, 1 absent, anything else unknown. Without `proof`: that `do` ended with 0 and `undo` did not run yet.',
      privileges: 'Whatever the commands need. They run as the user who runs Firedrill.',
      limits: 'Leave `targets` empty (`targets: []`) for what has no target.',
    },
  },
  examples: [
    {
      on: 'host',
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
      title: 'A reload that loses its cache',
      fault: `name: reload inventory
command:
  do: [docker, kill, --signal, WINCH, "shop-inventory-1"]
  undo: ["true"]
targets: [inventory]
for: 5s`,
    },
  ],
  notes: [
    'Without `undo` the fault is irreversible and needs `safety: { irreversible: allow }`. Secrets are written as `${secret:env:NAME}` and revealed only when a command starts.',
  ],
};
