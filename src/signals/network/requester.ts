import {HttpClient} from '../http/client.js';
import {bodyText} from '../http/content.js';
import {fieldOf, type WireAnswer, type WireReply} from '../http/exchange.js';
import type {CertificateCheck} from './certificates.js';
import type {Reason} from '../missing.js';
import {codeOf, describeFailure, reasonOf} from './failure.js';

/** Connections that are kept, for reads that come again and again. */
export interface HttpRequester {
  /** Never throws for the target's sake. @throws the signal's reason when it aborts. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly redirects: number;
  /** The body of the answer is looked at. */
  readonly looksInside: boolean;
}

export type HttpAnswer =
  | {
      readonly status: number;
      /** Undefined when it cannot be read, see `bodyText`; empty when it was not to be looked at. */
      readonly body: string | undefined;
      /** The server's clock when it answered (the header `date`). */
      readonly date: string | undefined;
      readonly ms: number;
    }
  | Unanswered;

/** Why there is no answer, and whose failure that is. */
interface Unanswered {
  readonly why: string;
  readonly reason: Reason;
}

const LARGEST_ANSWER = 10 * 1024 * 1024;

/** Proxies of the environment are not used: what is measured is the target, not the way there. */
export function openRequester(check: CertificateCheck): HttpRequester {
  return new Requester(check);
}

class Requester implements HttpRequester {
  // Its limits are for HTTP/2, which probes do not speak.
  private readonly client = new HttpClient({maxInFlight: 1, timeoutMs: 0});

  constructor(private readonly check: CertificateCheck) {}

  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const {method, url, headers, body, redirects, looksInside} = request;
    const prepared = {
      method,
      url,
      headers,
      body: body === undefined ? undefined : Buffer.from(body),
      http2: false,
      check: this.check,
      keptBytes: looksInside ? LARGEST_ANSWER : 0,
      mostBytes: LARGEST_ANSWER,
    };
    const sender = await this.client.sender(prepared, redirects);
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const started = performance.now();
      const onAbort = () => {
        reject(signal.reason as Error);
        exchange.abort();
      };
      const exchange = sender.send(reply => {
        const ms = performance.now() - started;
        signal.removeEventListener('abort', onAbort);
        resolve(answerOf(reply, request, ms));
      });
      signal.addEventListener('abort', onAbort, {once: true});
    });
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

function answerOf(reply: WireReply, request: HttpRequest, ms: number): HttpAnswer {
  if ('failed' in reply) return unanswered(reply.failed);
  if (reply.leadsOn === true) return {reason: 'answer', why: `more than ${request.redirects} redirects`};
  return {status: reply.status, body: textIn(reply, request), date: fieldOf(reply, 'date'), ms};
}

function textIn(answer: WireAnswer, {looksInside}: HttpRequest): string | undefined {
  return looksInside ? bodyText(answer) : '';
}

function unanswered(error: unknown): Unanswered {
  switch (codeOf(error)) {
    case 'ANSWER_TOO_LONG':
      return {reason: 'answer', why: `expected a whole answer of at most ${LARGEST_ANSWER / 1024 / 1024}MiB`};
    case 'NOT_HTTP':
      return {reason: 'answer', why: 'the answer is no HTTP'};
    case 'TOO_MANY_SERVERS':
      return {reason: 'answer', why: 'redirects lead to ever new servers'};
    default:
      return {reason: reasonOf(error), why: describeFailure(error)};
  }
}
