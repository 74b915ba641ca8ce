import {once} from 'node:events';
import {createServer, type Server} from 'node:http';
import {gzipSync} from 'node:zlib';

/** A service that answers in every way that HTTP/1 knows; `asked` are the requests it has seen. */
export interface HttpUpstream {
  readonly server: Server;
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const ITEMS = JSON.stringify({items: [{sku: 'A1', price: 7}], note: 'grün'});

export async function startHttpUpstream(): Promise<HttpUpstream> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = (request.url ?? '').replace(/\?.*/, '');
      if (path === '/echo') {
        response.setHeader('x-case-Kept', 'Yes');
        response.end(Buffer.concat(chunks));
      } else if (path === '/chunked') {
        response.write('one ');
        setTimeout(() => response.end('two'), 5);
      } else if (path === '/json') {
        response.setHeader('content-type', 'application/json');
        response.setHeader('etag', '"v1"');
        response.end(ITEMS);
      } else if (path === '/gzip') {
        response.writeHead(200, {'content-type': 'application/json', 'content-encoding': 'gzip'});
        response.end(gzipSync(ITEMS));
      } else if (path === '/empty') {
        response.writeHead(204).end();
      } else if (path === '/large') {
        response.end(Buffer.alloc(9 * 1024 * 1024, 'x'));
      } else {
        response.end(`hello ${String(chunks.reduce((sum, one) => sum + one.length, 0))}`);
      }
    });
  });
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    asked,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
