import {codeOf, outcomeOfError} from './load/outcome.js';

/**
 * Why an exchange over the network failed, in fixed words: the messages of the libraries hold host names and URLs, which
 * may come from secrets.
 */
export function describeFailure(error: unknown): string {
  const code = codeOf(error);
  switch (outcomeOfError(error)) {
    case 'refused':
      return 'connection refused';
    case 'reset':
      return 'connection reset';
    case 'dns':
      return 'host name not found';
    case 'timeout':
      return 'timed out by the operating system';
    case 'tls':
      return `TLS failed (${code})`;
    case 'unsent':
      return `this machine could not send it (${code})`;
    default:
      return code === '' ? 'failed for an unknown reason' : `failed (${code})`;
  }
}

/** Whether a read was ended because its time was up, not because the run was interrupted. */
export function isTimeUp(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
}
