/** Each planned look is about this much later than the one before. */
const STEP = 1.5;
/** More looks than this cost more certainty than the time that they save. */
const MOST_LOOKS = 5;
/** A limit that is hardly later than the planned end is no reason for a second look. */
const WORTH_A_LOOK = 1.1;
/** The part of the error that is kept for the last look. */
const LAST = 0.8;

/**
 * How long an injection that may go on has been in force at each of its planned looks, ms: at its planned end, at its
 * limit, and between them in equal ratios. They are known before anything is measured. One look, the planned end, where
 * the limit leaves no room.
 */
export function lookTimes(plannedMs: number, limitMs: number): readonly number[] {
  const ratio = limitMs / plannedMs;
  if (!(ratio >= WORTH_A_LOOK)) return [plannedMs];
  const steps = Math.min(MOST_LOOKS - 1, Math.max(1, Math.round(Math.log(ratio) / Math.log(STEP))));
  return Array.from({length: steps + 1}, (_, i) => Math.round(plannedMs * ratio ** (i / steps)));
}

/**
 * The part of the error that one of several looks (from 1) may spend: four fifths for the last, the rest in equal parts
 * for those before it, as Haybittle (1971, Br. J. Radiol. 44, 793) and Peto et al. (1976, Br. J. Cancer 34, 585) keep
 * most of it for the end. The parts add up to one, so that whenever it ends, by whatever rule, the chance of an error
 * is no more than without looks (Bonferroni).
 */
export function partAtLook(look: number, looks: number): number {
  if (looks <= 1) return 1;
  return look >= looks ? LAST : (1 - LAST) / (looks - 1);
}

/** The level at which a look (from 1) of so many decides, so that all of them together stay at alpha. */
export function alphaAtLook(alpha: number, look: number, looks: number): number {
  return alpha * partAtLook(look, looks);
}
