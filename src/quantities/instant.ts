/**
 * A moment, on both clocks. `mono` counts microseconds of the machine's monotonic clock (comparable between processes
 * of one boot, never between boots), `wall` is ISO 8601 UTC, `boot` is the boot id that `mono` belongs to.
 */
export interface Instant {
  readonly mono: number;
  readonly wall: string;
  readonly boot: string;
}
