import {once} from 'node:events';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {describeError, FiredrillError} from '../system/error.js';
import {formatAddress, type Address} from './address.js';
import {Mark} from './mark.js';
import type {ConnectionView} from './protocol.js';
import {HIGH_WATER_MARK, Session} from './session.js';
import {ToxicSet} from './toxic-set.js';

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
  readonly toxics: ToxicSet;
  readonly #server: Server;
  readonly #sessions = new Set<Session>();
  readonly #closedBytes = {upstream: 0, downstream: 0};
  #accepted = 0;
  #unreachable = 0;

  constructor(private readonly options: ProxiedConnectionOptions) {
    this.toxics = new ToxicSet(
      () => this.#sessions,
      line => options.log(`${options.name}: ${line}`),
    );
    this.#server = createServer({allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER_MARK}, socket =>
      this.#accept(socket),
    );
  }

  get name(): string {
    return this.options.name;
  }

  /** TCP connections that are open now. */
  get open(): number {
    return this.#sessions.size;
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
    for (const session of this.#sessions) session.reset();
    await closed;
  }

  view(): ConnectionView {
    const bytes = {...this.#closedBytes};
    for (const session of this.#sessions) {
      bytes.upstream += session.bytes.upstream;
      bytes.downstream += session.bytes.downstream;
    }
    return {
      name: this.name,
      listen: this.#listening(),
      upstream: formatAddress(this.options.upstream),
      open: this.#sessions.size,
      accepted: this.#accepted,
      unreachable: this.#unreachable,
      bytes,
      ...this.toxics.view(),
      mark: this.mark.view,
    };
  }

  #listening(): string {
    const address = this.#server.address() as AddressInfo | null;
    return formatAddress({host: this.options.listen.host, port: address?.port ?? this.options.listen.port});
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    // A reset by the peer before the session listens for it must not end the process.
    client.on('error', () => client.destroy());
    const met = this.toxics.meet({reset: () => client.resetAndDestroy()});
    if (met === 'struck') return;
    const session = new Session(client, {
      upstream: this.options.upstream,
      connectTimeoutMs: this.options.connectTimeoutMs,
      budget: () => this.options.budget(),
      unreachable: () => {
        this.#unreachable += 1;
      },
      closed: gone => {
        this.#sessions.delete(gone);
        this.#closedBytes.upstream += gone.bytes.upstream;
        this.#closedBytes.downstream += gone.bytes.downstream;
      },
    });
    this.#sessions.add(session);
    for (const toxic of met) session.take(toxic);
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
