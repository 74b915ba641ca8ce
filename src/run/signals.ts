import {constants} from 'node:os';
import type {StopSwitch} from './stop-switch.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What of a process is needed to catch signals. */
export interface SignalSource {
  on(signal: (typeof SIGNALS)[number], listener: () => void): unknown;
  off(signal: (typeof SIGNALS)[number], listener: () => void): unknown;
}

/**
 * The first signal pulls the switch (stop, undo, report); a second one calls `again`, which must leave the rest to the guardian.
 * Returns how to stop listening.
 */
export function catchSignals(
  source: SignalSource,
  stop: StopSwitch,
  again: (signal: string, number: number) => void,
): () => void {
  let caught = 0;
  const listeners = SIGNALS.map(signal => {
    const listener = () => {
      const number = constants.signals[signal];
      if (++caught > 1) again(signal, number);
      else stop.pull({kind: 'signal', detail: `interrupted by ${signal}`, signal: number});
    };
    source.on(signal, listener);
    return () => source.off(signal, listener);
  });
  return () => {
    for (const off of listeners) off();
  };
}
