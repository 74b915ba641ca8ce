import type {Socket} from 'node:net';
import type {Dispatcher} from 'undici';
import {dial} from '../../system/dial.js';
import {codeOf, failureOf} from '../network/failure.js';
import {
  ABORTED,
  CLOSED,
  isIdempotent,
  TOO_LONG,
  type WireAnswer,
  type Exchange,
  type Prepared,
  type WireReply,
  type Transport,
} from './exchange.js';
import {openSecurely, placeOf, securedBy} from './secure.js';

export interface ClientLimits {
  /** Most connections of HTTP/2 to one server. */
  readonly maxInFlight: number;
  /**
   * After this nobody waits for an answer any more, ms: a connection of HTTP/2 that is not there by then is given up.
   */
  readonly timeoutMs: number;
}

/** Connections to one server by undici: for HTTP/2. */
export interface Http2Pool {
  transport(prepared: Prepared): Transport;
  close(): Promise<void>;
}

/** Requests at the same time on one connection of HTTP/2: what servers usually allow. */
const STREAMS = 100;

type Connected = (...result: [error: null, socket: Socket] | [error: Error, socket: null]) => void;

export async function openPool(first: Prepared, {maxInFlight, timeoutMs}: ClientLimits): Promise<Http2Pool> {
  const undici = await import('undici');
  const {origin} = first.url;
  const gone = new AbortController();
  /** Whether the newest connection has answered: what is lost on it later was sent on a kept one. */
  const newest = {answered: false};
  const common = {
    allowH2: true,
    // Whoever sends has exact deadlines; these only clean up after it.
    headersTimeout: 2 * timeoutMs,
    bodyTimeout: 2 * timeoutMs,
  };
  const factory = (): Dispatcher => {
    const connect = (_: unknown, connected: Connected) => {
      newest.answered = false;
      connectTo(first, AbortSignal.any([gone.signal, AbortSignal.timeout(timeoutMs)])).then(
        socket => {
          // Only a connection that speaks HTTP/2 takes several requests at a time.
          if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') client.pipelining = STREAMS;
          connected(null, socket);
        },
        (error: unknown) => connected(error as Error, null),
      );
    };
    const client = new undici.Client(origin, {...common, pipelining: 1, maxConcurrentStreams: STREAMS, connect});
    return client;
  };
  const pool = new undici.Pool(origin, {...common, connections: maxInFlight, pipelining: 1, factory});
  return {
    transport: prepared => ({
      send: ended => {
        const exchange = new PoolExchange(prepared, ended, newest);
        exchange.start(pool);
        return exchange;
      },
    }),
    close: () => {
      gone.abort(ABORTED);
      return pool.destroy();
    },
  };
}

async function connectTo(prepared: Prepared, signal: AbortSignal): Promise<Socket> {
  if (prepared.url.protocol === 'https:')
    return openSecurely(securedBy(prepared), {signal, protocols: ['h2', 'http/1.1']});
  // With prior knowledge: nothing is negotiated (RFC 9113, section 3.3).
  return Object.assign(await dial(placeOf(prepared.url), {signal, noDelay: true}), {alpnProtocol: 'h2'});
}

const WRONG_LENGTH = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';

/**
 * Whether the connection was closed in the middle of an answer. Before the end of the head it is a head that
 * contradicts itself.
 */
function wasCutOff(error: Error, status: number): boolean {
  // It has no code of its own.
  if (error.message.includes('Invalid EOF state')) return true;
  return codeOf(error) === WRONG_LENGTH && status >= 200;
}

/** One request as undici calls back about it. */
export class PoolExchange implements Exchange, Dispatcher.DispatchHandler {
  private pool: Dispatcher | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private givenUp: Error | undefined;
  private repeatable: boolean;
  /** It went to a connection that had answered before. */
  private reused = false;
  private status = 0;
  private size = 0;
  private headers: Readonly<Record<string, string | string[] | undefined>> = {};
  private readonly pieces: Buffer[] = [];
  private kept = 0;

  constructor(
    private readonly prepared: Prepared,
    private readonly ended: (reply: WireReply) => void,
    private readonly newest: {answered: boolean},
  ) {
    this.repeatable = isIdempotent(prepared.method);
  }

  start(pool: Dispatcher): void {
    const {method, headers, body, url} = this.prepared;
    this.pool = pool;
    const request = {method, path: `${url.pathname}${url.search}`, headers, body: body ?? null};
    pool.dispatch(request, this);
  }

  abort(): void {
    this.giveUp(ABORTED);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.reused = this.newest.answered;
    // Its time was up before there was a connection to send it on.
    if (this.givenUp !== undefined) controller.abort(this.givenUp);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.newest.answered = true;
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const {keptBytes, mostBytes} = this.prepared;
    this.size += chunk.length;
    if (this.size > mostBytes) this.giveUp(TOO_LONG);
    const kept = Math.min(chunk.length, keptBytes - this.kept);
    if (kept <= 0) return;
    this.pieces.push(chunk.subarray(0, kept));
    this.kept += kept;
  }

  onResponseEnd(): void {
    this.ended(this.answer());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    // undici counts the body that these speak of, but do not have.
    const bodiless = this.status === 204 || this.status === 304;
    if (this.givenUp !== undefined) this.ended({failed: this.givenUp});
    else if (bodiless && codeOf(error) === WRONG_LENGTH) this.onResponseEnd();
    else if (this.repeatable && this.reused && this.status === 0 && failureOf(error) === 'reset') this.repeat();
    else this.ended({failed: wasCutOff(error, this.status) ? CLOSED : error});
  }

  /** The kept connection was given up before the request came to it. */
  private repeat(): void {
    this.repeatable = false;
    this.controller = undefined;
    if (this.pool !== undefined) this.start(this.pool);
  }

  private giveUp(why: Error): void {
    this.givenUp = why;
    this.controller?.abort(why);
  }

  private answer(): WireAnswer {
    const {status, size, headers, pieces} = this;
    return {
      status,
      size,
      content: Buffer.concat(pieces),
      fields: name => [headers[name] ?? []].flat(),
    };
  }
}
