import type {ConnectOpts, Socket} from 'node:net';
import {ABORTED, CLOSED, NOT_HTTP, TOO_LONG, type Exchange, type WireReply} from './exchange.js';
import {failureOf} from '../network/failure.js';
import {ResponseReader} from './response.js';

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly bytes: Buffer;
  /** It asks the server to close the connection after it. */
  readonly closes: boolean;
  /** It may be sent twice. */
  readonly repeatable: boolean;
  readonly keptBytes: number;
  readonly mostBytes: number;
}

type OnRead = NonNullable<ConnectOpts['onread']> & {readonly buffer: Uint8Array};

/** Opens a connection that is ready for requests; what it receives goes to `onread`. Rejects with why there is none. */
export type OpenSocket = (signal: AbortSignal, onread: OnRead) => Promise<Socket>;

type ReplyListener = (reply: WireReply) => void;

/** How long an idle connection is kept where the server does not say: less than servers usually keep it, ms. */
const IDLE_MS = 4000;
/** So much earlier than the server says: the next request must not cross its closing, ms. */
const IDLE_MARGIN_MS = 1000;
const READ_BYTES = 64 * 1024;

/**
 * Connections to one server that are kept and used again, the last one first; one request at a time on each, never a
 * second one before the answer to the first (no pipelining). There are as many as requests at the same time: who sends
 * bounds those.
 */
export class Connections {
  private readonly all = new Set<HttpConnection>();
  private readonly idle: HttpConnection[] = [];
  /** Every socket reads into this: what came is taken out before the next one reads. */
  private readonly buffer = Buffer.allocUnsafeSlow(READ_BYTES);

  constructor(private readonly openSocket: OpenSocket) {}

  send(request: WireRequest, ended: ReplyListener): Exchange {
    const connection = this.free() ?? this.open();
    connection.send(request, ended);
    return {abort: () => connection.giveUp(ended)};
  }

  /** Closes all at once; requests in flight end as aborted. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.all, connection => connection.close()));
  }

  private free(): HttpConnection | undefined {
    const now = performance.now();
    for (let connection = this.idle.pop(); connection !== undefined; connection = this.idle.pop()) {
      if (connection.usable(now)) return connection;
      connection.fail(ABORTED);
    }
    return undefined;
  }

  private open(): HttpConnection {
    const connection = new HttpConnection(this.openSocket, this.buffer, {
      idle: () => this.idle.push(connection),
      another: () => this.open(),
      closed: () => {
        this.all.delete(connection);
        const at = this.idle.indexOf(connection);
        if (at >= 0) this.idle.splice(at, 1);
      },
    });
    this.all.add(connection);
    return connection;
  }
}

interface ConnectionOwner {
  /** It can take another request. */
  idle(): void;
  /** A new connection. */
  another(): HttpConnection;
  closed(): void;
}

class HttpConnection {
  private socket: Socket | undefined;
  private readonly gone = new AbortController();
  private readonly closed: Promise<void>;
  private readonly reader = new ResponseReader();
  private request: WireRequest | undefined;
  private ended: ReplyListener | undefined;
  /** It has answered before. */
  private reused = false;
  /** On which the request that was lost with this one was sent again. */
  private successor: HttpConnection | undefined;
  /** Until when it may be used again, ms of performance.now(). */
  private idleUntil = 0;

  constructor(
    open: OpenSocket,
    buffer: Buffer,
    private readonly owner: ConnectionOwner,
  ) {
    const callback = (length: number) => {
      this.read(buffer, length);
      return true;
    };
    this.closed = open(this.gone.signal, {buffer, callback})
      .then(
        socket => this.opened(socket),
        (error: unknown) => this.fail(error),
      )
      .finally(() => owner.closed());
  }

  usable(now: number): boolean {
    return now < this.idleUntil && this.socket?.writable === true;
  }

  send(request: WireRequest, ended: ReplyListener): void {
    this.request = request;
    this.ended = ended;
    this.reader.expect(request.method, request.keptBytes);
    this.socket?.write(request.bytes);
  }

  /** Ends the request of this caller, if it is still the one that is on its way. */
  giveUp(ended: ReplyListener): void {
    if (this.ended === ended) this.fail(ABORTED);
    else this.successor?.giveUp(ended);
  }

  /** The connection is over, and with it the request on it. */
  fail(error: unknown): void {
    const {ended, request} = this;
    this.ended = undefined;
    this.request = undefined;
    this.idleUntil = 0;
    this.gone.abort(error);
    this.socket?.destroy();
    if (ended === undefined || request === undefined) return;
    if (this.wasLeft(request, error)) {
      this.successor = this.owner.another();
      this.successor.send(request, ended);
    } else ended({failed: error});
  }

  close(): Promise<void> {
    this.fail(ABORTED);
    return this.closed;
  }

  /** Resolves when it is closed. */
  private opened(socket: Socket): Promise<void> {
    this.socket = socket;
    return new Promise(resolve => {
      socket.on('end', () => this.serverEnded());
      socket.on('error', error => this.fail(error));
      socket.on('close', () => {
        this.fail(CLOSED);
        resolve();
      });
      if (this.gone.signal.aborted) socket.destroy();
      else if (this.request !== undefined) socket.write(this.request.bytes);
    });
  }

  /**
   * The server had given up the kept connection before the request came to it, as it may at any time: that says nothing
   * about what it would have answered. So a request that may be sent twice is sent once more (RFC 9112, section 9.3.1).
   */
  private wasLeft({repeatable}: WireRequest, error: unknown): boolean {
    return repeatable && this.reused && !this.reader.begun && failureOf(error) === 'reset';
  }

  private read(bytes: Buffer, length: number): void {
    const {request, reader} = this;
    if (request === undefined) {
      // Nobody has asked for anything.
      this.fail(ABORTED);
      return;
    }
    const progress = reader.take(bytes, length);
    if (reader.body !== undefined && reader.body.size > request.mostBytes) this.fail(TOO_LONG);
    else if (progress === 'done') this.complete(request);
    else if (progress === 'broken') this.fail(NOT_HTTP);
    else if (progress === 'left') this.fail(CLOSED);
  }

  private serverEnded(): void {
    if (this.request !== undefined && this.reader.endsHere()) this.complete(this.request);
    else this.fail(CLOSED);
  }

  private complete({closes}: WireRequest): void {
    const {ended, reader, socket} = this;
    this.ended = undefined;
    this.request = undefined;
    this.reused = true;
    const idleMs = reader.keepAliveSeconds === undefined ? IDLE_MS : reader.keepAliveSeconds * 1000 - IDLE_MARGIN_MS;
    // Before the connection is free for another request: that would begin a new answer.
    ended?.(reader);
    // A request that was answered before it was sent as a whole stands in the way of the next one.
    if (reader.keepAlive && !closes && idleMs > 0 && socket?.writableLength === 0) {
      this.idleUntil = performance.now() + idleMs;
      this.owner.idle();
    } else socket?.destroy();
  }
}
