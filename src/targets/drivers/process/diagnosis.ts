import type {Diagnosis} from '../../diagnosis.js';
import {isInstalled} from '../../linux/tools.js';

/** Tools of this machine, what needs them and the package that has them. */
const TOOLS = [
  ['stress-ng', 'stress-ng', '`cpu-stress`, `memory-stress`, `io-stress`'],
  ['fallocate', 'util-linux', '`disk-fill`'],
  ['prlimit', 'util-linux', '`file-descriptor-exhaustion`'],
] as const;

/** What faults on processes of this machine find here. */
export function diagnoseProcesses(): readonly Diagnosis[] {
  const isRoot = process.getuid?.() === 0;
  const rights: Diagnosis = isRoot
    ? {what: 'rights', state: 'works', found: 'root: every process may be hit'}
    : {
        what: 'rights',
        state: 'limited',
        found: 'not root: only your own processes may be hit, and containers through the engine alone',
        advice: 'Run as root for what needs the host of a container; `plan` says for each fault whether it does.',
      };
  return [
    rights,
    ...TOOLS.map(([tool, from, faults]): Diagnosis =>
      isInstalled(tool)
        ? {what: tool, state: 'works', found: faults}
        : {
            what: tool,
            state: 'missing',
            found: 'not installed',
            advice: `${faults} need it: apt-get install ${from} (or your system's package of that name).`,
          },
    ),
  ];
}
