/** A difference from the baseline with an interval that holds under autocorrelation; see docs/calibration.md for how often it is wrong. */
export interface ChangeResult {
  /** `relative`: 0.1 is +10 % of the baseline; `share`: 0.1 is ten of a hundred requests more; `unit`: in the metric's unit. */
  readonly of: 'relative' | 'share' | 'unit';
  /** Null: beyond every limit, because so many requests got no answer. */
  readonly estimate: number | null;
  /** Each limit is wrong in one of twenty runs at most. Null: infinite. */
  readonly lower: number | null;
  readonly upper: number | null;
  /** P(during > before) − P(during < before) over all pairs of seconds, −1 to 1; null where requests and not seconds were compared. */
  readonly cliffsDelta: number | null;
  /** The smallest change that these windows would have shown in four of five runs, in the same terms; null when not known. */
  readonly detectable: number | null;
  /** Median of all differences between during and before, in the metric's unit (Hodges and Lehmann); null where requests were compared. */
  readonly hodgesLehmann?: number | null;
  /** How many independent values the window with fewer of them is worth; null where the method does not count them. */
  readonly effective?: number | null;
  /** One plain sentence. */
  readonly text: string;
}
