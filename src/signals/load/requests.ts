import type {HttpRequestSpec} from './spec.js';
import type {HttpClient} from '../http/client.js';
import type {CookieJar} from '../http/cookies.js';
import type {Exchange} from '../http/exchange.js';
import {certificateCheck} from '../network/certificates.js';
import {basicAuthorization, revealedHeaders, revealedUrl} from '../network/http-parts.js';
import {answerRule} from './answer.js';
import type {RequestOutcome} from './outcome.js';

/** Sends one request of a load again and again. */
export interface LoadSender {
  /**
   * `ended` is called exactly once, when the answer is complete or the exchange has failed. `jar`: cookies of the user
   * who asks.
   */
  send(ended: (outcome: RequestOutcome) => void, jar?: CookieJar): Exchange;
}

/** A request of a load, ready to be sent. @throws FiredrillError when it cannot be sent as it is written. */
export async function requestSender(
  http: HttpRequestSpec,
  client: HttpClient,
  reveal: (text: string) => string,
): Promise<LoadSender> {
  const url = revealedUrl(http.url, reveal);
  const rule = answerRule(http);
  const prepared = {
    url,
    method: http.method,
    headers: {...basicAuthorization(url), ...revealedHeaders(http.headers, reveal)},
    body: http.body === undefined ? undefined : Buffer.from(reveal(http.body)),
    http2: http.http2 === true,
    check: await certificateCheck(http.tls),
    keptBytes: rule.keptBytes,
    mostBytes: Infinity,
  };
  const sender = await client.sender(prepared, http.redirects ?? 0);
  return {send: (ended, jar) => sender.send(reply => ended(rule.outcomeOf(reply)), jar)};
}
