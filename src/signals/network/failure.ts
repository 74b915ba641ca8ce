import type {Reason} from '../missing.js';
import {tlsReason} from '../../quantities/tls-reasons.js';

/** How an exchange over the network failed, whoever's fault it is. */
export type Failure =
  'timeout' | 'refused' | 'reset' | 'unreachable' | 'dns' | 'tls' | 'aborted' | 'exhausted' | 'other';

const BY_CODE: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  UND_ERR_SOCKET: 'reset',
  PROTOCOL_CONNECTION_LOST: 'reset',
  // The server broke off a stream of HTTP/2, or all of them.
  ERR_HTTP2_STREAM_ERROR: 'reset',
  ERR_HTTP2_SESSION_ERROR: 'reset',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
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
  // This machine ran out of something, or does not let it out: the system under test was never asked.
  EMFILE: 'exhausted',
  ENFILE: 'exhausted',
  ENOBUFS: 'exhausted',
  EADDRNOTAVAIL: 'exhausted',
  EACCES: 'exhausted',
  EPERM: 'exhausted',
};

const TLS = /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA)/;

/** The code of a system, TLS or undici error; an empty text when it has none. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

export function failureOf(error: unknown): Failure {
  const code = codeOf(error);
  return BY_CODE[code] ?? (TLS.test(code) ? 'tls' : 'other');
}

/** Whose failure it is. An error without a code is none of the network: a bug of ours, or of a library. */
export function reasonOf(error: unknown): Reason {
  const failure = failureOf(error);
  if (failure === 'exhausted') return 'unsent';
  if (failure === 'tls') return `tls-${codeOf(error)}`;
  return failure === 'other' && codeOf(error) === '' ? 'bug' : failure;
}

/**
 * A failure in fixed words: the messages of the libraries hold host names and URLs, which may come from secrets.
 */
export function describeFailure(error: unknown): string {
  const code = codeOf(error);
  switch (failureOf(error)) {
    case 'refused':
      return 'connection refused';
    case 'reset':
      return 'connection reset';
    case 'unreachable':
      return `unreachable (${code})`;
    case 'dns':
      return 'host name not found';
    case 'timeout':
      return 'timed out by the operating system';
    case 'tls':
      return `TLS failed: ${tlsReason(code)}`;
    case 'exhausted':
      return `this machine could not send it (${code})`;
    default:
      return code === '' ? 'failed for an unknown reason' : `failed (${code})`;
  }
}

/** Whether a read was ended because its time was up, not because the run was interrupted. */
export function isTimeUp(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
}
