import {isStatusIn, type StatusRange} from '../../quantities/http.js';

/**
 * What became of a request: `ok` (a status that the file lists as a success), `status-503`, or how it failed. `unsent` could
 * not be sent for reasons of this machine; `aborted` was in flight when the load was torn down.
 */
export type Outcome =
  'ok' | `status-${number}` | 'timeout' | 'refused' | 'reset' | 'dns' | 'tls' | 'aborted' | 'unsent' | 'other';

const BY_CODE: Readonly<Record<string, Outcome>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  EPROTO: 'tls',
  UND_ERR_ABORTED: 'aborted',
  UND_ERR_DESTROYED: 'aborted',
  UND_ERR_CLOSED: 'aborted',
  // This machine ran out of something: the system under test was never asked.
  EMFILE: 'unsent',
  ENFILE: 'unsent',
  ENOBUFS: 'unsent',
  EADDRNOTAVAIL: 'unsent',
};

const TLS = /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA)/;

export function outcomeOfStatus(status: number, success: readonly StatusRange[]): Outcome {
  return isStatusIn(status, success) ? 'ok' : `status-${status}`;
}

/** The code of a system, TLS or undici error; an empty text when it has none. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

export function outcomeOfError(error: unknown): Outcome {
  const code = codeOf(error);
  return BY_CODE[code] ?? (TLS.test(code) ? 'tls' : 'other');
}
