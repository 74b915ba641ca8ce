import {X509Certificate} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {createSecureContext, rootCertificates, type SecureContext} from 'node:tls';
import {FiredrillError} from '../../system/error.js';

/** What a file says of TLS: paths of PEM files. */
export interface TlsFiles {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * How the certificate of a server is checked and what is shown to it: options of a connection, for all connections
 * alike.
 */
export interface CertificateCheck {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string[];
  readonly cert?: string;
  readonly key?: string;
  /**
   * All of it as OpenSSL holds it: to read the authorities anew costs each connection twenty times what its handshake
   * does.
   */
  readonly secureContext?: SecureContext;
}

/** A file of certificates that is not what it should be. */
export interface PemProblem {
  readonly part: 'ca' | 'cert' | 'key';
  /** `a certificate (PEM) in PATH` */
  readonly what: string;
  readonly cause: unknown;
}

const WHAT = {
  ca: 'a file of certificate authorities',
  cert: 'a certificate',
  key: 'the private key of `cert`',
} as const;

/** What is wrong with the PEM files that a file names. Reads them and nothing else. */
export function pemProblems({ca, cert, key}: Omit<TlsFiles, 'rejectUnauthorized'>): readonly PemProblem[] {
  const wrong = (part: PemProblem['part'], path: string | undefined, read: (pem: string) => unknown) => {
    if (path === undefined) return [];
    try {
      read(readFileSync(path, 'utf8'));
      return [];
    } catch (cause) {
      return [{part, what: `${WHAT[part]} (PEM) in \`${path}\``, cause}];
    }
  };
  // OpenSSL takes a file without any certificate for an empty one: reading one of it throws.
  const certificates = [
    ...wrong('ca', ca, pem => new X509Certificate(pem)),
    ...wrong('cert', cert, pem => new X509Certificate(pem)),
  ];
  if (cert === undefined || certificates.some(({part}) => part === 'cert')) return certificates;
  const pair = (pem: string) => createSecureContext({cert: readFileSync(cert, 'utf8'), key: pem});
  return [...certificates, ...wrong('key', key, pair)];
}

/** @throws FiredrillError PROBE_UNUSABLE when a file cannot be read, or is not what it should be. */
export async function certificateCheck(tls: TlsFiles | undefined): Promise<CertificateCheck> {
  const {rejectUnauthorized = true, ca, cert, key} = tls ?? {};
  if (ca === undefined && cert === undefined) return {rejectUnauthorized};
  const [problem] = pemProblems({ca, cert, key});
  if (problem !== undefined)
    throw new FiredrillError('PROBE_UNUSABLE', `Expected ${problem.what}; it cannot be read as that.`, problem);
  const text = (path: string) => readFile(path, 'utf8');
  const parts = {
    ...(ca === undefined ? {} : {ca: [...rootCertificates, await text(ca)]}),
    ...(cert === undefined || key === undefined ? {} : {cert: await text(cert), key: await text(key)}),
  };
  return {rejectUnauthorized, ...parts, secureContext: createSecureContext(parts)};
}
