import type {AlertResult} from '../result.js';
import type {SeenAlert} from './history.js';

/** Why an alert that fired is not told to whom it is for. */
export type RoutingMiss = 'silenced' | 'inhibited' | 'muted' | 'not-routed' | 'wrong-receiver' | 'unread';

/** What became of an alert that fired, at the Alertmanager. */
export interface Routed {
  /** Absent where it was routed as it should be. */
  readonly miss?: RoutingMiss;
  /** When it was first seen there as it should be. */
  readonly seen?: SeenAlert;
  /** To whom it was routed instead. */
  readonly receivers: readonly string[];
}

const HIDDEN = {silence: 'silenced', inhibition: 'inhibited', mute: 'muted'} as const;

/**
 * Whether an alert that fires was active at the Alertmanager, and routed to its receiver, by the end of this time.
 * Undefined where the source has no Alertmanager.
 */
export function routedOf(
  history: readonly SeenAlert[],
  {fromUs, toUs}: {readonly fromUs: number; readonly toUs: number},
  receiver: string | undefined,
): Routed | undefined {
  const firing = history.filter(({state, atUs, untilUs}) => state === 'firing' && atUs <= toUs && untilUs >= fromUs);
  const known = firing.filter(({routing}) => routing !== undefined);
  if (known.length === 0) return undefined;
  const active = known.filter(({routing}) => routing?.state === 'active');
  const receivers = [...new Set(active.flatMap(({routing}) => routing?.receivers ?? []))];
  const seen = active.find(({routing}) => receiver === undefined || routing?.receivers.includes(receiver) === true);
  if (seen !== undefined) return {seen, receivers};
  if (active.length > 0) return {miss: 'wrong-receiver', receivers};
  const hidden = known.findLast(({routing}) => routing?.state === 'suppressed')?.routing?.hiddenBy;
  if (hidden !== undefined) return {miss: HIDDEN[hidden], receivers};
  return {miss: known.some(({routing}) => routing?.state === 'unread') ? 'unread' : 'not-routed', receivers};
}

/** What a miss is, to follow what is said of the firing. */
export function routedWords({miss, receivers}: Routed, receiver: string | undefined): string {
  const to = receivers.join(', ');
  const words: Readonly<Record<RoutingMiss, string>> = {
    silenced: 'a silence of the Alertmanager hid it',
    inhibited: 'another alert inhibited it at the Alertmanager',
    muted: 'a mute time of the Alertmanager hid it',
    'not-routed': 'the Alertmanager did not get it in this time',
    'wrong-receiver': `the Alertmanager routed it to ${to}, not to ${receiver ?? ''}`,
    unread: 'what the Alertmanager did with it is not known: it could not be asked',
  };
  if (miss !== undefined) return `; ${words[miss]}`;
  return `; the Alertmanager routed it to ${receiver ?? to}`;
}

/** Seconds from T0 until it was seen at the Alertmanager as it should be. */
export function routedSeconds({seen}: Routed, t0Us: number): NonNullable<AlertResult['routedSeconds']> | null {
  if (seen === undefined) return null;
  const seconds = (us: number) => Math.max(0, Math.round((us - t0Us) / 1000) / 1000);
  return {atLeast: seconds(seen.afterUs), atMost: seconds(seen.atUs)};
}
