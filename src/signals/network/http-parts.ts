import {validateHeaderValue} from 'node:http';
import {unescaped} from '../../quantities/url.js';
import {FiredrillError} from '../../system/error.js';
import {revealUrl} from '../../system/secrets.js';

/**
 * What load and probes make of the request that a file describes, with its secrets revealed. Values never get into
 * messages.
 */

/** @throws FiredrillError PROBE_UNUSABLE when it is no http or https URL once its secrets are known. */
export function revealedUrl(written: string, reveal: (text: string) => string): URL {
  const text = revealUrl(written, reveal);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new FiredrillError('PROBE_UNUSABLE', `Expected an http or https URL in \`${written}\`.`);
}

/** The `authorization` header for the user and password of a URL, if it has any. */
export function basicAuthorization(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {};
  const [user = '', password = ''] = [url.username, url.password].map(unescaped);
  return {authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`};
}

/** Headers that belong to the connection, not to the request: the client sets them itself. */
const RESERVED = new Set(['transfer-encoding', 'keep-alive', 'upgrade', 'expect', 'content-length']);

/** @throws FiredrillError PROBE_UNUSABLE for a header that cannot be sent. */
export function revealedHeaders(
  written: Readonly<Record<string, string>>,
  reveal: (text: string) => string,
): Record<string, string> {
  const headers: Record<string, string> = {'user-agent': 'firedrill'};
  for (const [name, text] of Object.entries(written)) {
    const key = name.toLowerCase();
    if (RESERVED.has(key))
      throw new FiredrillError('PROBE_UNUSABLE', `Expected no header \`${name}\`: the HTTP client sets it itself.`);
    const value = reveal(text);
    try {
      validateHeaderValue(key, value);
    } catch {
      throw new FiredrillError(
        'PROBE_UNUSABLE',
        `Expected a header value of one line without control characters for \`${name}\`.`,
      );
    }
    headers[key] = value;
  }
  return headers;
}
