import type {JsonObject} from '../../../quantities/json.js';
import type {Impairment, PacketWay} from '../../packets.js';
import type {PacketMatch} from './filters.js';
import {disciplineOf, type Discipline} from './qdisc.js';

/**
 * Handles and preferences that are ours. The kernel hands out 8001: and up by itself, people write small ones, so what
 * carries these was put there by Firedrill.
 */
export const ROOT = 'fd1d:';
const CHILD = 'fd1e:';
/** tc-prio(8) counts bands from 1: the last of four, which no priority maps to. */
const BAND = `${ROOT}4`;
export const PREFERENCES = {ip: 64_797, ipv6: 64_798, all: 64_799} as const;
/** Every ingress qdisc has this one; that it is ours shows by what it redirects to. */
export const INGRESS = 'ffff:';

/** The kernel's own map of priorities to three bands (pfifo_fast): what is not filtered is treated as before. */
const PRIOMAP = '1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1';

/** An interface that is to be shaped in one direction. */
export interface ShapedInterface {
  readonly device: string;
  readonly mtu: number;
  readonly way: PacketWay;
  /** The intermediate device that what arrives is sent through; '' for egress. */
  readonly ifb: string;
  /** See Slot. */
  readonly noQueue?: boolean;
}

/** What stands at a place while the fault is in force, as data: proof and undo read it. */
export interface Slot {
  readonly device: string;
  readonly way: PacketWay;
  readonly ifb: string;
  /** 0 where the whole interface is shaped. */
  readonly filters: number;
  /** The interface had no queue length (tx_queue_len 0). A qdisc gives it one, which stays when the qdisc goes. */
  readonly noQueue?: boolean;
  readonly kind: string;
  readonly options: JsonObject;
}

/** Commands by tool: `ip` makes and removes devices, then one `tc -batch` does the rest. */
export interface Commands {
  readonly ip: readonly string[];
  readonly tc: readonly string[];
}

export interface Layout {
  readonly slots: readonly Slot[];
  /** Everything that has no effect yet: no packet goes where it could be impaired. */
  readonly prepare: Commands;
  readonly flip: Commands;
}

function egress(
  {device}: ShapedInterface,
  {words}: Discipline,
  matches: readonly PacketMatch[],
): Omit<Layout, 'slots'> {
  if (matches.length === 0) {
    return {prepare: {ip: [], tc: []}, flip: {ip: [], tc: [`qdisc add dev ${device} root handle ${ROOT} ${words}`]}};
  }
  const prepare = [
    `qdisc add dev ${device} root handle ${ROOT} prio bands 4 priomap ${PRIOMAP}`,
    `qdisc add dev ${device} parent ${BAND} handle ${CHILD} ${words}`,
  ];
  const flip = matches.map(
    ({family, keys}) =>
      `filter add dev ${device} parent ${ROOT} protocol ${family} pref ${PREFERENCES[family]} flower ${keys} classid ${BAND}`,
  );
  return {prepare: {ip: [], tc: prepare}, flip: {ip: [], tc: flip}};
}

/** Only what matches is sent through the intermediate device: the rest of what arrives never sees it. */
function ingress(
  {device, ifb}: ShapedInterface,
  {words}: Discipline,
  matches: readonly PacketMatch[],
): Omit<Layout, 'slots'> {
  const add = (family: keyof typeof PREFERENCES, keys: string) =>
    `filter add dev ${device} parent ${INGRESS} protocol ${family} pref ${PREFERENCES[family]} flower${keys} action mirred egress redirect dev ${ifb}`;
  const all = [add('all', '')];
  return {
    prepare: {
      ip: [
        `link add dev ${ifb} type ifb`,
        // It needs no address of its own; a kernel without IPv6 refuses to be told so.
        `link set dev ${ifb} addrgenmode none 2>/dev/null || true`,
        `link set dev ${ifb} up`,
      ],
      tc: [`qdisc add dev ${ifb} root handle ${ROOT} ${words}`, `qdisc add dev ${device} handle ${INGRESS} ingress`],
    },
    flip: {ip: [], tc: matches.length === 0 ? all : matches.map(({family, keys}) => add(family, ` ${keys}`))},
  };
}

function joined(parts: readonly Commands[]): Commands {
  return {ip: parts.flatMap(({ip}) => ip), tc: parts.flatMap(({tc}) => tc)};
}

/**
 * The commands that shape these places. Egress without a filter: the impairment is the root. Egress with one: it hangs
 * in the fourth band of a `prio`, where only our classifiers send packets. Ingress: our classifiers redirect what they
 * match to an intermediate device whose root is the impairment.
 */
export function layoutOf(
  places: readonly ShapedInterface[],
  impairment: Impairment,
  matches: Readonly<Record<PacketWay, readonly PacketMatch[]>>,
): Layout {
  const laid = places.map(place => {
    const discipline = disciplineOf(impairment, place.mtu);
    const own = matches[place.way];
    const {device, way, ifb} = place;
    const filters = way === 'ingress' ? Math.max(1, own.length) : own.length;
    const noQueue = place.noQueue === true ? {noQueue: true} : {};
    const slot: Slot = {device, way, ifb, filters, ...noQueue, kind: discipline.kind, options: discipline.options};
    return {slot, ...(way === 'egress' ? egress : ingress)(place, discipline, own)};
  });
  return {
    slots: laid.map(({slot}) => slot),
    prepare: joined(laid.map(({prepare}) => prepare)),
    flip: joined(laid.map(({flip}) => flip)),
  };
}
