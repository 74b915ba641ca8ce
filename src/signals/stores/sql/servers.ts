import {dial, type DialPlace} from '../../../system/dial.js';
import {redactionOf, revealUrl} from '../../../system/secrets.js';
import {certificateCheck, type CertificateCheck, type TlsFiles} from '../../network/certificates.js';
import {scrubber} from '../../scrub.js';
import {parseDatabaseUrl, type DatabaseAddress, type WantedStanding} from './address.js';
import {openMysql} from './mysql.js';
import {openPostgres} from './postgres.js';
import {SqlConnection, type SqlSessionOptions} from './session.js';

/** What says where databases are and how they are spoken to. Times in ms. */
export interface SqlPlace {
  readonly url: string;
  readonly query: string;
  readonly tls?: TlsFiles | undefined;
  readonly statementTimeout: number;
  /** No statement may change anything. */
  readonly readOnly: boolean;
}

/** The databases of one URL. */
export interface SqlServers {
  readonly dialect: DatabaseAddress['dialect'];
  readonly addresses: readonly DatabaseAddress[];
  readonly wanted: WantedStanding;
  /** The statement, with its secrets. */
  readonly statement: string;
  /** Takes the secrets out of what a server says. */
  readonly scrub: (text: string) => string;
  /** Rejects with the error of the network, of TLS or of the server. */
  readonly connect: (address: DatabaseAddress, signal: AbortSignal) => Promise<SqlConnection>;
}

/** Where a database is dialled. */
export function placeOf({host, port, socketPath}: DatabaseAddress): DialPlace {
  return socketPath === undefined ? {host, port} : {path: socketPath};
}

async function connect(options: Omit<SqlSessionOptions, 'socket'>, signal: AbortSignal): Promise<SqlConnection> {
  const {address} = options;
  const socket = await dial(placeOf(address), {signal});
  signal.addEventListener('abort', () => socket.destroy(), {once: true});
  try {
    const session = await (address.dialect === 'postgres' ? openPostgres : openMysql)({...options, socket});
    return new SqlConnection(session, address, socket);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** `tls` of the file decides; else what the URL asks for. */
async function encryptionOf(
  {tls}: SqlPlace,
  encryption: DatabaseAddress['encryption'],
): Promise<CertificateCheck | undefined> {
  if (tls !== undefined) return certificateCheck(tls);
  if (encryption === 'verified') return certificateCheck(undefined);
  return encryption === 'required' ? {rejectUnauthorized: false} : undefined;
}

/** Messages of a server may show a part of the URL: the password, and secrets anywhere, are taken out. */
function scrubbing({url, query}: SqlPlace, password: string | undefined, reveal: (text: string) => string) {
  const secrets = scrubber([url, query], reveal);
  const own = redactionOf(password === undefined ? [] : [password]);
  return (text: string) => own(secrets(text));
}

const NO_ADDRESS = {dialect: 'postgres', encryption: undefined, password: undefined} as const;

/** Loads the driver. @throws FiredrillError PROBE_UNUSABLE when the URL is none of a database. */
export async function openSqlServers(place: SqlPlace, reveal: (text: string) => string): Promise<SqlServers> {
  const {servers, wanted} = parseDatabaseUrl(revealUrl(place.url, reveal));
  // Hosts of one URL share all but their place.
  const [{dialect, encryption, password} = NO_ADDRESS] = servers;
  // Loaded before anything is timed: a server would be taken for one that hangs.
  await (dialect === 'mysql' ? import('mysql2/promise') : import('pg'));
  const tls = await encryptionOf(place, encryption);
  const {statementTimeout: statementTimeoutMs, readOnly} = place;
  return {
    dialect,
    addresses: servers,
    wanted,
    statement: reveal(place.query),
    scrub: scrubbing(place, password, reveal),
    connect: (address, signal) => connect({address, tls, statementTimeoutMs, readOnly}, signal),
  };
}
