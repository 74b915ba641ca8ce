import {isIP, type Socket} from 'node:net';
import {connect as connectTls, type PeerCertificate, type TLSSocket} from 'node:tls';
import {dial} from '../../../system/dial.js';
import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {codeOf, describeFailure, isTimeUp, reasonOf} from '../../network/failure.js';
import {noValue} from '../../missing.js';
import {HangUps} from '../../network/hang-ups.js';
import {certificateCheck, type CertificateCheck} from '../../network/certificates.js';
import {tlsReason} from '../../../quantities/tls-reasons.js';
import {parameters, type Parameters} from './parameters.js';

/** What one handshake showed. */
interface Handshake {
  readonly ms: number;
  readonly validTo: number;
  /** Why the certificate is not to be trusted, as an OpenSSL or Node code; undefined when it is. */
  readonly distrust: string | undefined;
}

interface Peer {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  readonly check: CertificateCheck;
}

/** One connection and handshake. Rejects with the socket's error or the signal's reason. */
async function shakeHands(peer: Peer, hangUps: HangUps, signal: AbortSignal): Promise<Handshake> {
  const socket = await dial({host: peer.host, port: peer.port}, {signal});
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const secure = startTls(socket, peer);
    const fail = (error: Error) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(error);
    };
    const onAbort = () => fail(signal.reason as Error);
    signal.addEventListener('abort', onAbort, {once: true});
    // Stays for the life of the socket: what happens to it once the answer is known is of no interest.
    secure.on('error', fail);
    secure.once('secureConnect', () => {
      const seen = handshakeOf(secure, performance.now() - started);
      if (seen === undefined) {
        fail(new Error('the server showed no certificate'));
        return;
      }
      signal.removeEventListener('abort', onAbort);
      resolve(seen);
      hangUps.hangUp(secure);
    });
  });
}

function startTls(socket: Socket, {serverName, check}: Peer): TLSSocket {
  return connectTls({
    socket,
    // The name that the certificate is checked against; SNI carries names only (RFC 6066 section 3).
    host: serverName,
    servername: isIP(serverName) === 0 ? serverName : '',
    ...check,
    // What is wrong with the certificate is read from the connection, so that it can be told together with its end.
    rejectUnauthorized: false,
  });
}

function handshakeOf(secure: TLSSocket, ms: number): Handshake | undefined {
  const certificate: Partial<PeerCertificate> = secure.getPeerCertificate();
  const validTo = Date.parse(certificate.valid_to ?? '');
  if (Number.isNaN(validTo)) return undefined;
  // Typed as an error, but a code where OpenSSL found the fault.
  const found: unknown = secure.authorizationError;
  const code = typeof found === 'string' ? found : codeOf(found);
  return {ms, validTo, distrust: secure.authorized ? undefined : code};
}

function readingOf({ms, validTo, distrust}: Handshake, measure: Parameters['measure']): Reading {
  switch (measure) {
    case 'expiry':
      return {value: validTo - Date.now()};
    case 'up':
      return {value: distrust === undefined ? 1 : 0};
    case 'latency':
      return distrust === undefined ? {value: ms} : noValue('tls', tlsReason(distrust));
  }
}

async function open(wanted: Parameters, {reveal}: ProbeContext): Promise<OpenProbe> {
  const {measure, port, serverName} = wanted;
  const host = reveal(wanted.host);
  const check = await certificateCheck({rejectUnauthorized: true, ...wanted});
  const peer: Peer = {host, port, serverName: serverName ?? host, check};
  const hangUps = new HangUps();
  return {
    asks: 'target',
    read: async signal => {
      try {
        return [readingOf(await shakeHands(peer, hangUps, signal), measure)];
      } catch (error) {
        const interrupted = signal.aborted && !isTimeUp(signal);
        // No handshake in time is an answer to the question whether it is up.
        if (measure === 'up' && !interrupted) return [{value: 0}];
        signal.throwIfAborted();
        return [noValue(reasonOf(error), describeFailure(error))];
      }
    },
    close: () => {
      hangUps.cut();
      return Promise.resolve();
    },
  };
}

export const source: ProbeSource = {
  name: 'tls',
  summary:
    'Until when the certificate of a TLS server is valid, whether it can be trusted, or how long the handshake takes.',
  parameters,
  opens: {anew: 'a connection and a full handshake', kept: 'nothing; no session is resumed'},
  open: (given, context) => open(given as Parameters, context),
};
