import type {GuardianHandle, StartGuardian} from '../../run/safety/keep-alive.js';

/**
 * A guardian that gets ready while the file is read and the plan is made: a run does not wait for its start. The first
 * that is asked for is this one, every further one is started then. `dismiss` sends it away when nobody has asked for
 * it; a runner that dies before leaves it with a closed pipe and no run, and it ends.
 */
export function hireEarly(
  startGuardian: StartGuardian,
  stateDir: string,
  run: string,
): {readonly start: StartGuardian; readonly dismiss: () => Promise<void>} {
  let early: Promise<GuardianHandle> | undefined = startGuardian(stateDir, run);
  // Whoever asks for it is told that it did not start.
  early.catch(() => undefined);
  return {
    start: (...about) => {
      const first = early;
      early = undefined;
      return first ?? startGuardian(...about);
    },
    dismiss: async () => {
      const unused = await early?.catch(() => undefined);
      await unused?.bye();
    },
  };
}
