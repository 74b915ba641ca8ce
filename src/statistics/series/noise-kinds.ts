/** One number for a limit of 5 %, by which it holds, and one for a limit of 1 %, by which it deviates. */
export interface PerLevel {
  readonly near: number;
  readonly far: number;
}

/**
 * A kind of noise: a share of its variance is a level that wanders (an AR(1) with this correlation), the rest is white.
 */
export interface NoiseKind {
  readonly correlation: number;
  readonly slow: number;
}

/** The shares of its variance that a slow level may have, the last of them all of it. */
const SHARES = [0.15, 0.3, 0.5, 0.75, 1];

/**
 * The kinds that a series may be: an AR(1) up to 0.98, or a slow level below white noise, which the correlation of
 * neighbours alone does not show. How likely each is before anything is measured was chosen so that limits are wrong as
 * often as they say for each of the kinds, and no less often than they need be: a limit of 5 % and one of 1 % take
 * different weights for that. The slowest level with much of the variance stands for what a short window cannot rule
 * out.
 */
export const KINDS: readonly (NoiseKind & {readonly prior: PerLevel})[] = [
  ...[1, 1, 3, 2, 1, 1, 0.6, 0.3].map((near, i) => ({correlation: i / 10, slow: 1, prior: {near, far: 1}})),
  ...[
    {correlation: 0.8, near: [0.4, 0.4, 0.15, 0.2, 1.6], far: 1},
    {correlation: 0.9, near: [0.15, 0.15, 0.15, 0.2, 0.7], far: 0.5},
    {correlation: 0.95, near: [0.15, 0.15, 0.15, 0.3, 0.5], far: 0.5},
    {correlation: 0.98, near: [0.15, 0.25, 0.5, 0.8, 0.5], far: 0.5},
  ].flatMap(({correlation, near, far}) =>
    SHARES.map((slow, i) => ({correlation, slow, prior: {near: near[i] ?? 0, far: slow === 1 ? far : 0.15}})),
  ),
];
