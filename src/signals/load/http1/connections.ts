import {connect, type Socket} from 'node:net';
import type {Answer, AnswerRule} from '../answer.js';
import type {Exchange} from '../exchange.js';
import {outcomeOfError, type Outcome} from '../outcome.js';
import {ResponseReader} from './response.js';

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly bytes: Buffer;
  /** It asks the server to close the connection after it. */
  readonly closes: boolean;
  readonly rule: AnswerRule;
}

/** How long an idle connection is kept where the server does not say: less than servers usually keep it, ms. */
const IDLE_MS = 4000;
/** So much earlier than the server says: the next request must not cross its closing, ms. */
const IDLE_MARGIN_MS = 1000;
const READ_BYTES = 64 * 1024;

/**
 * Connections to one server that are kept and used again, the last one first; one request at a time on each, never a second one before the
 * answer to the first (no pipelining). There are as many as requests at the same time: who sends bounds those.
 */
export class Connections {
  private readonly all = new Set<Connection>();
  private readonly idle: Connection[] = [];
  /** Every socket reads into this: what came is taken out before the next one reads. */
  private readonly buffer = Buffer.allocUnsafeSlow(READ_BYTES);

  constructor(private readonly address: {readonly host: string; readonly port: number}) {}

  send(request: WireRequest, ended: (outcome: Outcome) => void): Exchange {
    const connection = this.free() ?? this.open();
    connection.send(request, ended);
    return {abort: () => connection.giveUp(ended)};
  }

  /** Closes all at once; requests in flight end as `aborted`. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.all, connection => connection.close()));
  }

  private free(): Connection | undefined {
    const now = performance.now();
    for (let connection = this.idle.pop(); connection !== undefined; connection = this.idle.pop()) {
      if (connection.usable(now)) return connection;
      connection.fail('aborted');
    }
    return undefined;
  }

  private open(): Connection {
    const connection = new Connection(this.address, this.buffer, {
      idle: () => this.idle.push(connection),
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

interface Owner {
  /** It can take another request. */
  idle(): void;
  closed(): void;
}

class Connection {
  private readonly socket: Socket;
  private readonly reader = new ResponseReader();
  private request: WireRequest | undefined;
  private ended: ((outcome: Outcome) => void) | undefined;
  /** Until when it may be used again, ms of performance.now(). */
  private idleUntil = 0;

  constructor(
    address: {readonly host: string; readonly port: number},
    buffer: Buffer,
    private readonly owner: Owner,
  ) {
    const read = (length: number) => {
      this.read(buffer.subarray(0, length));
      return true;
    };
    this.socket = connect({...address, noDelay: true, onread: {buffer, callback: read}});
    this.socket.on('end', () => this.serverEnded());
    this.socket.on('error', error => this.fail(outcomeOfError(error)));
    this.socket.on('close', () => {
      this.fail('reset');
      this.owner.closed();
    });
  }

  usable(now: number): boolean {
    return now < this.idleUntil && this.socket.writable;
  }

  send(request: WireRequest, ended: (outcome: Outcome) => void): void {
    this.request = request;
    this.ended = ended;
    this.reader.expect(request.method, request.rule.keptBytes);
    this.socket.write(request.bytes);
  }

  /** Ends the request of this caller, if it is still the one that is on its way. */
  giveUp(ended: (outcome: Outcome) => void): void {
    if (this.ended === ended) this.fail('aborted');
  }

  /** The connection is over, and with it the request on it. */
  fail(outcome: Outcome): void {
    const {ended} = this;
    this.ended = undefined;
    this.request = undefined;
    this.idleUntil = 0;
    this.socket.destroy();
    ended?.(outcome);
  }

  close(): Promise<void> {
    return new Promise(resolve => {
      if (this.socket.closed) {
        resolve();
        return;
      }
      this.socket.once('close', () => resolve());
      this.fail('aborted');
    });
  }

  private read(bytes: Buffer): void {
    if (this.request === undefined) {
      // Nobody has asked for anything.
      this.fail('aborted');
      return;
    }
    const progress = this.reader.take(bytes);
    if (progress === 'done') this.complete(this.request);
    else if (progress === 'broken') this.fail('other');
    else if (progress === 'left') this.fail('reset');
  }

  private serverEnded(): void {
    if (this.request !== undefined && this.reader.endsHere()) this.complete(this.request);
    else this.fail('reset');
  }

  private complete({rule, closes}: WireRequest): void {
    const {ended, reader} = this;
    const outcome = rule.looksInside ? rule.outcomeOf(answerIn(reader)) : rule.outcomeOfStatus(reader.status);
    this.ended = undefined;
    this.request = undefined;
    const idleMs = reader.keepAliveSeconds === undefined ? IDLE_MS : reader.keepAliveSeconds * 1000 - IDLE_MARGIN_MS;
    // A request that was answered before it was sent as a whole stands in the way of the next one.
    if (reader.keepAlive && !closes && idleMs > 0 && this.socket.writableLength === 0) {
      this.idleUntil = performance.now() + idleMs;
      this.owner.idle();
    } else {
      this.socket.destroy();
    }
    ended?.(outcome);
  }
}

function answerIn(reader: ResponseReader): Answer {
  const {status, body} = reader;
  return {
    status,
    size: body?.size ?? 0,
    field: name => reader.field(name),
    content: body?.content ?? Buffer.alloc(0),
  };
}
