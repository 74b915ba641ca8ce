import type {IdSpec, SentIdSpec} from '../writes/spec.js';
import type {HttpRequestSpec} from './spec.js';
import type {HttpClient} from '../http/client.js';
import type {Exchange} from '../http/exchange.js';
import {certificateCheck} from '../network/certificates.js';
import {basicAuthorization, revealedHeaders, revealedUrl} from '../network/http-parts.js';
import {answerRule} from './answer.js';
import type {ValuePlace} from './escaping.js';
import type {RequestOutcome} from './outcome.js';
import {splitPlaceholders} from './placeholder.js';
import {filled, type LoadUser, type TextOf, type ValueSource} from './user.js';
import {variedRequest} from './varied.js';

/** Sends one request of a load again and again. */
export interface LoadSender {
  /** Of a request that writes: how the id of its write is known. */
  readonly writes?: WriteNaming;
  /** `ended` is called exactly once, when the answer is complete or the exchange has failed. `user`: who asks. */
  send(ended: (outcome: RequestOutcome) => void, user: LoadUser): Exchange;
  /** Ends the connections of its own, where it has any. To be called when no request is open. Does not reject. */
  close?(): Promise<void>;
}

/** The id that is sent, or undefined: a good answer names it. */
interface WriteNaming {
  readonly sent: TextOf | undefined;
}

export function namingOf(id: IdSpec | SentIdSpec | undefined, values: ValueSource): {readonly writes?: WriteNaming} {
  if (id === undefined) return {};
  if (!('sent' in id)) return {writes: {sent: undefined}};
  const parts = splitPlaceholders(id.sent).map(part =>
    typeof part === 'string' ? part : {placeholder: part, place: 'text' as const},
  );
  return {writes: {sent: filled(parts, values)}};
}

/** With what the requests of a load are made. */
export interface RequestParts {
  readonly client: HttpClient;
  readonly reveal: (text: string) => string;
  readonly values: ValueSource;
  /** Where later requests of the scenario put what this one carries, by name. */
  readonly uses: ReadonlyMap<string, ReadonlySet<ValuePlace>>;
  /** When a request counts as timed out. */
  readonly timeoutMs: number;
}

/** A request over HTTP, ready to be sent. @throws FiredrillError when it cannot be sent as it is written. */
export async function httpSender(
  http: HttpRequestSpec,
  {client, reveal, values, uses}: RequestParts,
): Promise<LoadSender> {
  const url = revealedUrl(http.url, reveal);
  const rule = answerRule(http, uses);
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
  const redirects = http.redirects ?? 0;
  const writes = namingOf(http.id, values);
  const requestOf = variedRequest(http, prepared, {reveal, values});
  if (requestOf === undefined) {
    const sender = await client.sender(prepared, redirects);
    return {...writes, send: (ended, user) => sender.send(reply => ended(rule.outcomeOf(reply, user)), user.jar)};
  }
  return {
    ...writes,
    send: (ended, user) =>
      client.send(requestOf(user), {redirects, jar: user.jar, ended: reply => ended(rule.outcomeOf(reply, user))}),
  };
}
