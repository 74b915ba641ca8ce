import {parseAddressBlock, type AddressBlock} from '../../../packets.js';
import type {Engine} from '../engine/engine.js';
import type {Enterable} from './entrance.js';
import {resolvedNames, resolvingScript} from './names.js';
import {readNeighbours, type Neighbours} from './neighbours.js';
import {entranceTo} from './run.js';

/** Names that one container may talk to. */
export interface Wanted {
  readonly view: Enterable;
  /** Addresses, blocks and host names. */
  readonly names: readonly string[];
}

/** What became of the names of one container. */
export interface Resolved {
  readonly blocks: readonly AddressBlock[];
  /** Those that resolve to nothing now. */
  readonly unknown: readonly string[];
}

/** Splits what the engine itself knows from what the container's own resolver has to be asked. */
function known({view, names}: Wanted, neighbours: Neighbours) {
  const self = neighbours.find({id: view.id, name: view.name});
  const found = new Map<string, readonly string[]>();
  const asked: string[] = [];
  for (const name of names) {
    if (parseAddressBlock(name) !== undefined) found.set(name, [name]);
    else {
      const addresses = self === undefined ? [] : neighbours.named(name, self);
      if (addresses.length > 0) found.set(name, addresses);
      else asked.push(name);
    }
  }
  return {found, asked};
}

/**
 * Resolves what a file calls by name, for each container as it would itself: first the engine's own names on the
 * networks they share, else by the container's resolver in its namespace. One list call, and one batch of jobs where it
 * is needed.
 */
export async function resolveNames(
  engine: Engine,
  wanted: readonly Wanted[],
  signal: AbortSignal,
  given?: Neighbours,
): Promise<readonly Resolved[]> {
  const neighbours = given ?? (await readNeighbours(engine, signal));
  const split = wanted.map(one => ({...known(one, neighbours), view: one.view, names: one.names}));
  const asking = split.filter(({asked}) => asked.length > 0);
  const jobs = asking.map(({view, asked}) => ({place: view, script: resolvingScript(engine, view, asked)}));
  const ran = jobs.length === 0 ? [] : await entranceTo(engine).run(jobs, {signal});
  asking.forEach(({found}, index) => {
    for (const [name, addresses] of resolvedNames(ran[index]?.stdout ?? '')) found.set(name, addresses);
  });
  return split.map(({names, found}) => ({
    blocks: names.flatMap(name => (found.get(name) ?? []).flatMap(address => parseAddressBlock(address) ?? [])),
    unknown: names.filter(name => (found.get(name) ?? []).length === 0),
  }));
}
