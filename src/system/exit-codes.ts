/** How a command can end. Documented in docs/exit-codes.md, which is generated from this table. */
export const EXIT = {
  held: 0,
  bug: 1,
  usage: 2,
  refused: 3,
  stopped: 4,
  inconclusive: 5,
  broken: 6,
  deviated: 7,
  notSteady: 8,
} as const;

export type ExitCode = number;

/** To go before what became of the fault. */
export const STOPPED = 'stopped by a guard or by `stop`';

export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  0: 'held: steady state, recovery and every expectation (or the pinned verdict)',
  1: 'Firedrill failed: a bug, also any crash',
  2: 'the command line or the file is wrong; nothing was touched',
  3: 'refused: the plan (targets, rights, policy, capabilities, consent), or a run that could not answer; nothing was injected',
  4: `${STOPPED}; undone`,
  5: 'inconclusive: fault not in force, not exercised (no traffic), or too little data for how it varies by itself',
  6: 'something is still broken: an undo failed, is not verified yet, or a left-over was found; outranks every other code',
  7: 'deviated: the hypothesis, the recovery, an expected alert or a check did not hold',
  8: 'not steady, or a target locked by another run; nothing was injected; worth retrying',
};

/** 6, 1, 128+n, 4, 7, 5, 8, 3, 2, 0: the first one that applies counts, for one run and for a suite. */
function rank(code: ExitCode): number {
  if (code > 128) return 2;
  const order = [6, 1, 128, 4, 7, 5, 8, 3, 2, 0];
  const at = order.indexOf(code);
  return at === -1 ? 1 : at;
}

/** The code that stands for several; 0 for none. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce((worst, code) => (rank(code) < rank(worst) ? code : worst), 0);
}
