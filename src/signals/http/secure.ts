import {isIP, type Socket} from 'node:net';
import {connect, type TLSSocket} from 'node:tls';
import {dial, type DialPlace} from '../../system/dial.js';
import type {CertificateCheck} from '../network/certificates.js';
import type {Prepared} from './exchange.js';

/** How a server is reached over TLS. */
export interface Secured {
  readonly place: Extract<DialPlace, {host: string}>;
  /** The name that is asked for (SNI) and that the certificate must be for. */
  readonly serverName: string;
  readonly check: CertificateCheck;
}

/** Where a URL points to. An IPv6 address stands in brackets in it. */
export function placeOf(url: URL): Secured['place'] {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return {host: url.hostname.replace(/^\[|\]$/g, ''), port};
}

/** The name is that of the header `host`, where the file gives one. */
export function securedBy({url, headers, check}: Prepared): Secured {
  const {host} = headers;
  const named = host !== undefined && URL.canParse(`https://${host}`) ? new URL(`https://${host}`) : url;
  return {place: placeOf(url), serverName: placeOf(named).host, check};
}

/**
 * Connects and shakes hands. `session`: one to go on with. Rejects with the error of the network or of TLS, or with the
 * signal's reason.
 */
export async function openSecurely(
  {place, serverName, check}: Secured,
  {signal, protocols, session}: {signal: AbortSignal; protocols: readonly string[]; session?: Buffer | undefined},
): Promise<TLSSocket> {
  const socket: Socket = await dial(place, {signal, noDelay: true});
  return new Promise((resolve, reject) => {
    const secure = connect({
      socket,
      host: serverName,
      // SNI carries names only (RFC 6066, section 3).
      servername: isIP(serverName) === 0 ? serverName : '',
      ALPNProtocols: [...protocols],
      ...check,
      ...(session === undefined ? {} : {session}),
    });
    const onAbort = () => secure.destroy(signal.reason as Error);
    const fail = (error: Error) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(error);
    };
    const closed = () => fail(Object.assign(new Error('closed in the handshake'), {code: 'ECONNRESET'}));
    signal.addEventListener('abort', onAbort, {once: true});
    // Stays for good: whoever gets the connection listens too.
    secure.on('error', fail);
    secure.once('close', closed);
    secure.once('secureConnect', () => {
      signal.removeEventListener('abort', onAbort);
      secure.off('close', closed);
      resolve(secure);
    });
  });
}
