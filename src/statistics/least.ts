/**
 * What the methods need at least of their data; a file is told before anything is run where its windows cannot have
 * that.
 */

/** Bins of a window that can prove that something held: fewer say too little about how the metric varies by itself. */
export const MIN_WINDOW = 30;

/**
 * The share of a window that may be without values: with more missing it shows nothing, whatever the rest looks like.
 */
export const MAX_MISSING = 0.2;

/** Values that a window must have: a fifth of those of the least may be missing, as in every window. */
export const MIN_BINS = Math.ceil(MIN_WINDOW * (1 - MAX_MISSING));

/**
 * How many values one look at the recovery of a metric without a tolerance has, and how many good looks must follow the
 * first.
 */
export const RECOVERY_LOOK_BINS = 10;
export const RECOVERY_LOOKS_AFTER = 5;

/** Different rates that the law of a capacity is fitted to (universal scalability law: three parameters). */
export const FEWEST_RATES = 6;
