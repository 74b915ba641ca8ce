import type {WireAnswer, Prepared} from './exchange.js';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Headers that say nothing about who asks: all others stay with the server that the file names. */
const HARMLESS = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent', 'content-type', 'connection']);

/** Headers that belong to a body. */
const OF_BODY = new Set(['content-type', 'content-encoding', 'content-language', 'content-location']);

/** Where an answer leads to; undefined when it is no redirect that can be followed. */
export function leadsTo({url}: Prepared, answer: Pick<WireAnswer, 'status' | 'fields'>): URL | undefined {
  const [location] = answer.fields('location');
  if (location === undefined || !REDIRECTS.has(answer.status) || !URL.canParse(location, url.href)) return undefined;
  const to = new URL(location, url);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return undefined;
  // Who asks is said by the file, never by a server.
  to.username = '';
  to.password = '';
  return to;
}

/**
 * The request that follows a redirect (RFC 9110, section 15.4): 303 asks with GET, and so do 301 and 302 after a POST,
 * as every browser does. Another server (scheme, host or port) gets no credential, no cookie and no header of the
 * file's own.
 */
export function redirected(before: Prepared, status: number, to: URL): Prepared {
  const {method, headers, url} = before;
  const asksOnly = status === 303 ? method !== 'HEAD' : (status === 301 || status === 302) && method === 'POST';
  const stays = to.origin === url.origin;
  const kept = Object.entries(headers).filter(
    ([name]) => (stays || HARMLESS.has(name)) && !(asksOnly && OF_BODY.has(name)),
  );
  return {
    ...before,
    url: to,
    headers: Object.fromEntries(kept),
    ...(asksOnly ? {method: 'GET', body: undefined} : {}),
  };
}
