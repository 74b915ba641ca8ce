import type {Agent as HttpAgent} from 'node:http';
import type {Agent as HttpsAgent} from 'node:https';
import type {AxiosInstance, AxiosResponse} from 'axios';
import type {CertificateCheck} from './http-parts.js';
import {codeOf, describeFailure} from './failure.js';

/** One kept connection per server, for reads that come again and again. */
export interface HttpRequester {
  /** Never throws for the target's sake. @throws the signal's reason when it aborts. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  close(): void;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly redirects: number;
}

export type HttpAnswer =
  | {
      readonly status: number;
      readonly body: string;
      /** The server's clock when it answered (the header `date`). */
      readonly date: string | undefined;
      readonly ms: number;
    }
  | {readonly why: string};

const LARGEST_ANSWER = 10 * 1024 * 1024;
/** Requests that may be sent twice without harm. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Loads axios. Proxies of the environment are not used: what is measured is the target, not the way there. */
export async function openRequester(check: CertificateCheck): Promise<HttpRequester> {
  const [{default: axios}, http, https] = await Promise.all([
    import('axios'),
    import('node:http'),
    import('node:https'),
  ]);
  const httpAgent = new http.Agent({keepAlive: true, maxSockets: 4});
  const httpsAgent = new https.Agent({keepAlive: true, maxSockets: 4, ...check});
  const client = axios.create({
    httpAgent,
    httpsAgent,
    adapter: 'http',
    proxy: false,
    responseType: 'text',
    // As it came: no parsing of JSON, no stripping.
    transformResponse: (data: unknown) => data,
    transformRequest: (data: unknown) => data,
    validateStatus: () => true,
    maxContentLength: LARGEST_ANSWER,
    maxBodyLength: Infinity,
  });
  return new Requester(client, [httpAgent, httpsAgent]);
}

class Requester implements HttpRequester {
  constructor(
    private readonly client: AxiosInstance,
    private readonly agents: readonly (HttpAgent | HttpsAgent)[],
  ) {}

  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.exchange(request, signal).catch((error: unknown) => {
        // The server closed the kept connection just when it was used again: that says nothing about the server.
        if (signal.aborted || !REPEATABLE.has(request.method) || !wasReused(error)) throw error;
        return this.exchange(request, signal);
      });
    } catch (error) {
      signal.throwIfAborted();
      return {why: whyOf(error, request)};
    }
  }

  close(): void {
    for (const agent of this.agents) agent.destroy();
  }

  private async exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const {method, url, headers, body, redirects} = request;
    const started = performance.now();
    const answer: AxiosResponse<string> = await this.client.request({
      method,
      url: url.href,
      headers: {...headers},
      maxRedirects: redirects,
      signal,
      ...(body === undefined ? {} : {data: body}),
    });
    const date: unknown = answer.headers['date'];
    return {
      status: answer.status,
      body: answer.data,
      date: typeof date === 'string' ? date : undefined,
      ms: performance.now() - started,
    };
  }
}

function wasReused(error: unknown): boolean {
  if (codeOf(error) !== 'ECONNRESET' || typeof error !== 'object' || error === null) return false;
  const request = 'request' in error ? error.request : undefined;
  return typeof request === 'object' && request !== null && 'reusedSocket' in request && request.reusedSocket === true;
}

function whyOf(error: unknown, request: HttpRequest): string {
  switch (codeOf(error)) {
    case 'ERR_FR_TOO_MANY_REDIRECTS':
      return `more than ${request.redirects} redirects`;
    case 'ERR_BAD_RESPONSE':
      return `expected a whole answer of at most ${LARGEST_ANSWER / 1024 / 1024}MiB`;
    default:
      return describeFailure(error);
  }
}
