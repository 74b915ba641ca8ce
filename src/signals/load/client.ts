import type {HttpRequestSpec, LoadSpec} from '../../experiment/load.js';
import {basicAuthorization, certificateCheck, revealedHeaders, revealedUrl} from '../network/http-parts.js';
import {answerRule} from './answer.js';
import type {Prepared, Sender} from './exchange.js';
import {Connections} from './http1/connections.js';
import {wireBytes} from './http1/request.js';
import {openPool, type Pool} from './pool.js';

/**
 * The requests of one load, over connections that are kept. Plain HTTP/1.1 goes over sockets of our own, which takes half the time; TLS and
 * HTTP/2 by undici. There are never more connections to a server than requests in flight.
 */
export class LoadClient {
  private readonly plain = new Map<string, Connections>();
  private readonly pools = new Map<string, Pool>();

  constructor(
    private readonly limits: Pick<LoadSpec, 'maxInFlight' | 'timeoutMs'>,
    private readonly reveal: (text: string) => string,
  ) {}

  /** @throws FiredrillError when the request cannot be sent as it is written. */
  async sender(http: HttpRequestSpec): Promise<Sender> {
    const url = revealedUrl(http.url, this.reveal);
    const headers = {...basicAuthorization(url), ...revealedHeaders(http.headers, this.reveal)};
    const body = http.body === undefined ? undefined : Buffer.from(this.reveal(http.body));
    const prepared = {url, method: http.method, headers, body, rule: answerRule(http)};
    const check = await certificateCheck(http.tls);
    if (url.protocol === 'http:' && http.http2 !== true && http.method !== 'CONNECT') return this.overSocket(prepared);
    const key = JSON.stringify([url.origin, http.http2, check]);
    const pool = this.pools.get(key) ?? (await openPool(url, {...this.limits, http2: http.http2 === true, check}));
    this.pools.set(key, pool);
    return pool.sender(prepared);
  }

  /** Closes all connections at once; requests in flight end as `aborted`. */
  async close(): Promise<void> {
    await Promise.all([...this.plain.values(), ...this.pools.values()].map(connections => connections.close()));
  }

  private overSocket(prepared: Prepared): Sender {
    const {url, method, headers, rule} = prepared;
    // An IPv6 address stands in brackets in a URL.
    const address = {host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port === '' ? 80 : url.port)};
    const connections = this.plain.get(url.host) ?? new Connections(address);
    this.plain.set(url.host, connections);
    const closes = /(?:^|,)\s*close\s*(?:,|$)/i.test(headers['connection'] ?? '');
    const request = {method, bytes: wireBytes(prepared), closes, rule};
    return {send: ended => connections.send(request, ended)};
  }
}
