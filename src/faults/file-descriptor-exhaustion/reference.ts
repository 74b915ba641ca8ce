import type {FaultReference} from '../reference.js';

const PROOF =
  'Each process carries the lowered limit (/proc/PID/limits). Exercised: processes that have no descriptor left below their limit now (/proc/PID/fd).';

export const reference: FaultReference = {
  on: {
    docker: {
      mechanism:
        '`prlimit --pid PID --nofile=LIMIT:` for every process of the container that exists when the fault starts, or for those whose command line matches `processes`. Only the soft limit is lowered. What they start meanwhile inherits it. Open descriptors stay open; every further open, socket and accept fails with EMFILE.',
      undo: '`prlimit --pid PID --nofile=WAS:` for each, and for what inherited the limit meanwhile; only while it still carries the value of the fault.',
      proof: PROOF,
      privileges: "Root on the engine's host, with `prlimit`.",
      limits:
        'Refused when no process has a limit above what was asked for. A restarted container starts with its own limits.',
    },
    process: {
      mechanism:
        '`prlimit --pid PID --nofile=LIMIT:` for the process and all below it, or for those of them whose command line matches `processes`.',
      undo: '`prlimit --pid PID --nofile=WAS:` for each, and for what inherited the limit meanwhile.',
      proof: PROOF,
      privileges: 'The user who owns the process, or root. `prlimit` must be installed.',
      limits: 'Children that left the process (daemons) are not found. Linux only.',
    },
  },
  examples: [
    {
      on: 'docker',
      title: 'The inventory can open nothing more',
      fault: `name: no descriptors
file-descriptor-exhaustion: { leave: 2 }
targets: [inventory]
for: 15s`,
    },
    {
      on: 'process',
      title: 'The inventory can open nothing more',
      fault: `name: no descriptors
file-descriptor-exhaustion: { leave: 2 }
targets: [inventory]
for: 15s`,
    },
  ],
};
