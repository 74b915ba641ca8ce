import {formatQuantity} from '../quantities/format.js';
import type {Unit} from '../quantities/unit.js';
import type {OccurrenceFacts} from './occurrences.js';
import {say} from './time.js';

/** Words for the report: plain, blameless, with the figures in them. */

const PARTICIPLES: Readonly<Record<string, string>> = {
  pause: 'paused',
  kill: 'killed',
  stop: 'stopped',
  restart: 'restarted',
  delete: 'deleted',
  scale: 'scaled',
};

/** A measured value for people; more than three digits of a latency are noise. */
export function quantity(value: number, unit: Unit): string {
  return formatQuantity(unit === 'ms' ? Number(value.toPrecision(3)) : value, unit);
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  return items.length <= 1 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

/** `3 targets`, `1 target`. */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${amount} ${amount === 1 ? noun : plural}`;
}

/** The first letter as a capital. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A reason that may be a whole sentence, without its full stop: the sentence around it has one. */
export function withoutStop(text: string): string {
  return text.endsWith('.') && !text.endsWith('..') ? text.slice(0, -1) : text;
}

/** The first letter as a small one: of a sentence of ours that goes on from another. */
export function uncapital(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Names of targets, the first three by name. */
export function targetNames(all: readonly string[]): string {
  // A target that has several changes is one target.
  const names = [...new Set(all)];
  return names.length <= 3 ? list(names) : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

/** What the fault did, to follow "while" or "after": `shop-inventory-1 was paused for 20s`. */
export function faultClause({planned, confirmedUs, segments}: OccurrenceFacts): string {
  const names = targetNames(planned.targets.map(target => target.name));
  const done = PARTICIPLES[planned.kind];
  const heldUs = segments.reduce((sum, segment) => sum + segment.toUs - segment.fromUs, 0);
  const lasted = confirmedUs === null || planned.nature === 'event' ? '' : ` for ${say(heldUs / 1e6)}`;
  const label =
    planned.label === '' || planned.label === planned.fault ? planned.kind : `${planned.kind} ${planned.label}`;
  if (names === '') return `${planned.fault} (${label}) was in force${lasted}`;
  if (done !== undefined) return `${names} ${planned.targets.length > 1 ? 'were' : 'was'} ${done}${lasted}`;
  return `${label} was in force on ${names}${lasted}`;
}

/** `while x was paused for 20s` for what lasts, `after x was killed` for what happens. */
export function faultPhrase(occurrence: OccurrenceFacts): string {
  return `${occurrence.planned.nature === 'event' ? 'after' : 'while'} ${faultClause(occurrence)}`;
}

/** What it was, to follow "after": `the kill`, or `the fault came into force` for what lasts. */
export function causeOf({planned}: OccurrenceFacts): string {
  return planned.nature === 'event' ? `the ${planned.kind}` : 'the fault came into force';
}

/** `rose from 0% to 41%`, `stayed at 20ms`: what a value did between two intervals. */
export function moved(before: number | null, during: number, unit: Unit): string {
  const now = quantity(during, unit);
  if (before === null) return `${during === 0 ? 'was' : 'reached'} ${now}`;
  const was = quantity(before, unit);
  if (was === now) return `stayed at ${now}`;
  return `${during > before ? 'rose' : 'fell'} from ${was} to ${now}`;
}
