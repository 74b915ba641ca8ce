import {listContainers} from '../engine/container.js';
import type {Engine} from '../engine/engine.js';

/** A container's addresses on one network; '' where it has none of the family. */
export interface OnNetwork {
  readonly id: string;
  readonly name: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A running container, as far as others can reach it. */
export interface Neighbour {
  readonly id: string;
  readonly name: string;
  readonly project: string | undefined;
  readonly service: string | undefined;
  /** `container:ID` where it shares the network namespace of another one. */
  readonly networkMode: string;
  readonly aliases: readonly string[];
  readonly networks: readonly OnNetwork[];
}

interface ListedNeighbour {
  readonly Id: string;
  readonly Names?: readonly string[] | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly HostConfig?: {readonly NetworkMode?: string};
  readonly NetworkSettings?: {
    readonly Networks?: Readonly<
      Record<
        string,
        {
          readonly NetworkID?: string;
          readonly IPAddress?: string;
          readonly GlobalIPv6Address?: string;
          readonly Aliases?: readonly string[] | null;
        }
      >
    > | null;
  };
}

function neighbourFrom(raw: ListedNeighbour): Neighbour {
  const networks = Object.entries(raw.NetworkSettings?.Networks ?? {});
  const labels = raw.Labels ?? {};
  return {
    id: raw.Id,
    name: (raw.Names?.[0] ?? '').replace(/^\//, ''),
    project: labels['com.docker.compose.project'],
    service: labels['com.docker.compose.service'],
    networkMode: raw.HostConfig?.NetworkMode ?? 'default',
    aliases: networks.flatMap(([, {Aliases}]) => Aliases ?? []),
    networks: networks.map(([name, one]) => ({
      id: one.NetworkID ?? name,
      name,
      ipv4: one.IPAddress ?? '',
      ipv6: one.GlobalIPv6Address ?? '',
    })),
  };
}

/** Who can be reached where, as one moment shows it. */
export class Neighbours {
  private readonly byId: ReadonlyMap<string, Neighbour>;

  constructor(private readonly all: readonly Neighbour[]) {
    this.byId = new Map(all.map(one => [one.id, one]));
  }

  /** A container by its id, or the one that has taken its name. Undefined when neither runs. */
  find(peer: {readonly id: string; readonly name: string}): Neighbour | undefined {
    return this.byId.get(peer.id) ?? this.all.find(({name}) => name === peer.name);
  }

  /** Those that live in the container's network namespace. */
  sharing(id: string): readonly Neighbour[] {
    return this.all.filter(({networkMode}) => networkMode === `container:${id}`);
  }

  /** Where `peer` is for `self`: its addresses on the networks that both are attached to. */
  addresses(peer: Neighbour, self: Neighbour): readonly string[] {
    const shared = new Set(self.networks.map(({id}) => id));
    const owner = this.byId.get(peer.networkMode.replace(/^container:/, '')) ?? peer;
    return owner.networks
      .filter(({id}) => shared.has(id))
      .flatMap(({ipv4, ipv6}) => [ipv4, ipv6])
      .filter(address => address !== '');
  }

  /**
   * What the engine's own name service would answer `self`: containers by name, alias, compose service or short id, on
   * the networks they share. Empty when the name is none of these.
   */
  named(name: string, self: Neighbour): readonly string[] {
    const networks = self.networks.map(network => network.name);
    const suffix = networks.find(network => name.endsWith(`.${network}`));
    const bare = suffix === undefined ? name : name.slice(0, -suffix.length - 1);
    const isCalled = (one: Neighbour) =>
      one.name === bare ||
      one.aliases.includes(bare) ||
      (one.service === bare && one.project === self.project) ||
      one.id.slice(0, 12) === bare;
    const found = this.all.filter(one => one.id !== self.id && isCalled(one));
    return [...new Set(found.flatMap(one => this.addresses(one, self)))];
  }
}

/** All running containers with their addresses: one list call. */
export async function readNeighbours(engine: Engine, signal: AbortSignal): Promise<Neighbours> {
  const filters = {status: ['running', 'paused']};
  const found = await listContainers<ListedNeighbour>(engine, {all: true, filters}, signal);
  return new Neighbours(found.map(neighbourFrom));
}
