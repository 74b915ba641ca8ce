import {plainNumber} from './number.js';

const MS: Readonly<Record<string, number>> = {us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};

/** What a duration looks like in a file, as a regular expression for the JSON Schema. */
export const DURATION_PATTERN = '^(\\d+(\\.\\d+)?(us|ms|s|m|h|d))+$';

/** Milliseconds from `200ms`, `1.5s`, `2m`, `1h30m`; undefined when the text is no duration (a unit is required). */
export function parseDuration(text: string): number | undefined {
  if (text.length > 40 || !new RegExp(DURATION_PATTERN).test(text)) return undefined;
  let total = 0;
  let previous = Infinity;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(us|ms|[smhd])/g)) {
    const factor = MS[unit ?? ''] ?? Infinity;
    // `30s1m` and `1m1m` are slips of the pen, not durations.
    if (factor >= previous) return undefined;
    previous = factor;
    total += Number(amount) * factor;
  }
  return Number.isFinite(total) ? Math.round(total * 1000) / 1000 : undefined;
}

/**
 * `200ms`, `1.5s`, `1m30s`, `2h`: exact to the millisecond, and `parseDuration` reads it back (negative ones get a
 * `-`).
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return String(ms);
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 1) return ms === 0 ? '0s' : `${plainNumber(ms, 3)}ms`;
  if (ms < 999.95) return `${plainNumber(ms, ms < 10 ? 2 : 1)}ms`;
  const whole = Math.round(ms);
  if (whole < 60_000) return `${plainNumber(whole / 1000, 3)}s`;
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor((whole % 3_600_000) / 60_000);
  const seconds = (whole % 60_000) / 1000;
  const parts = [[hours, 'h'] as const, [minutes, 'm'] as const, [seconds, 's'] as const];
  return parts.flatMap(([amount, unit]) => (amount === 0 ? [] : [`${plainNumber(amount, 3)}${unit}`])).join('');
}

/** A second of the monotonic clock of a record, µs. */
export const SECOND_US = 1_000_000;
