import {once} from 'node:events';
import {createServer, type AddressInfo, type Server} from 'node:net';
import {describeError, FiredrillError} from '../system/error.js';
import {formatAddress, type Address} from './address.js';
import {Mark} from './mark.js';
import type {ConnectionView} from './protocol.js';
import {HIGH_WATER_MARK} from './session.js';
import {Sessions} from './sessions.js';
import type {ToxicSet} from './toxic-set.js';

export interface ProxiedConnectionOptions {
  readonly name: string;
  readonly listen: Address;
  readonly upstream: Address;
  readonly connectTimeoutMs: number;
  /** Most bytes that one stage of one session should hold now. */
  budget(): number;
  /** One line for the log of the process. */
  log(line: string): void;
}

/** A named way to an upstream: it listens, passes each connection on, and applies its toxics to all of them. */
export class ProxiedConnection {
  readonly mark = new Mark();
  readonly #server: Server;
  readonly #sessions: Sessions;

  constructor(private readonly options: ProxiedConnectionOptions) {
    this.#sessions = new Sessions({
      connectTimeoutMs: options.connectTimeoutMs,
      budget: () => options.budget(),
      log: line => options.log(`${options.name}: ${line}`),
    });
    this.#server = createServer({allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER_MARK}, socket =>
      this.#sessions.accept(socket, options.upstream),
    );
  }

  get toxics(): ToxicSet {
    return this.#sessions.toxics;
  }

  get name(): string {
    return this.options.name;
  }

  /** TCP connections that are open now. */
  get open(): number {
    return this.#sessions.open;
  }

  /** Throws ADDRESS_UNUSABLE when the address is taken or may not be used. */
  async listen(): Promise<void> {
    const {listen, name} = this.options;
    await listenOn(this.#server, listen, `The connection \`${name}\``);
    // Running out of file descriptors is reported here; connections that are open go on.
    this.#server.on('error', error => this.options.log(`${name}: ${describeError(error)}`));
  }

  /** Ends everything: toxics, connections, the listening socket. */
  async close(): Promise<void> {
    this.toxics.clear();
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close();
    this.#sessions.reset();
    await closed;
  }

  view(): ConnectionView {
    const {open, accepted, unreachable, bytes} = this.#sessions;
    return {
      name: this.name,
      listen: this.#listening(),
      upstream: formatAddress(this.options.upstream),
      open,
      accepted,
      unreachable,
      bytes,
      ...this.toxics.view(),
      mark: this.mark.view,
    };
  }

  #listening(): string {
    const address = this.#server.address() as AddressInfo | null;
    return formatAddress({host: this.options.listen.host, port: address?.port ?? this.options.listen.port});
  }
}

/** Listens, or throws ADDRESS_UNUSABLE with the reason. */
export async function listenOn(server: Server, {host, port}: Address, who: string): Promise<void> {
  try {
    server.listen({host, port});
    await once(server, 'listening');
  } catch (error) {
    const at = formatAddress({host, port});
    throw new FiredrillError('ADDRESS_UNUSABLE', `${who} cannot listen on \`${at}\`: ${describeError(error)}`, {
      hint: `See what uses it with \`ss -ltnp 'sport = :${port}'\`, or choose another port.`,
      cause: error,
    });
  }
}
