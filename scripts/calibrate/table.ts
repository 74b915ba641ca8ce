/** A table of the calibration, and what in it is not as it must be. */
export interface Section {
  readonly title: string;
  /** What was done and how to read it, in a few sentences. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** A sentence for every figure that is out of its bounds; empty when the judgement is calibrated. */
  readonly failures: readonly string[];
}

/** How many runs make a figure, and the seed of the first. */
export interface Effort {
  readonly runs: number;
  readonly seed: number;
}

/** The share of runs in which something happened. */
export function share(runs: number, happens: (run: number) => boolean): number {
  let count = 0;
  for (let run = 0; run < runs; run++) if (happens(run)) count++;
  return count / runs;
}

export const percent = (value: number) => (100 * value).toFixed(value < 0.0995 ? 1 : 0);

/** Three standard errors of a share of this many runs: what chance may add. */
export function allowance(of: number, runs: number): number {
  return 3 * Math.sqrt(Math.max(of * (1 - of), 1 / runs) / runs);
}

/** A sentence when the share is higher than it may be. */
export function atMost(what: string, value: number, limit: number, runs: number): readonly string[] {
  const most = limit + allowance(limit, runs);
  return value <= most
    ? []
    : [`${what}: ${percent(value)} %, at most ${percent(limit)} % (${percent(most)} % with chance)`];
}

/** A sentence when the share is lower than it must be. */
export function atLeast(what: string, value: number, limit: number, runs: number): readonly string[] {
  const least = limit - allowance(limit, runs);
  return value >= least
    ? []
    : [`${what}: ${percent(value)} %, at least ${percent(limit)} % (${percent(least)} % with chance)`];
}

export function markdown({title, about, columns, rows}: Section): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [`### ${title}`, '', about, '', line(columns), line(columns.map(() => '---')), ...rows.map(line), ''].join(
    '\n',
  );
}
