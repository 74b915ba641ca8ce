import {constants} from 'node:os';
import type {StopSwitch} from '../../run/stop-switch.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What of the process is needed; tests pass their own. */
export type SignalSource = Pick<NodeJS.Process, 'on' | 'off'>;

/**
 * The first signal pulls the switch: the run undoes, judges and ends with 128 + n. Every further one, but for the
 * repetition of a hang-up, calls `handOver`, which leaves what is still owed to the guardian. Dispose to stop
 * listening.
 */
export function listenForSignals(
  source: SignalSource,
  stop: StopSwitch,
  handOver: (signal: number) => void,
): Disposable {
  let first: string | undefined;
  const handlers = SIGNALS.map(name => {
    const signal = constants.signals[name];
    const handle = () => {
      // A terminal that goes away may say so twice, by its shell and by the kernel: that is one hang-up, not a second
      // wish.
      const repeated = first === 'SIGHUP' && name === 'SIGHUP';
      if (first === undefined) stop.pull({kind: 'signal', detail: name, signal});
      else if (!repeated) handOver(signal);
      first ??= name;
    };
    source.on(name, handle);
    return {name, handle};
  });
  return {
    [Symbol.dispose]: () => {
      for (const {name, handle} of handlers) source.off(name, handle);
    },
  };
}
