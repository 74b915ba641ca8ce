import {constants} from 'node:os';
import type {StopSwitch} from '../../run/stop-switch.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What of the process is needed; tests pass their own. */
export type SignalSource = Pick<NodeJS.Process, 'on' | 'off'>;

/**
 * The first signal pulls the switch: the run undoes, judges and ends with 128 + n. Every further one calls `handOver`,
 * which leaves what is still owed to the guardian. Dispose to stop listening.
 */
export function listenForSignals(
  source: SignalSource,
  stop: StopSwitch,
  handOver: (signal: number) => void,
): Disposable {
  let received = 0;
  const handlers = SIGNALS.map(name => {
    const signal = constants.signals[name];
    const handle = () => {
      received++;
      if (received === 1) stop.pull({kind: 'signal', detail: name, signal});
      else handOver(signal);
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
