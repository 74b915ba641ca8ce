import {dial} from '../../system/dial.js';
import {Connections, type OpenSocket} from './connections.js';
import type {CookieJar} from './cookies.js';
import {
  isIdempotent,
  TOO_MANY_SERVERS,
  type Exchange,
  type Prepared,
  type WireReply,
  type Transport,
} from './exchange.js';
import {Journey, type JourneyOptions} from './journey.js';
import {openPool, type ClientLimits, type Http2Pool} from './pool.js';
import {openSecurely, placeOf, securedBy} from './secure.js';
import {wireBytes} from './wire.js';

/** Servers that one client speaks to at most: redirects could lead it to ever new ones. */
const MOST_SERVERS = 1000;

/** Sends one request again and again, with the redirects that it may follow. */
export interface HttpSender {
  /** `ended` is called exactly once. `jar`: cookies of the user who asks. */
  send(ended: (reply: WireReply) => void, jar?: CookieJar): Exchange;
}

/**
 * The one HTTP client of load and probes, over connections that are kept. HTTP/1.1 goes over connections of our own,
 * which take half the time; HTTP/2 by undici. There are never more connections to a server than requests in flight.
 */
export class HttpClient {
  private readonly kept = new Map<string, Connections>();
  private readonly pools = new Map<string, Promise<Http2Pool>>();

  constructor(private readonly limits: ClientLimits) {}

  async sender(prepared: Prepared, redirects: number): Promise<HttpSender> {
    const transport = await this.transport(prepared);
    return {
      send: (ended, jar) =>
        redirects === 0 && jar === undefined ? transport.send(ended) : this.send(prepared, {redirects, jar, ended}),
    };
  }

  /** Sends a request that is made for this once. */
  send(prepared: Prepared, journey: Omit<JourneyOptions, 'transport'>): Exchange {
    return new Journey(prepared, {...journey, transport: next => this.transport(next)});
  }

  /** Closes all connections at once; requests in flight end as aborted. */
  async close(): Promise<void> {
    const pools = await Promise.all(this.pools.values());
    await Promise.all([...this.kept.values(), ...pools].map(connections => connections.close()));
  }

  private async transport(prepared: Prepared): Promise<Transport> {
    if (!prepared.http2 || prepared.method === 'CONNECT') return this.overOwn(prepared);
    const {url, check, headers} = prepared;
    const key = JSON.stringify([url.origin, headers['host'], check]);
    const pool = this.pools.get(key) ?? openPool(prepared, this.limits);
    this.pools.set(key, pool);
    return (await pool).transport(prepared);
  }

  private overOwn(prepared: Prepared): Transport {
    const {url, method, headers, check, keptBytes, mostBytes} = prepared;
    const key = url.protocol === 'http:' ? url.host : JSON.stringify([url.host, headers['host'], check]);
    const connections = this.kept.get(key) ?? this.connectionsTo(prepared);
    this.kept.set(key, connections);
    const request = {
      method,
      bytes: wireBytes(prepared),
      closes: /(?:^|,)\s*close\s*(?:,|$)/i.test(headers['connection'] ?? ''),
      repeatable: isIdempotent(method),
      keptBytes,
      mostBytes,
    };
    return {send: ended => connections.send(request, ended)};
  }

  private connectionsTo(prepared: Prepared): Connections {
    if (this.kept.size >= MOST_SERVERS) throw TOO_MANY_SERVERS;
    return new Connections(prepared.url.protocol === 'http:' ? openly(prepared.url) : securely(prepared));
  }
}

function openly(url: URL): OpenSocket {
  const place = placeOf(url);
  return (signal, onread) => dial(place, {signal, noDelay: true, onread});
}

/** Later connections go on with the TLS session of an earlier one, as clients do. */
function securely(prepared: Prepared): OpenSocket {
  const secured = securedBy(prepared);
  let session: Buffer | undefined;
  return async (signal, onread) => {
    const {buffer} = onread;
    const socket = await openSecurely(secured, {signal, protocols: ['http/1.1'], session});
    socket.on('session', next => (session = next));
    socket.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += buffer.length) {
        const length = bytes.copy(buffer, 0, at, at + buffer.length);
        if (!onread.callback(length, buffer)) return;
      }
    });
    return socket;
  };
}
