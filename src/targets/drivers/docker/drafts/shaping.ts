import {createHash} from 'node:crypto';
import type {Json, JsonObject} from '../../../../quantities/json.js';
import {FiredrillError} from '../../../../system/error.js';
import type {Change, Drafts, TargetRef} from '../../../contract.js';
import type {AddressBlock, Impairment, PacketFilter} from '../../../packets.js';
import type {ContainerView} from '../container.js';
import {IN_FLIGHT, type Engine} from '../engine.js';
import {mapInFlight} from '../in-flight.js';
import {complaintOf} from '../inside/jobs.js';
import {runInside} from '../inside/run.js';
import {insteadOf, lackOf, needsOf, plainLoss, type Missing} from '../traffic/capabilities.js';
import {occupied, outwardLinks, waysOf} from '../traffic/choose.js';
import {describeFilter, matchesOf} from '../traffic/filters.js';
import {layoutOf, tooManyMatches, type Commands, type Place} from '../traffic/layout.js';
import {describeImpairment} from '../traffic/qdisc.js';
import {readShown, type Link, type Shown} from '../traffic/reading.js';
import {reading, removing} from '../traffic/script.js';
import {removingLoss, ruleCount, type Loss, type Tables} from '../traffic/statistic.js';
import {Draft, draftSignal, runningContainer, unsuitable} from './drafting.js';
import {manualInside} from './manual.js';
import {peersOf} from './peers.js';
import {ShapingParts} from './shaping-parts.js';

interface Shaping {
  readonly impairment: Impairment;
  readonly filter: PacketFilter;
}

/** A container as it is now, and what its tools show of its network. */
interface Found {
  readonly target: TargetRef;
  readonly draft: Draft;
  readonly view: ContainerView;
  readonly shown: Shown;
  readonly links: readonly Link[];
  readonly blocks: readonly AddressBlock[] | undefined;
}

/** A network namespace that others live in too is not the target's alone. */
function refuseShared(view: ContainerView, target: TargetRef): void {
  const mode = view.networkMode;
  if (mode === 'host' || mode === 'none' || mode.startsWith('container:')) {
    throw unsuitable(
      target,
      `has no network of its own to be shaped (network mode \`${mode}\`)`,
      mode.startsWith('container:') ? 'Select the container whose network it shares.' : undefined,
    );
  }
}

function linksFor(view: ContainerView, target: TargetRef, shown: Shown, network: string | undefined): readonly Link[] {
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

function tagOf(view: ContainerView, ...parts: readonly Json[]): string {
  return createHash('sha256')
    .update(JSON.stringify([view.id, view.startedAt, ...parts]))
    .digest('hex')
    .slice(0, 12);
}

function isFiltered(filter: PacketFilter): boolean {
  return describeFilter(filter) !== '';
}

function summaryOf({view, links}: Found, {impairment, filter}: Shaping, means: string): string {
  const where = links.map(({ifname}) => ifname).join(', ');
  const which = describeFilter(filter);
  const way = {egress: 'sends', ingress: 'receives', both: 'sends and receives'}[filter.direction];
  const only = which === '' ? '' : ` (${which})`;
  return `${describeImpairment(impairment)} of what container ${view.name} ${way} on ${where}${only}, by ${means}`;
}

const COMMON = {touches: ['qdiscs'], keeper: 'guardian'} as const;

function nothing({ip, tc}: Commands): boolean {
  return ip.length + tc.length === 0;
}

function byQdisc(engine: Engine, found: Found, shaping: Shaping): Change {
  const {draft, view, shown, links, blocks, target} = found;
  const {impairment, filter} = shaping;
  const ways = waysOf(filter.direction);
  const matches = {egress: matchesOf(filter, blocks, 'egress'), ingress: matchesOf(filter, blocks, 'ingress')};
  if (tooManyMatches(matches)) throw tooMany(target, Math.max(matches.egress.length, matches.ingress.length));
  const places = links.flatMap(({ifname: device, mtu}) =>
    ways.map((way): Place => {
      const why = occupied(shown, {device, way});
      if (why !== undefined) {
        const hint = 'It is left alone. Remove it first, or choose another `network:` or `direction:`.';
        throw unsuitable(target, why, hint);
      }
      return {device, mtu, way, ifb: way === 'egress' ? '' : `fd${tagOf(view, device, way)}`};
    }),
  );
  const {slots, prepare, flip} = layoutOf(places, impairment, matches);
  const args = {slots} as unknown as JsonObject;
  const withCommands = (commands: Commands) => ({...args, commands}) as unknown as JsonObject;
  const kind = impairment.kind === 'netem' ? 'netem' : 'tbf';
  return {
    target: draft.ref,
    summary: summaryOf(found, shaping, isFiltered(filter) ? `${kind} behind tc filters` : kind),
    ...(nothing(prepare) ? {} : {prepare: draft.op('shaping.prepare', withCommands(prepare))}),
    flip: draft.op('shaping.flip', withCommands(flip)),
    proof: draft.op('is-shaped', args),
    undo: {
      ...draft.op('shaping.remove', args),
      lifetime: 'incarnation',
      proof: draft.op('is-shaping-left', args),
      manual: manualInside(engine, view, removing(slots)),
    },
    claims: places.map(({device, way}) => `qdisc:${device}${way === 'egress' ? '' : ':ingress'}`),
    ...COMMON,
  };
}

function byIptables(engine: Engine, found: Found, shaping: Shaping, missing: Missing): Change {
  const {draft, view, links, blocks = null, target} = found;
  const {impairment, filter} = shaping;
  const {protocol, localPort, remotePort, direction} = filter;
  const base = {
    share: plainLoss(impairment) ?? 0,
    devices: links.map(({ifname}) => ifname),
    ways: waysOf(direction),
    filter: JSON.parse(JSON.stringify({protocol, localPort, remotePort})) as Loss['filter'],
    blocks,
  };
  const loss: Loss = {...base, tag: tagOf(view, 'loss', base as unknown as Json)};
  if (ruleCount(loss) > 256) throw tooMany(target, ruleCount(loss));
  const tables: readonly Tables[] = missing.has('statistic6') ? ['iptables'] : ['iptables', 'ip6tables'];
  const args = {loss, tables} as unknown as JsonObject;
  const only = tables.length === 1 ? ', IPv4 only' : '';
  return {
    target: draft.ref,
    summary: summaryOf(found, shaping, `iptables statistic, since netem is missing${only}`),
    prepare: draft.op('loss.prepare', args),
    flip: draft.op('loss.flip', args),
    proof: draft.op('is-losing', args),
    undo: {
      ...draft.op('loss.remove', args),
      lifetime: 'incarnation',
      proof: draft.op('is-loss-left', args),
      manual: manualInside(engine, view, tables.map(name => removingLoss(loss, name)).join('\n')),
    },
    claims: base.devices.flatMap(device =>
      base.ways.map(way => `qdisc:${device}${way === 'egress' ? '' : ':ingress'}`),
    ),
    ...COMMON,
    touches: ['rules'],
  };
}

function tooMany(target: TargetRef, count: number): FiredrillError {
  return unsuitable(
    target,
    `would need ${count} filters for these ports and addresses; at most 256 are set`,
    'Join ports to ranges and addresses to blocks, or leave some conditions out.',
  );
}

/** Chooses the means for one container by what its engine's host can do. */
function changeFor(engine: Engine, found: Found, shaping: Shaping, missing: Missing): Change {
  const {impairment, filter} = shaping;
  const {direction} = filter;
  const lack = lackOf(needsOf(impairment, direction, isFiltered(filter)), missing);
  if (lack === undefined) return byQdisc(engine, found, shaping);
  if (plainLoss(impairment) !== undefined && !missing.has('statistic')) {
    return byIptables(engine, found, shaping, missing);
  }
  const hint = insteadOf({impairment, isFiltered: isFiltered(filter), direction}, missing);
  throw new FiredrillError(
    'CAPABILITY_MISSING',
    `to ${describeImpairment(impairment)} of container \`${found.view.name}\` needs ${lack}`,
    {hint},
  );
}

async function shape(
  engine: Engine,
  parts: ShapingParts,
  targets: readonly TargetRef[],
  shaping: Shaping,
): Promise<readonly Change[]> {
  const views = await mapInFlight(targets, IN_FLIGHT, async target => {
    const view = await runningContainer(engine, target);
    refuseShared(view, target);
    return {target, view};
  });
  const [first] = views;
  if (first === undefined) return [];
  const missing = await parts.missing(first.view);
  const script = missing.has('tc') ? 'ip -j -d link show; echo "#"' : reading([]);
  const ran = await runInside(
    engine,
    views.map(({view}) => ({view, script})),
    {signal: draftSignal()},
  );
  const {address} = shaping.filter;
  const peers =
    address === undefined
      ? undefined
      : await peersOf(
          engine,
          views.map(({view}) => view),
          address,
        );
  return views.map(({target, view}, nth) => {
    const done = ran[nth];
    if (done?.code !== 0) {
      const why = done === undefined ? 'it was not run' : complaintOf(done);
      throw new FiredrillError(
        'CAPABILITY_MISSING',
        `the network of container \`${view.name}\` cannot be read: ${why}`,
      );
    }
    const shown = readShown(done.stdout, []);
    const links = linksFor(view, target, shown, shaping.filter.network);
    const found = {target, draft: new Draft(engine, view), view, shown, links, blocks: peers?.[nth]};
    return changeFor(engine, found, shaping, missing);
  });
}

export function shapingDrafts(engine: Engine): Drafts['shaping'] {
  const parts = new ShapingParts(engine);
  return {shape: (targets, shaping) => shape(engine, parts, targets, shaping)};
}
