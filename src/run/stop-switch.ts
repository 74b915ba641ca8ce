import type {StopReason} from '../record/events.js';

/** The one switch that ends a run early. The first reason wins; whoever waits holds its signal. */
export class StopSwitch {
  private readonly controller = new AbortController();
  private first: StopReason | undefined;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Why the run is to end; undefined while it may go on. */
  why(): StopReason | undefined {
    return this.first;
  }

  pull(stop: StopReason): void {
    if (this.first !== undefined) return;
    this.first = stop;
    this.controller.abort(new Error(`stopped: ${stop.detail}`));
  }
}

/** Sleeps on the given clock; returns false when the signal ended the wait. */
export async function pause(
  clock: {sleep(ms: number, signal?: AbortSignal): Promise<void>},
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (isAborted(signal)) return false;
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch (error) {
    if (isAborted(signal)) return false;
    throw error;
  }
}

/** A fresh look: the compiler would take the answer from before an await for granted. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
