import {readFile} from 'node:fs/promises';
import {socketOwners} from '../../../system/socket-owners.js';
import {statOf} from '../../../system/processes.js';
import type {Ambient, TargetRef} from '../../contract.js';
import {isLoopback, tcpTableFrom, type Endpoint, type TcpTable} from '../../linux/tcp-table.js';
import {peersOf, type SeenConnection} from '../../peers.js';
import {MOST_SURROUNDINGS, type Surrounding, type Surroundings} from '../../surroundings.js';
import {isOwn, locate} from './objects.js';
import {processTree} from './process-tree.js';

const keyOf = ({address, port}: Endpoint): string => `${address} ${port}`;

interface Family {
  readonly ref: TargetRef;
  /** Itself and all below it; empty where it does not run. */
  readonly pids: readonly number[];
}

async function familiesOf(refs: readonly TargetRef[], ambient: Ambient): Promise<readonly Family[]> {
  return Promise.all(
    refs.map(async ref => {
      const main = await locate(ref.object, isOwn(ref.object, ambient.stateDir));
      return {ref, pids: main === undefined ? [] : (await processTree(main)).map(({pid}) => pid)};
    }),
  );
}

/** Who is at the other end of the connections of this machine. */
class Names {
  private readonly targets: ReadonlyMap<number, string>;
  private readonly owners = new Map<string, number>();

  constructor(
    families: readonly Family[],
    table: TcpTable,
    private readonly holders: ReadonlyMap<number, number>,
  ) {
    this.targets = new Map(families.flatMap(({ref, pids}) => pids.map(pid => [pid, ref.name] as const)));
    for (const {local, inode} of table.connections) {
      const pid = holders.get(inode);
      if (pid !== undefined) this.owners.set(keyOf(local), pid);
    }
  }

  async of(remote: Endpoint, listener: number | undefined): Promise<SeenConnection['peer']> {
    // A process that does not accept yet has a socket that listens, and none for this connection.
    const pid = this.owners.get(keyOf(remote)) ?? (listener === undefined ? undefined : this.holders.get(listener));
    if (pid === undefined) return {name: remote.address, kind: 'address'};
    if (pid === process.pid) return {name: 'Firedrill', kind: 'process'};
    return {name: this.targets.get(pid) ?? (await statOf(pid))?.comm ?? `process ${pid}`, kind: 'process'};
  }
}

/**
 * Looks at the TCP connections of processes of this machine, and at who has their other ends. The connections of a
 * process are those whose sockets it holds: closed ones belong to nobody any more.
 */
export async function lookAround(
  refs: readonly TargetRef[],
  ambient: Ambient,
  signal: AbortSignal,
): Promise<Surroundings> {
  const asOf = new Date().toISOString();
  const families = await familiesOf(refs.slice(0, MOST_SURROUNDINGS.targets), ambient);
  signal.throwIfAborted();
  const tables = await Promise.all(['tcp', 'tcp6'].map(name => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')));
  const table = tcpTableFrom(tables.join('\n'));
  const inodes = [...table.listening.values(), ...table.connections.map(({inode}) => inode)];
  const holders = await socketOwners(new Set(inodes.filter(inode => inode > 0)));
  signal.throwIfAborted();
  const names = new Names(families, table, holders);
  const targets = await Promise.all(
    families.map(async ({ref, pids}): Promise<Surrounding> => {
      const base = {object: ref.object, name: ref.name};
      if (pids.length === 0) return {...base, peers: [], why: 'it does not run'};
      const own = new Set(pids);
      const held = table.connections.filter(({inode}) => own.has(holders.get(inode) ?? -1));
      const seen = held.map(async ({local, remote}): Promise<SeenConnection> => {
        const way = table.listening.has(local.port) ? 'from' : 'to';
        const listener = way === 'to' && isLoopback(remote.address) ? table.listening.get(remote.port) : undefined;
        const peer = await names.of(remote, listener);
        return {peer, way, port: way === 'from' ? local.port : remote.port};
      });
      return {...base, ...peersOf((await Promise.all(seen)).filter(({peer}) => peer.name !== ref.name))};
    }),
  );
  return {asOf, targets, mishaps: []};
}
