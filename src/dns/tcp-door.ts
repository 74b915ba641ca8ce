import {once} from 'node:events';
import {connect, createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {loopback, type Door, type DoorPlace} from './door.js';
import {frame, FrameReader} from './frames.js';
import {Later} from './later.js';

/** A connection on which nothing comes is given up, as name servers do (RFC 7766 section 6.2.3). */
const IDLE_MS = 30_000;
const MOST_CONNECTIONS = 500;

/** Listens for connections. @throws the server's error when it cannot. */
export async function openTcpDoor(place: DoorPlace): Promise<Door> {
  const server = createServer({allowHalfOpen: true});
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(0, loopback(place.server));
  await once(server, 'listening');
  return new TcpDoor(server, place);
}

class TcpDoor implements Door {
  readonly #conversations = new Set<DnsConversation>();
  readonly port: number;

  constructor(
    private readonly server: Server,
    place: DoorPlace,
  ) {
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', socket => {
      const conversation = new DnsConversation(socket, place);
      this.#conversations.add(conversation);
      socket.once('close', () => this.#conversations.delete(conversation));
    });
  }

  get underWay(): number {
    let sum = 0;
    for (const {underWay} of this.#conversations) sum += underWay;
    return sum;
  }

  release(): void {
    for (const conversation of this.#conversations) conversation.release();
  }

  async close(): Promise<void> {
    for (const conversation of this.#conversations) conversation.destroy();
    await new Promise(resolve => this.server.close(resolve));
  }
}

/** One connection of a client, with the one to its name server that is opened when a question has to go there. */
class DnsConversation {
  readonly #later = new Later();
  readonly #questions = new FrameReader();
  #upstream: Socket | undefined;
  /** Questions that the name server has not answered yet. */
  #asked = 0;
  #clientDone = false;

  constructor(
    private readonly client: Socket,
    private readonly place: DoorPlace,
  ) {
    client.setTimeout(IDLE_MS, () => this.destroy());
    client.on('error', () => this.destroy());
    client.once('close', () => this.destroy());
    client.on('data', (chunk: Buffer) => {
      for (const message of this.#questions.push(chunk)) this.#take(message);
    });
    client.on('end', () => {
      this.#clientDone = true;
      this.#endWhenDone();
    });
  }

  get underWay(): number {
    return this.#later.size + this.#asked;
  }

  release(): void {
    this.#later.flush();
  }

  destroy(): void {
    this.#later.clear();
    this.#asked = 0;
    this.#upstream?.destroy();
    this.client.destroy();
  }

  #take(message: Buffer): void {
    const treatment = this.place.treatments.treat(message, 'tcp');
    const pass = () => this.#pass(message);
    if (treatment.kind === 'pass') this.#later.add(treatment.afterMs, pass, pass);
    if (treatment.kind === 'answer') this.#later.add(treatment.afterMs, () => this.#reply(treatment.message), pass);
  }

  #reply(message: Buffer): void {
    if (this.client.destroyed) return;
    // A zone may be sent this way: what the client does not take, the name server does not send.
    if (!this.client.write(frame(message))) {
      this.#upstream?.pause();
      this.client.once('drain', () => this.#upstream?.resume());
    }
    this.#endWhenDone();
  }

  #pass(message: Buffer): void {
    this.#upstream ??= this.#connect();
    this.#asked += 1;
    this.#upstream.write(frame(message));
  }

  #connect(): Socket {
    const {server} = this.place;
    const answers = new FrameReader();
    const socket = connect({host: server.address, port: server.port});
    socket.on('data', (chunk: Buffer) => {
      for (const answer of answers.push(chunk)) {
        this.#asked = Math.max(0, this.#asked - 1);
        this.#reply(answer);
      }
    });
    socket.on('error', () => this.destroy());
    socket.once('close', () => {
      this.#upstream = undefined;
      // It has hung up on questions: the client hears of it as it would have without us.
      if (this.#asked > 0) this.destroy();
    });
    return socket;
  }

  #endWhenDone(): void {
    if (!this.#clientDone || this.underWay > 0) return;
    this.#upstream?.end();
    this.client.end();
  }
}
