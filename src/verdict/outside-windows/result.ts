/** A metric outside its tolerance in the time that it may take to settle: told, and not judged. */
export interface SettlingResult {
  /** The time that was left out: from the injection (of what lasts: from T0) on, seconds since the run's start. */
  readonly from: number;
  readonly to: number;
  readonly allowedSeconds: number;
  /** For how long it was outside in all. */
  readonly outSeconds: number;
  /** When it was last seen outside, seconds after `from`. */
  readonly lastSeconds: number;
  /** The value furthest outside, in the metric's unit. */
  readonly worst: number;
}

/** The steady state was back before the recovery began. */
export interface AlreadyBack {
  /** When it was last seen away, seconds after the injection before it; null: it was never seen away. */
  readonly afterSeconds: number | null;
  /** What that counts from: `the kill`. */
  readonly cause: string;
  /** How long before the undo that was, seconds; null: it was never seen away. */
  readonly beforeSeconds: number | null;
}
