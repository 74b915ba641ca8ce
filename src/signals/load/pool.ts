import type {Dispatcher} from 'undici';
import type {LoadSpec} from '../../experiment/load.js';
import type {CertificateCheck} from '../network/http-parts.js';
import {codeOf} from '../network/failure.js';
import {KEPT_BYTES, type Answer, type AnswerRule} from './answer.js';
import type {Exchange, Prepared, Sender} from './exchange.js';
import {outcomeOfError, type Outcome} from './outcome.js';

/** Connections to one server by undici: for TLS and HTTP/2. */
export interface Pool {
  sender(prepared: Prepared): Sender;
  close(): Promise<void>;
}

export interface PoolOptions extends Pick<LoadSpec, 'maxInFlight' | 'timeoutMs'> {
  readonly http2: boolean;
  readonly check: CertificateCheck;
}

/** Requests at the same time on one connection of HTTP/2: what servers usually allow. */
const STREAMS = 100;

export async function openPool(url: URL, {maxInFlight, timeoutMs, http2, check}: PoolOptions): Promise<Pool> {
  const {Client, H2CClient, Pool, buildConnector} = await import('undici');
  const common = {
    // The generator has its own, exact deadlines; these only clean up after it.
    headersTimeout: 2 * timeoutMs,
    bodyTimeout: 2 * timeoutMs,
  };
  const connectOptions = {timeout: timeoutMs, ...check};
  const factory = (origin: string | URL): Dispatcher => {
    if (url.protocol === 'http:') return new H2CClient(new URL(origin), {...common, pipelining: STREAMS});
    const secure = buildConnector({...connectOptions, allowH2: true});
    const client = new Client(origin, {
      ...common,
      pipelining: 1,
      allowH2: true,
      maxConcurrentStreams: STREAMS,
      connect: (options, connected) => {
        secure(options, (...result) => {
          const [, socket] = result;
          // Only a connection that speaks HTTP/2 takes several requests at a time.
          if (socket !== null && 'alpnProtocol' in socket && socket.alpnProtocol === 'h2') client.pipelining = STREAMS;
          connected(...result);
        });
      },
    });
    return client;
  };
  const pool = new Pool(url.origin, {
    ...common,
    connections: maxInFlight,
    pipelining: 1,
    connect: connectOptions,
    ...(http2 ? {factory} : {}),
  });
  return {
    sender: ({method, headers, body, rule, url: {pathname, search}}) => {
      const request = {method, path: `${pathname}${search}`, headers, body: body ?? null} as Dispatcher.DispatchOptions;
      return {
        send: ended => {
          const exchange = new PoolExchange(rule, ended);
          pool.dispatch(request, exchange);
          return exchange;
        },
      };
    },
    close: () => pool.destroy(),
  };
}

const WRONG_LENGTH = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';

/** Whether the connection was closed in the middle of an answer. Before the end of the head it is a head that contradicts itself. */
function wasCutOff(error: Error, status: number): boolean {
  // It has no code of its own.
  if (error.message.includes('Invalid EOF state')) return true;
  return codeOf(error) === WRONG_LENGTH && status >= 200;
}

/** One request as undici calls back about it. Of the body only what checks need is kept. */
class PoolExchange implements Exchange, Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private givenUp = false;
  private status = 0;
  private size = 0;
  private headers: Readonly<Record<string, string | string[] | undefined>> = {};
  private readonly pieces: Buffer[] = [];
  private kept = 0;

  constructor(
    private readonly rule: AnswerRule,
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

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    const kept = Math.min(chunk.length, this.rule.keptBytes - this.kept);
    if (kept <= 0) return;
    this.pieces.push(chunk.subarray(0, kept));
    this.kept += kept;
  }

  onResponseEnd(): void {
    this.ended(this.rule.looksInside ? this.rule.outcomeOf(this.answer()) : this.rule.outcomeOfStatus(this.status));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    // undici counts the body that these speak of, but do not have.
    const bodiless = this.status === 204 || this.status === 304;
    if (this.givenUp) this.ended('aborted');
    else if (bodiless && codeOf(error) === WRONG_LENGTH) this.onResponseEnd();
    else if (wasCutOff(error, this.status)) this.ended('reset');
    else this.ended(outcomeOfError(error));
  }

  private answer(): Answer {
    const {status, size, headers, pieces} = this;
    return {
      status,
      size,
      field: name => {
        const value = headers[name];
        return Array.isArray(value) ? value.join(', ') : value;
      },
      content: Buffer.concat(pieces, Math.min(size, KEPT_BYTES, this.kept)),
    };
  }
}
