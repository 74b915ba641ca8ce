import {INGRESS, PREFERENCES, ROOT, type Commands, type Slot} from './layout.js';

/** POSIX sh for the commands of a change. Device names are the kernel's or our own: letters, digits and a few signs. */

/** A here-document ends at a line that no tc command can be. */
function batch(flags: string, lines: readonly string[]): string {
  return `tc ${flags}-batch - <<'FIREDRILL'\n${lines.join('\n')}\nFIREDRILL`;
}

/** Carries the commands out and stops at the first that fails. Lines for `ip` may end in `|| true`. */
export function doing({ip, tc}: Commands): string {
  return ['set -e', ...ip.map(line => `ip ${line}`), ...(tc.length === 0 ? [] : [batch('', tc)])].join('\n');
}

/** Gives the intermediate devices an alias: `ip link` then tells whose they are. */
export function aliasing(slots: readonly Slot[], alias: string): string {
  return slots
    .filter(({way}) => way === 'ingress')
    .map(({ifb}) => `ip link set dev ${ifb} alias '${alias.replaceAll("'", '')}'`)
    .join('\n');
}

/** Takes away the queue length that a qdisc of ours gave the interface; somebody else's root keeps its own. */
function unqueueing(device: string): string {
  return `case "$(tc qdisc show dev ${device} root 2>/dev/null)" in *noqueue*) ip link set dev ${device} txqueuelen 0;; esac`;
}

function cleared({device, way, ifb}: Slot): string {
  // The kernel compares the handle itself: somebody else's root stays.
  if (way === 'egress') return `tc qdisc del dev ${device} root handle ${ROOT} 2>/dev/null`;
  const commands = [
    ...Object.values(PREFERENCES).map(pref => `tc filter del dev ${device} parent ${INGRESS} pref ${pref} 2>/dev/null`),
    // Filters that are left in it are somebody else's; then it stays, and nothing of ours is in it.
    `[ -n "$(tc filter show dev ${device} parent ${INGRESS} 2>/dev/null)" ] || tc qdisc del dev ${device} ingress 2>/dev/null`,
    `ip link del dev ${ifb}`,
  ];
  // Only where our device is: another ingress qdisc is not ours.
  return `if ip link show dev ${ifb} >/dev/null 2>&1; then ${commands.join('; ')}; fi`;
}

/** One slot, undone whatever is left of it: what is not there is passed over, what is not ours is not touched. */
function undoing(slot: Slot): string {
  return slot.noQueue === true ? `${cleared(slot)}; ${unqueueing(slot.device)}` : cleared(slot);
}

/** Removes what is ours from these slots, half-done or not; a second time it does nothing. One command a line. */
export function removing(slots: readonly Slot[]): string {
  return [...slots.map(undoing), 'true'].join('\n');
}

/** Between the answers of `reading`. */
export const MARK = '#';

/** The slots whose classifiers are read, in the order in which `reading` prints them. */
export function classified(slots: readonly Slot[]): readonly Slot[] {
  return slots.filter(({filters}) => filters > 0);
}

/** Prints devices, qdiscs with their counters, and the classifiers of each slot that has some; two processes in all. */
export function reading(slots: readonly Slot[]): string {
  const filters = classified(slots).map(
    ({device, way}) => `filter show dev ${device} parent ${way === 'egress' ? ROOT : INGRESS}`,
  );
  return ['ip -j -d link show', `echo '${MARK}'`, batch('-force -s -j ', ['qdisc show', ...filters]), 'true'].join(
    '\n',
  );
}
