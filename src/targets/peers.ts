import {MOST_SURROUNDINGS, type Peer, type Surrounding} from './surroundings.js';

/** A connection, seen from a target. */
export interface SeenConnection {
  readonly peer: Pick<Peer, 'name' | 'kind'>;
  readonly way: Peer['way'];
  readonly port: number;
}

/** The connections by peer, way and port, those with the most first. */
export function peersOf(seen: readonly SeenConnection[]): Pick<Surrounding, 'peers' | 'why'> {
  const counted = new Map<string, Peer>();
  for (const {peer, way, port} of seen) {
    const key = JSON.stringify([peer, way, port]);
    counted.set(key, {...peer, way, port, connections: (counted.get(key)?.connections ?? 0) + 1});
  }
  const all = [...counted.values()].sort((a, b) => b.connections - a.connections || (a.name < b.name ? -1 : 1));
  const more = all.length - MOST_SURROUNDINGS.peers;
  if (more <= 0) return {peers: all};
  return {peers: all.slice(0, MOST_SURROUNDINGS.peers), why: `${more} more peers are left out`};
}
