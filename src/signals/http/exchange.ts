import type {CertificateCheck} from '../network/certificates.js';

/** A request with its secrets revealed. */
export interface Prepared {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Speak HTTP/2: by ALPN to https, at once to http. */
  readonly http2: boolean;
  readonly check: CertificateCheck;
  /** How many bytes of the answer's body are kept. */
  readonly keptBytes: number;
  /** An answer that is longer is given up, bytes. */
  readonly mostBytes: number;
}

/**
 * A complete answer. May be read only until the function that it is told to returns: what it is read from is used
 * again.
 */
export interface WireAnswer {
  readonly status: number;
  /** Bytes of the body as they came. */
  readonly size: number;
  /** The first bytes of the body, as many as were to be kept, as they came. */
  readonly content: Buffer;
  /** The values of the fields of this name (lower case), as they came. */
  fields(name: string): readonly string[];
  /** It leads somewhere else, and as many redirects as were allowed have been followed. */
  readonly leadsOn?: boolean;
}

/** What became of a request: its answer, or the error that ended it. */
export type WireReply = WireAnswer | {readonly failed: unknown};

/** A request that was handed over. */
export interface Exchange {
  /** Gives it up: its connection is closed. The reply is still told, but no longer says anything about the target. */
  abort(): void;
}

/**
 * Sends one request again and again. `ended` is called exactly once: when the answer is complete or the exchange has
 * failed.
 */
export interface Transport {
  send(ended: (reply: WireReply) => void): Exchange;
}

/** Methods whose request may be sent twice as well as once (RFC 9110, section 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** The value of the fields of this name; several are joined as lists are. */
export function fieldOf(answer: Pick<WireAnswer, 'fields'>, name: string): string | undefined {
  const values = answer.fields(name);
  return values.length === 0 ? undefined : values.join(', ');
}

const coded = (code: string, message: string) => Object.assign(new Error(message), {code});

/** What ends an exchange beside the errors of the system. One of each: they are thrown by thousands. */
export const CLOSED = coded('ECONNRESET', 'the server closed the connection');
export const ABORTED = coded('UND_ERR_ABORTED', 'given up');
export const NOT_HTTP = coded('NOT_HTTP', 'the answer is no HTTP');
export const TOO_LONG = coded('ANSWER_TOO_LONG', 'the answer is too long');
export const TOO_MANY_SERVERS = coded('TOO_MANY_SERVERS', 'redirects lead to too many servers');
