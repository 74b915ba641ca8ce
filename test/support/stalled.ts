import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';

export interface StalledServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens with the shortest queue, and stops before it takes anybody out of it. */
const LISTENER = `
const server = require('node:net').createServer();
server.listen({host: process.argv[1], port: Number(process.argv[2]), backlog: 1, ipv6Only: true}, () => process.send(server.address().port));
`;

/**
 * An address of this machine that answers no connection: a listener that was stopped and whose queue is full, so that
 * the kernel drops what comes. `port`: 0 for a free one.
 */
export async function startStalled(host = '127.0.0.1', port = 0): Promise<StalledServer> {
  const child = spawn(process.execPath, ['-e', LISTENER, host, String(port)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [listens] = (await once(child, 'message')) as [number];
  child.kill('SIGSTOP');
  const waiting: Socket[] = [];
  for (;;) {
    const socket = connect({host, port: listens});
    socket.on('error', () => undefined);
    waiting.push(socket);
    const taken = await Promise.race([once(socket, 'connect').then(() => true), delay(500).then(() => false)]);
    if (!taken) break;
  }
  return {
    port: listens,
    close: async () => {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
