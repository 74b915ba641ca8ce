import type {Socket} from 'node:net';

/** How long the target may take to close its side of a connection before it is cut. */
const LINGER_MS = 1000;

/** Connections that were hung up and that the target has not closed yet. */
export class HangUps {
  private readonly lingering = new Set<Socket>();

  /** Closes in order: a reset could show up as an error in the target's log. The socket needs an `error` listener. */
  hangUp(socket: Socket): void {
    this.lingering.add(socket);
    socket.once('close', () => this.lingering.delete(socket));
    socket.setTimeout(LINGER_MS, () => socket.destroy());
    socket.resume().end();
  }

  /** Cuts those that are left. */
  cut(): void {
    for (const socket of this.lingering) socket.destroy();
  }
}
