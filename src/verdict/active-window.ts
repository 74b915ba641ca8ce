/** Times are seconds since the run's start, as intervals: a proof is a sample, and what happened lies between two of them. */
export interface ActiveWindow {
  readonly target: string;
  /** Between the request and the first proof in force. */
  readonly from: readonly [number, number];
  /** Between the last sign of the fault and the first without it; null: it is not known to have ended. */
  readonly to: readonly [number, number] | null;
  /** How long at least and at most. */
  readonly seconds: readonly [number, number] | null;
  /** `lost`: it ended before its undo, by a restart of the target or by someone else. `over`: it has no undo, and its time was over. */
  readonly ended: 'undone' | 'lost' | 'owed' | 'over';
  /** How much went through it; null where that cannot be seen. */
  readonly exercised: number | null;
}
