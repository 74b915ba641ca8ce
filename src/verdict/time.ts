import {formatDuration} from '../quantities/duration.js';
import type {Instant} from '../quantities/instant.js';

const US = 1_000_000;

/**
 * One clock for a whole record: µs of the first event's monotonic clock, whoever wrote an event and after however many
 * boots.
 */
export interface TimeBase {
  /** Where an instant lies on the base clock. Instants of another boot are placed by their wall time. */
  us(instant: Instant): number;
  /** Seconds since the run's start, to the millisecond. */
  seconds(us: number): number;
  /** UTC, ISO 8601 with milliseconds. */
  iso(us: number): string;
}

export function timeBase(start: Instant): TimeBase {
  const wall = Date.parse(start.wall);
  const origin = Number.isFinite(wall) ? wall : 0;
  const us = (instant: Instant): number => {
    if (instant.boot === start.boot) return instant.mono;
    const other = Date.parse(instant.wall);
    return Number.isFinite(other) ? start.mono + (other - origin) * 1000 : start.mono;
  };
  return {
    us,
    seconds: at => Math.round((at - start.mono) / 1000) / 1000,
    iso: at => new Date(origin + Math.round((at - start.mono) / 1000)).toISOString(),
  };
}

/** A duration in seconds for people: milliseconds below one second, one decimal below ten, whole seconds above. */
export function say(seconds: number): string {
  const step = seconds < 1 ? 0.001 : seconds < 10 ? 0.1 : 1;
  return formatDuration(Math.round(Math.round(seconds / step) * step * 1000));
}

/** What is only known roughly: `about 25 min`, `about 3 h`; below a minute as `say` has it. */
export function sayRoughly(seconds: number): string {
  const minutes = Math.abs(seconds) / 60;
  if (minutes < 1) return say(seconds);
  return minutes < 120 ? `about ${Math.round(minutes)} min` : `about ${Math.round(minutes / 60)} h`;
}

/** A duration in µs for people. */
export function sayUs(us: number): string {
  return say(us / US);
}
