import {createSocket, type RemoteInfo, type Socket} from 'node:dgram';
import {once} from 'node:events';
import {loopback, type Door, type DoorPlace} from './door.js';
import {Later} from './later.js';
import type {NameServer} from './resolver.js';

/** How long an answer of the name server is waited for; clients have given up by then (resolv.conf(5): 5 s). */
const PATIENCE_MS = 10_000;
/** With more questions under way the oldest is given up, as a busy name server does. */
const MOST_UNDER_WAY = 1000;

/** Room for questions that come in a burst; the kernel gives what it allows. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

function socketFor({family}: NameServer, recvBufferSize?: number): Socket {
  const room = recvBufferSize === undefined ? {} : {recvBufferSize};
  return createSocket({type: family === 6 ? 'udp6' : 'udp4', ...room});
}

/** Listens for datagrams. @throws the socket's error when it cannot. */
export async function openUdpDoor(place: DoorPlace): Promise<Door> {
  const socket = socketFor(place.server, RECEIVE_BUFFER_BYTES);
  socket.bind(0, loopback(place.server));
  try {
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw error;
  }
  return new UdpDoor(socket, place);
}

class UdpDoor implements Door {
  readonly #later = new Later();
  /** One socket for each question that was passed on: a port of its own makes answers hard to forge. Oldest first. */
  readonly #passed = new Map<Socket, NodeJS.Timeout>();
  readonly port: number;

  constructor(
    private readonly socket: Socket,
    private readonly place: DoorPlace,
  ) {
    this.port = socket.address().port;
    socket.on('message', (message, from) => this.#take(message, from));
    // A client that has gone away: nothing is owed to it.
    socket.on('error', () => undefined);
  }

  get underWay(): number {
    return this.#later.size + this.#passed.size;
  }

  release(): void {
    this.#later.flush();
  }

  async close(): Promise<void> {
    this.#later.clear();
    for (const socket of [...this.#passed.keys()]) this.#forget(socket);
    await new Promise<void>(resolve => this.socket.close(resolve));
  }

  #take(message: Buffer, from: RemoteInfo): void {
    const treatment = this.place.treatments.treat(message, 'udp');
    const pass = () => this.#pass(message, from);
    if (treatment.kind === 'pass') this.#later.add(treatment.afterMs, pass, pass);
    if (treatment.kind === 'answer')
      this.#later.add(treatment.afterMs, () => this.#reply(treatment.message, from), pass);
  }

  #reply(message: Buffer, {port, address}: RemoteInfo): void {
    this.socket.send(message, port, address, () => undefined);
  }

  /** Asks the name server that was meant, with the very bytes, and gives its first answer back as it is. */
  #pass(message: Buffer, from: RemoteInfo): void {
    const {server} = this.place;
    const socket = socketFor(server);
    const done = () => this.#forget(socket);
    this.#passed.set(socket, setTimeout(done, PATIENCE_MS));
    socket.on('error', done);
    socket.on('message', answer => {
      this.#reply(answer, from);
      done();
    });
    // Connected: only datagrams of this server are taken, and a refusal of its host is heard.
    socket.connect(server.port, server.address, () => {
      if (this.#passed.has(socket)) socket.send(message, () => undefined);
    });
    if (this.#passed.size > MOST_UNDER_WAY) {
      const [oldest] = this.#passed.keys();
      if (oldest !== undefined) this.#forget(oldest);
    }
  }

  #forget(socket: Socket): void {
    const timer = this.#passed.get(socket);
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#passed.delete(socket);
    socket.close();
  }
}
