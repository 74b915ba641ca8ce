/**
 * Which of several hypotheses are rejected so that the chance of even one false rejection is at most alpha (Holm 1979):
 * the smallest p-value is compared with alpha/k, the next with alpha/(k − 1), …, and the first that is too high ends
 * it.
 */
export function holm(chances: readonly number[], alpha: number): readonly boolean[] {
  const order = chances.map((_, i) => i).sort((a, b) => (chances[a] ?? 1) - (chances[b] ?? 1));
  const firstKept = order.findIndex((i, rank) => !((chances[i] ?? 1) <= alpha / (chances.length - rank)));
  const rejected = new Set(firstKept === -1 ? order : order.slice(0, firstKept));
  return chances.map((_, i) => rejected.has(i));
}

/**
 * Which of several are worth showing so that of those shown a share of at most q is expected to be chance (Benjamini
 * and Hochberg 1995): all up to the largest rank r with p ≤ q·r/k.
 */
export function benjaminiHochberg(chances: readonly number[], q: number): readonly boolean[] {
  const sorted = [...chances].sort((a, b) => a - b);
  const last = sorted.findLastIndex((chance, i) => chance <= (q * (i + 1)) / chances.length);
  const limit = sorted[last] ?? -1;
  return chances.map(chance => chance <= limit);
}
