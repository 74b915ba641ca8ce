const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** A range selector of a query that looks further back than the query is asked: `rate(x[5m])` every second. */
export interface RangeTrap {
  /** As it is written: `5m`. */
  readonly range: string;
  readonly rangeMs: number;
  /** The function it is given to, where one is named directly before. */
  readonly fn: string | undefined;
  /** Index of the `[` in the query. */
  readonly at: number;
}

/** These look at the last one or two samples of their range only: a longer range does not smooth them. */
const NEWEST_ONLY = new Set(['irate', 'idelta', 'last_over_time']);

/**
 * The query with everything that is no code blanked out: strings (which may hold brackets) and comments. Positions stay
 * as they are.
 */
function codeOf(query: string): string {
  return query.replaceAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*/g, text => ' '.repeat(text.length));
}

/**
 * A PromQL duration in ms: `1h30m`, `90s`, or a bare number of seconds. NaN for a variable such as `$__rate_interval`.
 */
function durationMs(text: string): number {
  const trimmed = text.trim();
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000;
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(trimmed)) return NaN;
  return [...trimmed.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? NaN),
    0,
  );
}

/** The name of the function whose argument begins before this position: the last open parenthesis decides. */
function functionBefore(code: string, position: number): string | undefined {
  let depth = 0;
  for (let i = position - 1; i >= 0; i--) {
    if (code[i] === ')') depth++;
    else if (code[i] === '(' && depth > 0) depth--;
    else if (code[i] === '(') return /([A-Za-z_]\w*)\s*$/.exec(code.slice(0, i))?.[1];
  }
  return undefined;
}

/**
 * Finds the range-query trap: ranges longer than the step at which the query is evaluated. Successive answers then
 * share most of their data, so that they are a moving average: noise looks steady, a fault seems to begin late and to
 * end late, and every test that counts them as separate values is wrong. Ranges as long as the step, and functions that
 * use the newest samples only, are no trap. A range that is a variable is not judged.
 */
export function rangeTraps(query: string, stepMs: number): readonly RangeTrap[] {
  const code = codeOf(query);
  return [...code.matchAll(/\[([^\][:]*)(?::[^\]]*)?\]/g)].flatMap(match => {
    const range = (match[1] ?? '').trim();
    const rangeMs = durationMs(range);
    const fn = functionBefore(code, match.index);
    const smooths = rangeMs > stepMs && !(fn !== undefined && NEWEST_ONLY.has(fn));
    return smooths ? [{range, rangeMs, fn, at: match.index}] : [];
  });
}
