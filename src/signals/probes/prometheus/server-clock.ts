import {formatDuration} from '../../../quantities/duration.js';

/** The monotonic clock that the run's samples are stamped with, µs. */
export function monoUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** One look at the clock of the server: what it said, and our monotonic clock before and after. */
export interface ClockReading {
  readonly serverMs: number;
  readonly sentUs: number;
  readonly receivedUs: number;
}

/** A look that took longer than this says too little about when the server's moments were. */
const LONGEST_LOOK_MS = 2000;
/** By how much the clocks may drift apart before the times are mapped anew. */
const DRIFT_MS = 250;

/**
 * Times of the server's clock on our monotonic clock. The offset is known within half of how long the shortest of the
 * first looks took, and then stays as it is, so that bins neither overlap nor leave gaps; only when the clocks have
 * proven to differ by more is it taken anew.
 */
export class ServerClock {
  private offsetUs: number | undefined;

  /** Takes note of a look. Says what is wrong with it, if anything. */
  look({serverMs, sentUs, receivedUs}: ClockReading): string | undefined {
    const tookMs = (receivedUs - sentUs) / 1000;
    const lowest = serverMs * 1000 - receivedUs;
    const highest = serverMs * 1000 - sentUs;
    const slack = DRIFT_MS * 1000;
    if (this.offsetUs !== undefined && this.offsetUs >= lowest - slack && this.offsetUs <= highest + slack)
      return undefined;
    if (tookMs > LONGEST_LOOK_MS)
      return `its clock cannot be compared with ours: an answer took ${formatDuration(tookMs)}`;
    const before = this.offsetUs;
    this.offsetUs = Math.round((lowest + highest) / 2);
    if (before === undefined) return undefined;
    return `its clock was set by ${formatDuration(Math.abs(this.offsetUs - before) / 1000)}`;
  }

  get known(): boolean {
    return this.offsetUs !== undefined;
  }

  /** Mono µs of a moment of the server's clock. */
  monoUs(serverMs: number): number {
    return Math.round(serverMs * 1000) - (this.offsetUs ?? 0);
  }

  /** The moment of the server's clock at a mono µs. */
  serverMs(monoUs: number): number {
    return (monoUs + (this.offsetUs ?? 0)) / 1000;
  }
}
