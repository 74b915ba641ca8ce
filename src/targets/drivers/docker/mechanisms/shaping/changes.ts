import {createHash} from 'node:crypto';
import type {Json, JsonObject} from '../../../../../quantities/json.js';
import {formatDuration} from '../../../../../quantities/duration.js';
import {FiredrillError} from '../../../../../system/error.js';
import type {Change, TargetRef} from '../../../../contract.js';
import type {AddressBlock, Impairment, PacketFilter, PacketWay} from '../../../../packets.js';
import type {ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {entranceOf} from '../../entrance/entrance.js';
import {insteadOf, lackOf, needsOf, plainLoss, type MissingParts} from '../../../../linux/shaping/capabilities.js';
import {occupied, waysOf} from '../../../../linux/shaping/choose.js';
import {describeFilter, matchesOf, MOST_MATCHES} from '../../../../linux/shaping/filters.js';
import {layoutOf, type Commands, type ShapedInterface} from '../../../../linux/shaping/layout.js';
import {describeImpairment} from '../../../../linux/shaping/qdisc.js';
import type {NetworkLink, NamespaceView} from '../../../../linux/shaping/reading.js';
import {removing} from '../../../../linux/shaping/script.js';
import {removingLoss, ruleCount, type Loss, type Tables} from '../../../../linux/shaping/statistic.js';
import {Draft, unsuitable} from '../drafting.js';
import {manualInside} from '../manual.js';
import {namedSharers, reaching, type Sharer} from '../shared-network.js';

/** What is to be done to the packets of some targets. */
export interface Shaping {
  readonly impairment: Impairment;
  readonly filter: PacketFilter;
  /** How long it will hold, and how long a helper that was left alone waits before it undoes it. */
  readonly forMs: number;
  readonly holdMs: number;
}

/** A container as it is now, and what its tools show of its network. */
export interface ShapingTarget {
  readonly target: TargetRef;
  readonly view: ContainerView;
  readonly shown: NamespaceView;
  /** Those that are to be shaped. */
  readonly links: readonly NetworkLink[];
  /** Of the peers that the filter names; undefined: everyone. */
  readonly blocks: readonly AddressBlock[] | undefined;
  /** Containers that live in the same network namespace. */
  readonly sharing: readonly Sharer[];
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

function tooMany(target: TargetRef, count: number): FiredrillError {
  return unsuitable(
    target,
    `would need ${count} filters for these ports and addresses; at most ${MOST_MATCHES} are set`,
    'Join ports to ranges and addresses to blocks, or leave some conditions out.',
  );
}

function summaryOf({view, links, sharing}: ShapingTarget, {impairment, filter}: Shaping, means: string): string {
  const where = links.map(({ifname}) => ifname).join(', ');
  const which = describeFilter(filter);
  const way = {egress: 'sends', ingress: 'receives', both: 'sends and receives'}[filter.direction];
  const also = sharing.length === 0 ? '' : ` and ${namedSharers(sharing)}, who share its network,`;
  const only = which === '' ? '' : ` (${which})`;
  return `${describeImpairment(impairment)} of what container ${view.name}${also} ${way} on ${where}${only}, by ${means}`;
}

function slotName(device: string, way: PacketWay): string {
  return `qdisc:${device}${way === 'egress' ? '' : ':ingress'}`;
}

/** What both mechanisms have in common. */
interface Built {
  readonly means: string;
  readonly names: Readonly<Record<'prepare' | 'flip' | 'proof' | 'undo' | 'left', string>>;
  readonly tag: string;
  /** Of every operation and question; `prepare` and `flip` have more. */
  readonly args: JsonObject;
  /** Undefined: nothing is to be prepared. */
  readonly prepare: JsonObject | undefined;
  readonly flip: JsonObject;
  readonly undoScript: string;
  readonly touches: readonly string[];
}

function changeFrom(engine: Engine, found: ShapingTarget, shaping: Shaping, built: Built): Change {
  const {view, links} = found;
  const {names} = built;
  const draft = new Draft(engine, view);
  const byHelper = entranceOf(engine, view).kind === 'helper';
  const args = {...built.args, tag: built.tag, ...(byHelper ? {helperHoldMs: shaping.holdMs} : {})};
  const prepare = built.prepare ?? (byHelper ? {} : undefined);
  return {
    target: draft.ref,
    summary: summaryOf(found, shaping, `${built.means}${byHelper ? ', through a helper container' : ''}`),
    ...(prepare === undefined ? {} : {prepare: draft.op(names.prepare, {...args, ...prepare})}),
    flip: draft.op(names.flip, {...args, ...built.flip}),
    proof: draft.op(names.proof, args),
    undo: {
      ...draft.op(names.undo, args),
      lifetime: 'incarnation',
      proof: draft.op(names.left, args),
      manual: manualInside(engine, view, built.undoScript),
    },
    claims: links.flatMap(({ifname}) => waysOf(shaping.filter.direction).map(way => slotName(ifname, way))),
    touches: built.touches,
    ...reaching(found.sharing),
    keeper: byHelper ? 'target' : 'guardian',
  };
}

function placesOf({target, view, shown, links}: ShapingTarget, ways: readonly PacketWay[]): readonly ShapedInterface[] {
  return links.flatMap(({ifname: device, mtu, txqlen = 0}) =>
    ways.map((way): ShapedInterface => {
      const why = occupied(shown, {device, way});
      if (why !== undefined) {
        throw unsuitable(target, why, 'It is left alone. Remove it first, or choose another `network` or `direction`.');
      }
      const ifb = way === 'egress' ? '' : `fd${tagOf(view, device, way)}`;
      return {device, mtu, way, ifb, noQueue: txqlen === 0};
    }),
  );
}

function byQdisc(engine: Engine, found: ShapingTarget, shaping: Shaping): Change {
  const {view, blocks, target} = found;
  const {impairment, filter} = shaping;
  const matches = {egress: matchesOf(filter, blocks, 'egress'), ingress: matchesOf(filter, blocks, 'ingress')};
  if (matches.egress.length > MOST_MATCHES) throw tooMany(target, matches.egress.length);
  const places = placesOf(found, waysOf(filter.direction));
  const {slots, prepare, flip} = layoutOf(places, impairment, matches);
  const json = (value: object) => JSON.parse(JSON.stringify(value)) as JsonObject;
  const commands = (given: Commands) => json({commands: given});
  const kind = impairment.kind === 'netem' ? 'netem' : 'tbf';
  return changeFrom(engine, found, shaping, {
    means: isFiltered(filter) ? `${kind} behind tc filters` : kind,
    names: {
      prepare: 'shaping.prepare',
      flip: 'shaping.flip',
      proof: 'is-shaped',
      undo: 'shaping.remove',
      left: 'is-shaping-left',
    },
    tag: tagOf(view, json({slots, flip})),
    args: json({slots}),
    prepare: prepare.ip.length + prepare.tc.length === 0 ? undefined : commands(prepare),
    flip: commands(flip),
    undoScript: removing(slots),
    touches: ['qdiscs'],
  });
}

function byIptables(engine: Engine, found: ShapingTarget, shaping: Shaping, missing: MissingParts): Change {
  const {view, links, blocks = null, target} = found;
  const {protocol, localPort, remotePort, direction} = shaping.filter;
  const base = {
    share: plainLoss(shaping.impairment) ?? 0,
    devices: links.map(({ifname}) => ifname),
    ways: waysOf(direction),
    filter: {protocol, localPort, remotePort},
    blocks,
  };
  const tag = tagOf(view, 'loss', JSON.parse(JSON.stringify(base)) as Json);
  const loss: Loss = {...base, tag};
  if (ruleCount(loss) > MOST_MATCHES) throw tooMany(target, ruleCount(loss));
  const tables: readonly Tables[] = missing.has('statistic6') ? ['iptables'] : ['iptables', 'ip6tables'];
  return changeFrom(engine, found, shaping, {
    means: `iptables statistic, since netem is missing${tables.length === 1 ? ' (IPv4 only)' : ''}`,
    names: {prepare: 'loss.prepare', flip: 'loss.flip', proof: 'is-losing', undo: 'loss.remove', left: 'is-loss-left'},
    tag,
    args: JSON.parse(JSON.stringify({loss, tables})) as JsonObject,
    prepare: {},
    flip: {},
    undoScript: tables.map(name => removingLoss(loss, name)).join('\n'),
    touches: ['firewall'],
  });
}

/**
 * Chooses the means for one container by what its engine's host can do. Throws CAPABILITY_MISSING, TARGET_UNSUITABLE.
 */
export function changeFor(engine: Engine, found: ShapingTarget, shaping: Shaping, missing: MissingParts): Change {
  const {impairment, filter} = shaping;
  const {direction} = filter;
  const lack = lackOf(needsOf(impairment, direction, isFiltered(filter)), missing);
  if (lack === undefined) return byQdisc(engine, found, shaping);
  if (plainLoss(impairment) !== undefined && !missing.has('statistic')) {
    return byIptables(engine, found, shaping, missing);
  }
  const hint = insteadOf({impairment, isFiltered: isFiltered(filter), direction}, missing);
  const what = `to ${describeImpairment(impairment)} of container \`${found.view.name}\` for ${formatDuration(shaping.forMs)}`;
  throw new FiredrillError('CAPABILITY_MISSING', `${what} needs ${lack}`, {hint});
}
