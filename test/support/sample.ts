import {seededRandom} from '../../src/quantities/random.js';

/** Set by `npm test` alone: `npm run test:all`, and files that are run by name, run every case. */
const SEED = process.env['FIREDRILL_TEST_SEED'] ?? '';

export interface Sample<T> {
  readonly drawn: readonly T[];
  readonly left: readonly T[];
}

/** So many of the cases, in their order, drawn by the seed; all of them without a seed. */
export function sample<T>(cases: readonly T[], count: number): Sample<T> {
  if (SEED === '' || cases.length <= count) return {drawn: cases, left: []};
  const random = seededRandom(Number(SEED));
  const ranked = cases.map(one => ({one, rank: random()})).sort((a, b) => a.rank - b.rank);
  const drawn = new Set(ranked.slice(0, count).map(({one}) => one));
  return {drawn: cases.filter(one => drawn.has(one)), left: cases.filter(one => !drawn.has(one))};
}

/** The cases that were not drawn are skips with that reason: what did not run is never counted as passed. */
export function skipUndrawn(titles: readonly string[]): void {
  if (titles.length === 0) return;
  describe.skip(`the others [skipped: ${titles.length} not drawn by FIREDRILL_TEST_SEED=${SEED}]`, () => {
    for (const title of titles) it(title);
  });
}
