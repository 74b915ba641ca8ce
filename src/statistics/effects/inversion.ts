/**
 * The smallest level at which a claim about limits holds, by bisection: the p-value that belongs to them; 1 when not
 * even at ½.
 */
export function levelAt(holds: (level: number) => boolean): number {
  if (!holds(0.5)) return 1;
  let low = Math.log(1e-12);
  let high = Math.log(0.5);
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (holds(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return Math.exp(high);
}
