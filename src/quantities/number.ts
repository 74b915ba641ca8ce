/** A number for people: at most `decimals` digits after the point, no trailing zeros, `–0` is `0`. */
export function plainNumber(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return String(value);
  const text = value.toFixed(decimals);
  const trimmed = text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
  return trimmed === '-0' ? '0' : trimmed;
}

/** A number for people with about three significant digits: `0.0123`, `4.56`, `789`, `12346`. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value) || value === 0) return String(value === 0 ? 0 : value);
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  return plainNumber(value, Math.min(12, Math.max(0, 2 - magnitude)));
}

/** How a unit's factor is looked up when a quantity is parsed; null prototype, so that `constructor` is no unit. */
export type Factors = ReadonlyMap<string, number>;

/** The whole text as `<number><unit>`, times the unit's factor; undefined when it is anything else. */
export function parseWithUnit(text: string, factors: Factors): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?([^\d\s.]\S*)$/.exec(text);
  const factor = factors.get(match?.[2] ?? '');
  return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor;
}
