import {redactionOf, revealUrl} from '../../../system/secrets.js';
import {certificateCheck, type TlsFiles} from '../../network/certificates.js';
import {scrubber} from '../../scrub.js';
import {parseRedisUrl, type RedisAddress} from './address.js';
import {openSession, type RedisSession} from './session.js';

/** What says where Redis servers are and how they are spoken to. */
export interface RedisPlace {
  readonly urls: readonly string[];
  readonly tls?: TlsFiles | undefined;
  /** What of the file is told to the server. */
  readonly asked: readonly string[];
}

export interface RedisServers {
  readonly addresses: readonly RedisAddress[];
  /** Takes the secrets out of what a server says. */
  readonly scrub: (text: string) => string;
  /** Rejects with the error of the network, of TLS or of the server. */
  readonly connect: (address: RedisAddress, signal: AbortSignal) => Promise<RedisSession>;
}

/** @throws FiredrillError PROBE_UNUSABLE when a URL is none of Redis. */
export async function openRedisServers(
  {urls, tls, asked}: RedisPlace,
  reveal: (text: string) => string,
): Promise<RedisServers> {
  const addresses = urls.map(url => parseRedisUrl(revealUrl(url, reveal)));
  const check = await certificateCheck(tls);
  const secrets = scrubber([...urls, ...asked], reveal);
  const own = redactionOf(addresses.flatMap(({password}) => password ?? []));
  const checkFor = ({encrypted}: RedisAddress) => (encrypted || tls !== undefined ? check : undefined);
  return {
    addresses,
    scrub: text => own(secrets(text)),
    connect: (address, signal) => openSession(address, checkFor(address), signal),
  };
}
