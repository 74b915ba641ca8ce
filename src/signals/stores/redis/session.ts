import type {Socket} from 'node:net';
import {Decoder} from '@redis/client/dist/lib/RESP/decoder.js';
import {dial} from '../../../system/dial.js';
import {openSecurely} from '../../http/secure.js';
import type {CertificateCheck} from '../../network/certificates.js';
import type {Connection} from '../../network/servers.js';
import type {RedisAddress} from './address.js';

/** What a server answers to the commands that are sent here. Errors of the server reject. */
export type Reply = string | number | null | readonly Reply[];

/** A text as it is; what should not be there as JSON. */
export function textOf(reply: Reply): string {
  return typeof reply === 'string' ? reply : JSON.stringify(reply);
}

/** The server answered with an error; its code is the first word. */
export class RedisRefusal extends Error {
  readonly code: string;

  constructor(message: string) {
    super(message);
    this.code = /^[A-Z]{1,60}/.exec(message)?.[0] ?? '';
  }
}

/** What came is not the protocol of Redis. */
export class NotRedis extends Error {}

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One connection over which one command after the other is asked (RESP2). Only the codec of the official client is
 * used: connecting, time-outs and what a loss means are those of all probes.
 */
export class RedisSession implements Connection {
  private readonly waiting: Waiting[] = [];
  private error: Error | undefined;

  constructor(private readonly socket: Socket) {
    const decoder = new Decoder({
      onReply: (reply: Reply) => this.waiting.shift()?.resolve(reply),
      onErrorReply: ({message}) => this.refused(new RedisRefusal(message)),
      onPush: () => undefined,
      getTypeMapping: () => ({}),
    });
    socket.on('data', (bytes: Buffer) => {
      try {
        decoder.write(bytes);
      } catch {
        this.fail(new NotRedis());
      }
    });
    socket.on('error', error => this.fail(error));
    for (const over of ['end', 'close'])
      socket.on(over, () => this.fail(Object.assign(new Error('closed'), {code: 'ECONNRESET'})));
  }

  get lost(): boolean {
    return this.error !== undefined;
  }

  ask(...command: readonly string[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.error !== undefined) {
        reject(this.error);
        return;
      }
      this.waiting.push({resolve, reject});
      const parts = command.map(part => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
      this.socket.write(`*${parts.length}\r\n${parts.join('')}`);
    });
  }

  /** Whatever waits for it is rejected. */
  cut(): void {
    this.socket.destroy();
  }

  /** Before anything was asked: nobody new is let in. */
  private refused(refusal: RedisRefusal): void {
    const asked = this.waiting.shift();
    if (asked === undefined) this.fail(refusal);
    else asked.reject(refusal);
  }

  private fail(error: Error): void {
    this.error ??= error;
    this.socket.destroy();
    for (const {reject} of this.waiting.splice(0)) reject(this.error);
  }
}

/**
 * Connects, logs in and chooses the database. Rejects with the error of the network, of TLS or of the server.
 */
export async function openSession(
  {host, port, user, password, database}: RedisAddress,
  tls: CertificateCheck | undefined,
  signal: AbortSignal,
): Promise<RedisSession> {
  const place = {host, port};
  const socket =
    tls === undefined
      ? await dial(place, {signal, noDelay: true})
      : await openSecurely({place, serverName: host, check: tls}, {signal, protocols: []});
  const session = new RedisSession(socket);
  signal.addEventListener('abort', () => session.cut(), {once: true});
  try {
    signal.throwIfAborted();
    if (password !== undefined) await session.ask('AUTH', ...(user === undefined ? [] : [user]), password);
    if (database !== 0) await session.ask('SELECT', String(database));
    return session;
  } catch (error) {
    session.cut();
    throw error;
  }
}
