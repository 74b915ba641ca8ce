import type {Prepared} from './exchange.js';

/** Methods whose request says that it has no body. */
const WITH_LENGTH = new Set(['POST', 'PUT', 'PATCH']);

/** A request of HTTP/1.1 as bytes, the same every time it is sent. */
export function wireBytes({url, method, headers, body}: Pick<Prepared, 'url' | 'method' | 'headers' | 'body'>): Buffer {
  const {host = url.host, connection = 'keep-alive', ...others} = headers;
  const length = body !== undefined || WITH_LENGTH.has(method) ? [['content-length', String(body?.length ?? 0)]] : [];
  const fields = [['host', host], ['connection', connection], ...Object.entries(others), ...length];
  const lines = fields.map(([name = '', value = '']) => `${name}: ${value}\r\n`);
  const head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n`;
  // Header values are bytes; text beyond latin1 was refused before.
  return Buffer.concat([Buffer.from(head, 'latin1'), body ?? Buffer.alloc(0)]);
}
