import {X509Certificate} from 'node:crypto';
import {readFileSync} from 'node:fs';
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

type PemTexts = Partial<Record<PemProblem['part'], string>>;

/** The texts of PEM files that are what they should be, and what is wrong with the others. Each is read once. */
function readPem({ca, cert, key}: Omit<TlsFiles, 'rejectUnauthorized'>) {
  const texts: PemTexts = {};
  const problems: PemProblem[] = [];
  const read = (part: PemProblem['part'], path: string | undefined, check: (pem: string) => unknown) => {
    if (path === undefined) return;
    try {
      const pem = readFileSync(path, 'utf8');
      check(pem);
      texts[part] = pem;
    } catch (cause) {
      problems.push({part, what: `${WHAT[part]} (PEM) in \`${path}\``, cause});
    }
  };
  // OpenSSL takes a file without any certificate for an empty one: reading one of it throws.
  read('ca', ca, pem => new X509Certificate(pem));
  read('cert', cert, pem => new X509Certificate(pem));
  if (texts.cert !== undefined) read('key', key, pem => createSecureContext({cert: texts.cert, key: pem}));
  return {texts, problems};
}

/** What is wrong with the PEM files that a file names. Reads them and nothing else. */
export function pemProblems(files: Omit<TlsFiles, 'rejectUnauthorized'>): readonly PemProblem[] {
  return readPem(files).problems;
}

/** @throws FiredrillError PROBE_UNUSABLE when a file cannot be read, or is not what it should be. */
export function certificateCheck(tls: TlsFiles | undefined): Promise<CertificateCheck> {
  return new Promise(resolve => resolve(checkWith(tls)));
}

function checkWith(tls: TlsFiles | undefined): CertificateCheck {
  const {rejectUnauthorized = true, ca, cert, key} = tls ?? {};
  if (ca === undefined && cert === undefined) return {rejectUnauthorized};
  const {
    texts,
    problems: [problem],
  } = readPem({ca, cert, key});
  if (problem !== undefined)
    throw new FiredrillError('PROBE_UNUSABLE', `Expected ${problem.what}; it cannot be read as that.`, problem);
  const parts = {
    ...(texts.ca === undefined ? {} : {ca: [...rootCertificates, texts.ca]}),
    ...(texts.cert === undefined || texts.key === undefined ? {} : {cert: texts.cert, key: texts.key}),
  };
  return {rejectUnauthorized, ...parts, secureContext: createSecureContext(parts)};
}
