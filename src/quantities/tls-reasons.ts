/** What the codes of Node and OpenSSL say, by code. */
const REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is signed by an authority that is not trusted (self-signed in the chain)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is signed by an authority that is not known',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate is signed by an authority that is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is signed by an authority that is not known',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the server demands a certificate of the client',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'the server refuses the handshake: it may demand a certificate of the client',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the server does not trust the certificate of the client',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'the server does not take the certificate of the client',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS',
};

/** Why a handshake failed, or a certificate is not trusted, in words; the code where there are none for it. */
export function tlsReason(code: string): string {
  return REASONS[code] ?? code;
}
