import {setImmediate as turn} from 'node:timers/promises';
import {allPids, openSockets} from './processes.js';

/** Which process holds which of these sockets (by inode), as far as processes may be looked into. */
export async function socketOwners(inodes: ReadonlySet<number>): Promise<ReadonlyMap<number, number>> {
  const owners = new Map<number, number>();
  if (inodes.size === 0) return owners;
  for (const pid of await allPids()) {
    for (const socket of openSockets(pid)) {
      const inode = Number(/^socket:\[(\d+)\]$/.exec(socket)?.[1]);
      if (inodes.has(inode) && !owners.has(inode)) owners.set(inode, pid);
    }
    // Others get their turn between two processes.
    await turn();
  }
  return owners;
}
