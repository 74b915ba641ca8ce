import type {Json, JsonObject} from '../../../quantities/json.js';
import {classified, MARK} from './script.js';
import {INGRESS, PREFERENCES, ROOT, type Slot} from './layout.js';

/** What `ip -j -d link show` and `tc -s -j qdisc show` say, as far as we use it. */
export interface NetworkLink {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  /** Length of its queue in packets; left out where it has none. */
  readonly txqlen?: number;
  readonly address?: string;
  readonly linkinfo?: {readonly info_kind?: string};
}

export interface Qdisc {
  readonly kind: string;
  /** `0:` for those that the kernel put there by itself. */
  readonly handle: string;
  readonly dev: string;
  readonly root?: boolean;
  readonly parent?: string;
  readonly options?: JsonObject;
  readonly packets?: number;
  readonly drops?: number;
  readonly qlen?: number;
}

interface Filter {
  readonly pref?: number;
  readonly options?: JsonObject;
}

/** A network namespace as its tools show it. */
export interface NamespaceView {
  readonly links: readonly NetworkLink[];
  readonly qdiscs: readonly Qdisc[];
  /** Classifiers of ours by slot, for the slots that were asked for. */
  readonly filters: ReadonlyMap<Slot, number>;
}

/** Throws a SyntaxError when a tool printed anything but JSON. */
function rows(text: string | undefined): readonly unknown[] {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? [] : (JSON.parse(trimmed) as readonly unknown[]);
}

function countOurs(filters: readonly Filter[]): number {
  const ours: readonly (number | undefined)[] = Object.values(PREFERENCES);
  return filters.filter(({pref, options}) => options !== undefined && ours.includes(pref)).length;
}

/**
 * Reads the output of the script `reading(slots)`: a list on each line. Throws a SyntaxError when it is anything else.
 */
export function readShown(stdout: string, slots: readonly Slot[]): NamespaceView {
  const [links, rest = ''] = stdout.split(new RegExp(`^${MARK}$`, 'm'));
  const [qdiscs, ...filters] = rest.split('\n').filter(line => line.startsWith('['));
  return {
    links: rows(links) as readonly NetworkLink[],
    qdiscs: rows(qdiscs) as readonly Qdisc[],
    // An interface that is gone prints no list: its slot then counts another's, and its qdisc is missing anyway.
    filters: new Map(classified(slots).map((slot, nth) => [slot, countOurs(rows(filters[nth]) as readonly Filter[])])),
  };
}

/** Somebody put it there: the kernel's own have no handle. */
export function isChosen({handle}: Qdisc): boolean {
  return handle !== '0:';
}

/** The qdisc whose place a slot takes: the root of the interface, or what stands at its entrance. */
export function standingAt({qdiscs}: NamespaceView, {device, way}: Pick<Slot, 'device' | 'way'>): Qdisc | undefined {
  const there = qdiscs.filter(one => one.dev === device);
  if (way === 'egress') return there.find(one => one.root === true);
  return there.find(one => one.kind === 'ingress' || one.kind === 'clsact');
}

/** The one that impairs. */
function impairing({qdiscs}: NamespaceView, {device, way, ifb, filters}: Slot): Qdisc | undefined {
  const isRoot = way === 'ingress' || filters === 0;
  const dev = way === 'ingress' ? ifb : device;
  return qdiscs.find(
    one => one.dev === dev && (isRoot ? one.handle === ROOT && one.root === true : one.parent === `${ROOT}4`),
  );
}

/** tc rounds times to ticks and shares to 32 bits. */
function isClose(wanted: number, read: Json | undefined): boolean {
  return typeof read === 'number' && Math.abs(wanted - read) <= Math.max(Math.abs(wanted) * 0.01, 2e-6);
}

function carries(wanted: Json, read: Json | undefined): boolean {
  if (typeof wanted === 'number') return isClose(wanted, read);
  if (typeof wanted !== 'object' || wanted === null) return wanted === read;
  if (typeof read !== 'object' || read === null) return false;
  return Object.entries(wanted).every(([key, value]) => carries(value, (read as JsonObject)[key]));
}

/** Why the slot does not impair as it should; undefined when it does. */
function flaw(shown: NamespaceView, slot: Slot): string | undefined {
  const where = `${slot.device} ${slot.way}`;
  const qdisc = impairing(shown, slot);
  if (qdisc === undefined) return `${where}: the ${slot.kind} is not there`;
  if (qdisc.kind !== slot.kind || !carries(slot.options, qdisc.options)) {
    return `${where}: expected ${slot.kind} ${JSON.stringify(slot.options)}; it reads ${qdisc.kind} ${JSON.stringify(qdisc.options ?? {})}`;
  }
  const filters = shown.filters.get(slot) ?? 0;
  return filters === slot.filters ? undefined : `${where}: ${filters} of ${slot.filters} filters are there`;
}

export interface ShapingState {
  readonly isInForce: boolean;
  readonly why?: string;
  /** Packets that met the impairment: passed on, dropped or still waiting. */
  readonly exercised: number;
  readonly readings: JsonObject;
}

/** Whether all the slots impair, and what went through them. */
export function standingOf(shown: NamespaceView, slots: readonly Slot[]): ShapingState {
  const flaws = slots.flatMap(slot => flaw(shown, slot) ?? []);
  const interfaces = slots.map(slot => {
    const {packets = 0, drops = 0, qlen = 0, kind, options = {}} = impairing(shown, slot) ?? {kind: 'none'};
    return {device: slot.device, way: slot.way, kind, options, packets, drops, waiting: qlen};
  });
  const exercised = interfaces.reduce((sum, {packets, drops, waiting}) => sum + packets + drops + waiting, 0);
  const isInForce = flaws.length === 0;
  return {isInForce, ...(isInForce ? {} : {why: flaws.join('; ')}), exercised, readings: {interfaces}};
}

/** The queue length that a qdisc of ours gave the interface, and that stays when it goes. */
function queueLeft(shown: NamespaceView, {device, noQueue}: Slot): readonly string[] {
  const {txqlen = 0} = shown.links.find(({ifname}) => ifname === device) ?? {};
  const root = standingAt(shown, {device, way: 'egress'});
  return noQueue === true && txqlen > 0 && root?.kind === 'noqueue' ? [`queue length of ${device}`] : [];
}

/** Whatever is left of the slots, in words; empty when nothing of ours is there. */
export function leftOf(shown: NamespaceView, slots: readonly Slot[]): readonly string[] {
  return slots.flatMap(slot => {
    const {device, way, ifb} = slot;
    if (way === 'egress') {
      return standingAt(shown, slot)?.handle === ROOT ? [`qdisc ${ROOT} on ${device}`] : queueLeft(shown, slot);
    }
    const filters = shown.filters.get(slot) ?? 0;
    return [
      ...(shown.links.some(({ifname}) => ifname === ifb) ? [`device ${ifb}`] : []),
      ...(filters > 0 ? [`${filters} filters at the entrance of ${device} (${INGRESS})`] : []),
      ...queueLeft(shown, slot),
    ];
  });
}
