import type {Dispatcher, Pool} from 'undici';
import type {HttpRequestSpec, LoadSpec} from '../../experiment/experiment.js';
import {basicAuthorization, certificateCheck, revealedHeaders, revealedUrl} from '../network/http-parts.js';
import {outcomeOfError, outcomeOfStatus, type Outcome} from './outcome.js';

/** A request that was handed over. */
export interface Exchange {
  /** Gives it up: its connection is closed. The outcome is still told, but no longer says anything about the target. */
  abort(): void;
}

/** Sends the one request of a load again and again over a bounded set of kept connections. */
export interface LoadClient {
  /** `ended` is called exactly once, when the answer is complete or the exchange has failed. */
  send(ended: (outcome: Outcome) => void): Exchange;
  /** Closes all connections at once; requests in flight end as `aborted`. */
  close(): Promise<void>;
}

/** Connections are bounded by the load's `maxInFlight`. @throws FiredrillError when the request cannot be sent as it is written. */
export async function openLoadClient(
  http: HttpRequestSpec,
  {maxInFlight, timeoutMs}: Pick<LoadSpec, 'maxInFlight' | 'timeoutMs'>,
  reveal: (text: string) => string,
): Promise<LoadClient> {
  const url = revealedUrl(http.url, reveal);
  const headers = {...basicAuthorization(url), ...revealedHeaders(http.headers, reveal)};
  const check = await certificateCheck(http.tls);
  const {Pool} = await import('undici');
  const pool = new Pool(url.origin, {
    connections: maxInFlight,
    pipelining: 1,
    // The generator has its own, exact deadlines; these only clean up after it.
    headersTimeout: 2 * timeoutMs,
    bodyTimeout: 2 * timeoutMs,
    connect: {timeout: timeoutMs, ...check},
  });
  const request: Dispatcher.DispatchOptions = {
    method: http.method,
    path: `${url.pathname}${url.search}`,
    headers,
    body: http.body === undefined ? null : Buffer.from(reveal(http.body)),
  };
  return {
    send: ended => {
      const exchange = new PoolExchange(http.success, ended);
      pool.dispatch(request, exchange);
      return exchange;
    },
    close: () => closePool(pool),
  };
}

async function closePool(pool: Pool): Promise<void> {
  await pool.destroy();
}

/** One request as undici calls back about it. The body is read and dropped. */
class PoolExchange implements Exchange, Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private givenUp = false;
  private status = 0;

  constructor(
    private readonly success: HttpRequestSpec['success'],
    private readonly ended: (outcome: Outcome) => void,
  ) {}

  abort(): void {
    this.givenUp = true;
    this.controller?.abort(new Error('given up'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // Its time was up before there was a connection to send it on.
    if (this.givenUp) controller.abort(new Error('given up'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.status = status;
  }

  onResponseData(): void {
    // Dropped: only its arrival counts.
  }

  onResponseEnd(): void {
    this.ended(outcomeOfStatus(this.status, this.success));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.ended(this.givenUp ? 'aborted' : outcomeOfError(error));
  }
}
