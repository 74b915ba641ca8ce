import {EXIT, type ExitCode} from '../system/exit-codes.js';
import type {Facts} from './facts.js';
import type {Verdict} from './result.js';

/** What the way in which a run ended says of its exit code, whatever its verdict. */
export function endCode({end, ended}: Facts): ExitCode {
  if (ended === undefined) return EXIT.bug;
  switch (end.kind) {
    case 'done':
      return EXIT.held;
    case 'not-steady':
    case 'locked':
      return EXIT.notSteady;
    case 'refused':
      return EXIT.refused;
    case 'guard':
    case 'stopped':
    case 'deadline':
      return EXIT.stopped;
    case 'signal':
      return 128 + (end.signal ?? 15);
    case 'not-injected':
      return EXIT.inconclusive;
    case 'bug':
      return EXIT.bug;
  }
}

/** What the verdict says of it: `held` and `deviated` change places where the file pins a known weakness. */
export function verdictCode(verdict: Verdict | null, {experiment, end}: Facts): ExitCode {
  if (verdict === null) return EXIT.held;
  if (verdict === 'inconclusive') return EXIT.inconclusive;
  // A pinned weakness that does not show any more has to be looked at: the pin is wrong now.
  const expected = end.kind === 'done' ? experiment.expect.verdict : 'held';
  return verdict === expected ? EXIT.held : EXIT.deviated;
}
