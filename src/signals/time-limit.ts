import {formatDuration} from '../quantities/duration.js';

/**
 * Why a read was ended: how long it was waited for, and what of the file says so. Of the kind that
 * `AbortSignal.timeout` gives, so that probes can tell it from an interrupt.
 */
export function timedOut(timeoutMs: number): DOMException {
  return new DOMException(`timed out after ${formatDuration(timeoutMs)} (the probe's \`timeout\`)`, 'TimeoutError');
}

/** Aborts after this time, with what says so as its reason. Keeps no process alive. */
export function timeLimit(timeoutMs: number): AbortSignal {
  const over = new AbortController();
  setTimeout(() => over.abort(timedOut(timeoutMs)), timeoutMs).unref();
  return over.signal;
}
