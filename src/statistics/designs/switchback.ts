import {combinations} from '../../quantities/combinations.js';
import type {Random} from '../../quantities/random.js';
import type {ConfidenceLimits} from '../effects/shift.js';

/**
 * One block of a switchback: whether the fault was on, and the mean of the metric over its settled part, on the scale
 * of the comparison.
 */
export interface Block {
  readonly on: boolean;
  readonly mean: number;
}

/** Up to this many assignments all are looked at; beyond, as many are drawn. C(18, 9) = 48 620. */
const MOST_ASSIGNMENTS = 50_000;

/**
 * An order of on and off blocks, half of each (one more off when the number is odd), all orders equally likely (Fisher
 * and Yates).
 */
export function switchbackOrder(blocks: number, random: Random): readonly boolean[] {
  const order = Array.from({length: blocks}, (_, i) => i < Math.floor(blocks / 2));
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] ?? false, order[i] ?? false];
  }
  return order;
}

/** Calls `each` with every way to choose k of n, as ascending indices in one reused array. */
function everyChoice(n: number, k: number, each: (chosen: Int32Array) => void): void {
  const chosen = Int32Array.from({length: k}, (_, i) => i);
  for (;;) {
    each(chosen);
    let i = k - 1;
    while (i >= 0 && (chosen[i] ?? 0) === n - k + i) i--;
    if (i < 0) return;
    const next = (chosen[i] ?? 0) + 1;
    for (let j = i; j < k; j++) chosen[j] = next + j - i;
  }
}

/** Draws `times` choices of k of n. */
function someChoices(
  n: number,
  {k, times, random}: {k: number; times: number; random: Random},
  each: (chosen: Int32Array) => void,
): void {
  for (let draw = 0; draw < times; draw++) {
    const order = switchbackOrder(n, random).map((_, i) => i);
    for (let i = 0; i < k; i++) {
      const j = i + Math.floor(random() * (n - i));
      [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
    }
    each(Int32Array.from(order.slice(0, k)));
  }
}

export interface SwitchbackTest {
  /** Mean of the on blocks minus mean of the off blocks. */
  readonly estimate: number;
  /**
   * Limits of the effect, each one-sided at level alpha, by inverting the test; infinite when there are too few blocks
   * for alpha.
   */
  readonly lower: number;
  readonly upper: number;
  /** The same limits at any other level. */
  readonly limits: (alpha: number) => ConfidenceLimits;
  /**
   * Share of the assignments whose effect, were it `margin` in truth, would be at least the one seen: exact, whatever
   * the noise is like.
   */
  readonly chanceAbove: (margin: number) => number;
  /** The smallest p-value that this many blocks can give. */
  readonly leastChance: number;
}

/**
 * Exact randomisation test of a switchback (Fisher 1935): since the order of the blocks was drawn, every other order
 * was as likely, so the share of orders that would show at least this effect is the p-value, under any autocorrelation,
 * drift or season. With more than 50 000 orders a seeded sample of them is used. Undefined unless there are both on and
 * off blocks.
 */
export function switchbackTest(blocks: readonly Block[], alpha: number, random: Random): SwitchbackTest | undefined {
  const n = blocks.length;
  const on = blocks.flatMap((block, i) => (block.on ? [i] : []));
  const k = on.length;
  if (k === 0 || k === n) return undefined;
  const values = Float64Array.from(blocks, ({mean}) => mean);
  const all = values.reduce((sum, value) => sum + value, 0);
  const isOn = Uint8Array.from(blocks, block => (block.on ? 1 : 0));
  const contrastOf = (sum: number) => sum / k - (all - sum) / (n - k);
  const estimate = contrastOf(on.reduce((sum, i) => sum + (values[i] ?? 0), 0));
  const total = combinations(n, k);
  const exact = total <= MOST_ASSIGNMENTS;
  // An assignment that shares `overlap` of its on blocks with ours shows contrast − c·Δ of a true effect Δ; at Δ = turn
  // it shows as much as ours.
  const turns: number[] = [];
  const look = (chosen: Int32Array) => {
    let [sum, overlap] = [0, 0];
    for (const i of chosen) {
      sum += values[i] ?? 0;
      overlap += isOn[i] ?? 0;
    }
    if (overlap === k) return;
    const kept = overlap / k - (k - overlap) / (n - k);
    turns.push((estimate - contrastOf(sum)) / (1 - kept));
  };
  if (exact) everyChoice(n, k, look);
  else someChoices(n, {k, times: MOST_ASSIGNMENTS - 1, random}, look);
  const sorted = Float64Array.from(turns).sort();
  return {
    estimate,
    ...invert(sorted, alpha),
    limits: level => invert(sorted, level),
    leastChance: 1 / (sorted.length + 1),
    chanceAbove: chanceOf(sorted),
  };
}

/** Sums of the same numbers in another order differ in the last digits. */
const ROUNDING = 1e-9;

function chanceOf(turns: Float64Array): (margin: number) => number {
  return margin => {
    const slack = ROUNDING * Math.max(1, Math.abs(margin));
    return (turns.filter(turn => turn <= margin + slack).length + 1) / (turns.length + 1);
  };
}

/** The margins at which the p-value passes alpha, from below and from above. */
function invert(turns: Float64Array, alpha: number): ConfidenceLimits {
  const most = Math.floor(alpha * (turns.length + 1) + ROUNDING);
  // p(Δ) ≤ alpha as long as at most `most − 1` turns are at or below Δ.
  if (most < 1) return {lower: -Infinity, upper: Infinity};
  return {lower: turns[most - 1] ?? -Infinity, upper: turns[turns.length - most] ?? Infinity};
}
