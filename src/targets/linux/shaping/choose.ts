import type {PacketDirection, PacketWay} from '../../packets.js';
import {INGRESS, ROOT, type ShapedInterface} from './layout.js';
import {isChosen, standingAt, type NetworkLink, type NamespaceView} from './reading.js';

/** Which interfaces of a network namespace are shaped. Pure. */

export function waysOf(direction: PacketDirection): readonly PacketWay[] {
  return direction === 'both' ? ['egress', 'ingress'] : [direction];
}

/** Interfaces that lead somewhere: up, no loopback, and not a device that only somebody's shaping put there. */
export function outwardLinks({links}: NamespaceView): readonly NetworkLink[] {
  return links.filter(
    ({flags, linkinfo}) => flags.includes('UP') && !flags.includes('LOOPBACK') && linkinfo?.info_kind !== 'ifb',
  );
}

/** Why this place must not be shaped; undefined when it may. */
export function occupied(shown: NamespaceView, place: Pick<ShapedInterface, 'device' | 'way'>): string | undefined {
  const there = standingAt(shown, place);
  if (there === undefined || (place.way === 'egress' && !isChosen(there))) return undefined;
  const at = place.way === 'egress' ? `root qdisc of its \`${place.device}\`` : `entrance of its \`${place.device}\``;
  const what = `\`${there.kind} ${there.handle}\``;
  const isOurs =
    place.way === 'egress'
      ? there.handle === ROOT
      : there.handle === INGRESS && shown.links.some(({ifname}) => /^fd[0-9a-f]{12}$/.test(ifname));
  return isOurs
    ? `has a left-over of Firedrill at the ${at}: ${what}`
    : `has ${what} at the ${at}, which somebody else put there`;
}
