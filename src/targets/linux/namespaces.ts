import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {parseStat} from '../../system/processes.js';

/** Whether a process shares this namespace with us. @throws when it is gone or may not be looked into. */
export function sharesNamespace(pid: number, kind: 'mnt' | 'pid'): boolean {
  return readlinkSync(`/proc/${pid}/ns/${kind}`) === readlinkSync(`/proc/self/ns/${kind}`);
}

function parents(): ReadonlyMap<number, number> {
  return new Map(
    readdirSync('/proc')
      .map(Number)
      .filter(Boolean)
      .flatMap(pid => {
        try {
          const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
          return stat === undefined ? [] : [[pid, stat.parent] as const];
        } catch {
          return [];
        }
      }),
  );
}

/** A process and all below it, itself first. Synchronous: /proc never blocks. */
export function familyOf(pid: number): readonly number[] {
  const above = parents();
  const family = [pid];
  // What is found last may have children itself: the list grows while it is walked.
  for (const one of family) for (const [child, parent] of above) if (parent === one) family.push(child);
  return family;
}
