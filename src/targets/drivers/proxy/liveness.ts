import {readFile, readlink} from 'node:fs/promises';
import {bootId} from '../../../system/clock.js';

/**
 * Whether the proxy process of an incarnation (`pid/start/pid namespace/boot`) is certainly dead. Only an observer in
 * the same pid namespace can tell; false whenever there is doubt. A proxy that is dead has no toxics any more.
 */
export async function isCertainlyDead(incarnation: string): Promise<boolean> {
  const [pid, start, namespace, boot] = incarnation.split('/');
  if (pid === undefined || start === undefined || namespace === undefined || namespace === '') return false;
  const ours = await readlink('/proc/self/ns/pid').catch(() => '');
  if (boot !== bootId() || ours.replace(/\D/g, '') !== namespace) return false;
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' || rest[18] !== start;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
