import {createHash} from 'node:crypto';
import type {JsonObject} from '../../../../../quantities/json.js';
import {FiredrillError} from '../../../../../system/error.js';
import type {Change, Cut, Drafts} from '../../../../contract.js';
import {formatPorts, parseAddressBlock, type AddressBlock} from '../../../../packets.js';
import type {ContainerView} from '../../engine/container.js';
import {IN_FLIGHT, type Engine} from '../../engine/engine.js';
import {mapInFlight} from '../../../../../system/in-flight.js';
import {entranceOf} from '../../entrance/entrance.js';
import {complaintOf} from '../../../../linux/entrance.js';
import {readNeighbours, type Neighbour, type Neighbours} from '../../entrance/neighbours.js';
import {resolveNames, type Resolved} from '../../entrance/resolve.js';
import {entranceTo} from '../../entrance/run.js';
import type {Covered} from './operations.js';
import type {RuleSet} from '../../../../linux/partition/rules.js';
import {readScript, readTables, typedUndo} from '../../../../linux/partition/scripts.js';
import {Draft, runningContainer, unsuitable} from '../drafting.js';
import {manualInside} from '../manual.js';
import type {FilterTools} from '../../../../linux/partition/tools.js';
import {PartitionTools} from './tools.js';
import {alsoHit, demandOwnNetwork, reaching, sharersOf, type Sharer} from '../shared-network.js';

/** Behind the end of the fault: by then the undo has been tried for as long as it may take. */
const KERNEL_MARGIN_MS = 90_000;
const PER_TARGET_MS = 1_000;
/** A helper container takes a moment each, a few at a time. */
const DRAFT_LIMIT_MS = 15_000;
const DRAFT_PER_TARGET_MS = 2_000;
/** The arguments travel on a command line, and every packet is compared with every rule. */
const MOST_ADDRESSES = 1_000;

/** A container that is to be cut off, and where those are whom it is cut off from. */
interface CutTarget {
  readonly cut: Cut;
  readonly view: ContainerView;
  readonly self: Neighbour;
  readonly tools: FilterTools;
  /** Undefined: everyone. */
  readonly blocks: readonly AddressBlock[] | undefined;
  readonly sharing: readonly Sharer[];
  /** An interface of it has an IPv6 address. */
  readonly hasIpv6: boolean;
}

function sharesNothing(cut: Cut): FiredrillError {
  const names = cut.peers.map(({name}) => `\`${name}\``).join(', ');
  return unsuitable(
    cut.target,
    `is on no network with ${names}: there is nothing to cut between them`,
    'Where they talk through published ports or another host, name its address in `hosts`.',
  );
}

/** Where the peers and hosts of a cut are for its target; undefined when it means everyone. */
function blocksOf(cut: Cut, self: Neighbour, neighbours: Neighbours, hosts: Resolved): CutTarget['blocks'] {
  const names = cut.filter.address ?? [];
  if (cut.peers.length === 0 && names.length === 0) return undefined;
  const [unknown] = hosts.unknown;
  if (unknown !== undefined) {
    throw unsuitable(
      cut.target,
      `cannot resolve \`${unknown}\`, from which it is to be cut off`,
      'Name a container or service on one of its networks, a host name that its resolver knows, or an address.',
    );
  }
  const peers = cut.peers.flatMap(({object, name}) => neighbours.find({id: object, name}) ?? []);
  const addresses = peers.filter(({id}) => id !== self.id).flatMap(peer => neighbours.addresses(peer, self));
  if (cut.peers.length > 0 && addresses.length === 0) throw sharesNothing(cut);
  const blocks = [...addresses.flatMap(address => parseAddressBlock(address) ?? []), ...hosts.blocks];
  const unique = new Map(blocks.map(block => [`${block.address}/${block.prefix}`, block]));
  if (unique.size > MOST_ADDRESSES) {
    throw unsuitable(
      cut.target,
      `is to be cut off from ${unique.size} addresses; at most ${MOST_ADDRESSES} are set`,
      'Name a block (`10.0.0.0/8`) instead, or leave `from` and `hosts` out to cut it off from everyone.',
    );
  }
  return [...unique.values()];
}

function ownOn({filter, target}: Cut, self: Neighbour): RuleSet['own'] {
  if (filter.network === undefined) return undefined;
  const network = self.networks.find(({name}) => name === filter.network);
  if (network !== undefined) return {4: network.ipv4, 6: network.ipv6};
  const names = self.networks.map(({name}) => `\`${name}\``).join(', ');
  throw unsuitable(
    target,
    `is expected to be attached to network \`${filter.network}\`; it is attached to ${names || 'none'}`,
  );
}

function ruleSetFor({cut, view, self, tools, blocks, hasIpv6}: CutTarget): RuleSet {
  const {protocol, localPort, remotePort, direction} = cut.filter;
  const text = (family: 4 | 6) =>
    (blocks ?? [])
      .filter(block => block.family === family)
      .map(({address, prefix}) => `${address}/${prefix}`)
      .sort();
  const own = ownOn(cut, self);
  // A family in which nothing is meant gets no rules: half the work where there is no IPv6.
  const families = tools.families.filter(
    family =>
      (blocks === undefined ? family === 4 || hasIpv6 : text(family).length > 0) &&
      (own === undefined || own[family] !== ''),
  );
  if (families.length === 0) {
    throw unsuitable(
      cut.target,
      'has nothing to be cut off from: no address of those it is to be cut off from is in a family that it speaks',
    );
  }
  const rules = {
    backend: tools.backend,
    families,
    blocks: blocks === undefined ? undefined : {4: text(4), 6: text(6)},
    own,
    filter: {protocol, localPort, remotePort, direction},
    action: cut.action,
    silent: tools.hasQueue,
  };
  const tag = createHash('sha256')
    .update(JSON.stringify([view.id, view.startedAt, 'network-partition', rules]))
    .digest('hex')
    .slice(0, 12);
  return {tag, ...rules};
}

/** In the words of the file: what is cut, and for whom. */
function describe({cut, sharing}: CutTarget): string {
  const {peers, filter, action} = cut;
  const whom = [...peers.map(({name}) => name), ...(filter.address ?? [])];
  const shown = whom.length > 8 ? `${whom.slice(0, 8).join(', ')} and ${whom.length - 8} more` : whom.join(', ');
  const what = [
    filter.protocol,
    filter.localPort === undefined ? undefined : `own port ${formatPorts(filter.localPort)}`,
    filter.remotePort === undefined ? undefined : `remote port ${formatPorts(filter.remotePort)}`,
    filter.network === undefined ? undefined : `network ${filter.network}`,
    filter.direction === 'both' ? undefined : `${filter.direction} only`,
  ].filter(part => part !== undefined);
  const only = what.length === 0 ? '' : ` (${what.join(', ')})`;
  const verb = action === 'drop' ? 'drop' : 'reject';
  return `${verb} what container ${cut.target.name}${alsoHit(sharing)} exchanges with ${shown === '' ? 'everyone' : shown}${only}`;
}

function changeFor(engine: Engine, found: CutTarget, count: number): Change {
  const {cut, view, tools, blocks} = found;
  const draft = new Draft(engine, view);
  const set = ruleSetFor(found);
  const holdMs = cut.forMs + KERNEL_MARGIN_MS + PER_TARGET_MS * count;
  const byHelper = entranceOf(engine, view).kind === 'helper';
  const covers: Covered = {
    peers: blocks === undefined ? [] : cut.peers.map(({object, name}) => ({id: object, name})),
    names: (cut.filter.address ?? []).filter(name => parseAddressBlock(name) === undefined),
  };
  const args = JSON.parse(
    JSON.stringify({
      rules: set,
      pid: view.pid,
      ...(tools.hasTime ? {kernelHoldMs: holdMs} : {}),
      ...(byHelper ? {helperHoldMs: holdMs} : {}),
    }),
  ) as JsonObject;
  return {
    target: draft.ref,
    summary: `${describe(found)} (iptables chains FIREDRILL-${set.tag}, by ${byHelper ? 'a helper container' : 'nsenter'})`,
    prepare: draft.op('partition.prepare', args),
    flip: draft.op('partition.flip', args),
    proof: draft.op('is-cut-off', {...args, covers: JSON.parse(JSON.stringify(covers)) as JsonObject}),
    undo: {
      ...draft.op('partition.undo', args),
      lifetime: 'incarnation',
      proof: draft.op('is-cut-left', args),
      manual: manualInside(engine, view, typedUndo(set)),
    },
    claims: [`partition:${set.tag}`],
    touches: ['firewall'],
    ...reaching(found.sharing),
    keeper: byHelper || tools.hasTime ? 'target' : 'guardian',
  };
}

/**
 * Which containers speak IPv6; those that do not need no rules for it. That the rules which are there can be read is
 * what an undo will depend on.
 */
async function readIpv6(
  engine: Engine,
  found: readonly Omit<CutTarget, 'hasIpv6'>[],
  signal: AbortSignal,
): Promise<readonly boolean[]> {
  const jobs = found.map(({view, tools}) => ({place: view, script: readScript(tools)}));
  const ran = await entranceTo(engine).run(jobs, {signal});
  return found.map(({view}, index) => {
    const one = ran[index];
    if (one?.code === 0) return readTables(one.stdout).hasIpv6;
    const why = one === undefined ? 'it was not run' : complaintOf(one);
    throw new FiredrillError(
      'CAPABILITY_MISSING',
      `the packet filter of container \`${view.name}\` cannot be read: ${why}`,
    );
  });
}

async function draftAll(engine: Engine, parts: PartitionTools, cuts: readonly Cut[]): Promise<readonly Change[]> {
  if (cuts.length === 0) return [];
  const views = await mapInFlight(cuts, IN_FLIGHT, async ({target}) => {
    const view = await runningContainer(engine, target);
    demandOwnNetwork(view, target, 'cut off');
    return {view, tools: await parts.forContainer(view)};
  });
  const signal = AbortSignal.timeout(DRAFT_LIMIT_MS + cuts.length * DRAFT_PER_TARGET_MS);
  const neighbours = await readNeighbours(engine, signal);
  const wanted = views.map(({view}, index) => ({view, names: cuts[index]?.filter.address ?? []}));
  const resolved = await resolveNames(engine, wanted, signal, neighbours);
  const shared = await mapInFlight(views, IN_FLIGHT, ({view}) => sharersOf(engine, view, neighbours));
  const found = cuts.map((cut, index): Omit<CutTarget, 'hasIpv6'> => {
    const one = views[index];
    const self = neighbours.find({id: cut.target.object, name: cut.target.name});
    if (one === undefined || self === undefined) throw unsuitable(cut.target, 'is expected to run; it has just ended');
    const blocks = blocksOf(cut, self, neighbours, resolved[index] ?? {blocks: [], unknown: []});
    return {cut, ...one, self, blocks, sharing: shared[index] ?? []};
  });
  const ipv6 = await readIpv6(engine, found, signal);
  return found.map((one, index) => changeFor(engine, {...one, hasIpv6: ipv6[index] ?? true}, cuts.length));
}

export function partitionDrafts(engine: Engine): Drafts['partition'] {
  const parts = new PartitionTools(engine);
  return {cut: cuts => draftAll(engine, parts, cuts)};
}
