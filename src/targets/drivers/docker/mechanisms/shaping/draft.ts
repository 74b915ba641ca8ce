import {FiredrillError} from '../../../../../system/error.js';
import type {Change, Drafts, TargetRef} from '../../../../contract.js';
import type {AddressBlock} from '../../../../packets.js';
import type {ContainerView} from '../../engine/container.js';
import {IN_FLIGHT, type Engine} from '../../engine/engine.js';
import {mapInFlight} from '../../../../../system/in-flight.js';
import {complaintOf} from '../../../../linux/entrance.js';
import {readNeighbours, type Neighbours} from '../../entrance/neighbours.js';
import {resolveNames} from '../../entrance/resolve.js';
import {entranceTo} from '../../entrance/run.js';
import {outwardLinks} from '../../../../linux/shaping/choose.js';
import {readShown, type NetworkLink, type NamespaceView} from '../../../../linux/shaping/reading.js';
import {reading} from '../../../../linux/shaping/script.js';
import {draftSignal, runningContainer, unsuitable} from '../drafting.js';
import {changeFor, type Shaping} from './changes.js';
import {ShapingParts} from './parts.js';
import {demandOwnNetwork, sharersOf} from '../shared-network.js';

/** Behind the end of the fault: by then the undo has been tried for as long as it may take. */
const HOLD_MARGIN_MS = 90_000;
const HOLD_PER_TARGET_MS = 1_000;

interface Target {
  readonly target: TargetRef;
  readonly view: ContainerView;
}

function linksFor({view, target}: Target, shown: NamespaceView, network: string | undefined): readonly NetworkLink[] {
  const links = outwardLinks(shown);
  if (network === undefined) {
    if (links.length === 0) throw unsuitable(target, 'has no interface but the loopback');
    return links;
  }
  const attachment = view.attachments.find(({name}) => name === network);
  if (attachment === undefined) {
    const names = view.attachments.map(one => `\`${one.name}\``).join(', ');
    throw unsuitable(
      target,
      `is expected to be attached to network \`${network}\`; it is attached to ${names || 'none'}`,
    );
  }
  const link = links.find(({address}) => address?.toLowerCase() === attachment.mac);
  if (link === undefined) throw unsuitable(target, `shows no interface for its network \`${network}\``);
  return [link];
}

/** Where the peers that the filter names are, for each target; undefined where it names none. */
async function peersOf(
  engine: Engine,
  targets: readonly Target[],
  names: readonly string[] | undefined,
  neighbours: Neighbours,
): Promise<readonly (readonly AddressBlock[])[] | undefined> {
  if (names === undefined) return undefined;
  const wanted = targets.map(({view}) => ({view, names}));
  const resolved = await resolveNames(engine, wanted, draftSignal(), neighbours);
  return targets.map(({target}, nth) => {
    const {blocks, unknown} = resolved[nth] ?? {blocks: [], unknown: names};
    if (unknown.length === 0) return blocks;
    throw unsuitable(
      target,
      `cannot resolve \`${unknown.join('`, `')}\`, which \`address\` names`,
      'Name a container or service on one of its networks, a host name that its resolver knows, or an address.',
    );
  });
}

/** What the tools show of each target's network; all targets in one go. */
async function readAll(engine: Engine, targets: readonly Target[], hasTc: boolean): Promise<readonly NamespaceView[]> {
  const script = hasTc ? reading([]) : 'ip -j -d link show';
  const jobs = targets.map(({view}) => ({place: view, script}));
  const ran = await entranceTo(engine).run(jobs, {signal: draftSignal()});
  return targets.map(({view}, nth) => {
    const done = ran[nth];
    if (done?.code === 0) return readShown(done.stdout, []);
    const why = done === undefined ? 'it was not run' : complaintOf(done);
    throw new FiredrillError('CAPABILITY_MISSING', `the network of container \`${view.name}\` cannot be read: ${why}`, {
      hint: 'Install iproute2 where Firedrill enters the container: on this machine, or in the helper image.',
    });
  });
}

async function shape(
  engine: Engine,
  parts: ShapingParts,
  refs: readonly TargetRef[],
  given: Omit<Shaping, 'holdMs'>,
): Promise<readonly Change[]> {
  const targets = await mapInFlight(refs, IN_FLIGHT, async (target): Promise<Target> => {
    const view = await runningContainer(engine, target);
    demandOwnNetwork(view, target, 'shape');
    return {target, view};
  });
  const [first] = targets;
  if (first === undefined) return [];
  const missing = await parts.missing(first.view);
  const neighbours = await readNeighbours(engine, draftSignal());
  const shared = await mapInFlight(targets, IN_FLIGHT, ({view}) => sharersOf(engine, view, neighbours));
  const shown = await readAll(engine, targets, !missing.has('tc'));
  const peers = await peersOf(engine, targets, given.filter.address, neighbours);
  const shaping = {...given, holdMs: given.forMs + HOLD_MARGIN_MS + HOLD_PER_TARGET_MS * targets.length};
  return targets.flatMap((one, nth) => {
    const there = shown[nth];
    if (there === undefined) return [];
    const links = linksFor(one, there, given.filter.network);
    const sharing = shared[nth] ?? [];
    return [changeFor(engine, {...one, shown: there, links, blocks: peers?.[nth], sharing}, shaping, missing)];
  });
}

export function shapingDrafts(engine: Engine): Drafts['shaping'] {
  const parts = new ShapingParts(engine);
  return {shape: (targets, shaping) => shape(engine, parts, targets, shaping)};
}
