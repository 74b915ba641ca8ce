import type {IncomingMessage, Server, ServerResponse} from 'node:http';
import type {Socket} from 'node:net';

/** A connection may say nothing for this long, before its first request and between two. */
const LONGEST_MS = 5000;
/** More silent ones than this at once: the one that has been silent longest goes. */
const MOST = 64;

/**
 * Keeps connections that say nothing (or only a part of a request's head) from using up the room of those that do:
 * whoever sends a whole request at once is answered, however many others are open.
 */
export function endSilence(server: Server): void {
  const silent = new Map<Socket, NodeJS.Timeout>();
  const heard = (socket: Socket) => {
    clearTimeout(silent.get(socket));
    silent.delete(socket);
  };
  const listen = (socket: Socket) => {
    if (socket.destroyed) return;
    silent.set(
      socket,
      setTimeout(() => socket.destroy(), LONGEST_MS),
    );
    const [oldest] = silent.keys();
    if (silent.size > MOST) oldest?.destroy();
  };
  server.on('connection', (socket: Socket) => {
    socket.once('close', () => heard(socket));
    listen(socket);
  });
  server.on('request', ({socket}: IncomingMessage, response: ServerResponse) => {
    heard(socket);
    response.once('close', () => listen(socket));
  });
}
