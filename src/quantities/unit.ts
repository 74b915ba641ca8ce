/**
 * What a number counts. `ratio` is 0 to 1 and shown in percent; durations are `ms`; sizes `bytes`; rates `per-second`.
 */
export type Unit = 'ms' | 'ratio' | 'per-second' | 'bytes' | 'count' | 'number';
