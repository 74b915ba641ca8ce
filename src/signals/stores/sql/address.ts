import {givenPart} from '../../../quantities/url.js';
import {FiredrillError} from '../../../system/error.js';

/** Where a database is and as whom to speak to it: what a URL says, read strictly. */
export interface DatabaseAddress {
  readonly dialect: 'postgres' | 'mysql';
  readonly host: string;
  readonly port: number;
  /** Path of a unix socket; host and port do not count then. */
  readonly socketPath: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  /** What the URL asks for: `required` encrypts without looking at the certificate, as libpq and mysql do. */
  readonly encryption: 'none' | 'required' | 'verified' | undefined;
}

/** What a server must be to be asked, as libpq names it. */
const STANDINGS = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;
export type WantedStanding = (typeof STANDINGS)[number];

/** One or several servers, in the order in which they are tried. */
export interface DatabaseServers {
  readonly servers: readonly DatabaseAddress[];
  readonly wanted: WantedStanding;
}

const DIALECTS: Readonly<Record<string, {dialect: DatabaseAddress['dialect']; port: number}>> = {
  'postgres:': {dialect: 'postgres', port: 5432},
  'postgresql:': {dialect: 'postgres', port: 5432},
  'mysql:': {dialect: 'mysql', port: 3306},
  'mariadb:': {dialect: 'mysql', port: 3306},
};

/** Values of `sslmode` (libpq) and `ssl-mode` (mysql). Those that only prefer encryption do not ask for it. */
const ENCRYPTION: Readonly<Record<string, DatabaseAddress['encryption']>> = {
  disable: 'none',
  disabled: 'none',
  allow: 'none',
  prefer: 'none',
  preferred: 'none',
  require: 'required',
  required: 'required',
  'verify-ca': 'verified',
  verify_ca: 'verified',
  'verify-full': 'verified',
  verify_identity: 'verified',
};

/** Settings of clients that do not change what is read. */
const IGNORED = new Set(['application_name', 'connect_timeout', 'connection_limit', 'pool_timeout', 'charset']);

function unusable(what: string, hint?: string): FiredrillError {
  return new FiredrillError('PROBE_UNUSABLE', `Expected ${what} in \`url\` of the probe \`sql\`.`, {hint});
}

interface Settings {
  readonly wanted: WantedStanding | undefined;
  readonly encryption: DatabaseAddress['encryption'];
  readonly socketPath: string | undefined;
}

function settingsOf(url: URL, port: number): Settings {
  let encryption: DatabaseAddress['encryption'];
  let socketPath: string | undefined;
  let wanted: WantedStanding | undefined;
  for (const [name, value] of url.searchParams) {
    if (name === 'sslmode' || name === 'ssl-mode') {
      encryption = ENCRYPTION[value.toLowerCase()];
      if (encryption === undefined) throw unusable(`a known \`${name}\` such as \`require\` or \`verify-full\``);
    } else if (name === 'target_session_attrs') {
      wanted = STANDINGS.find(known => known === value);
      if (wanted === undefined) throw unusable(`\`target_session_attrs\` to be one of \`${STANDINGS.join('`, `')}\``);
    } else if (name === 'socket') socketPath = value;
    else if (name === 'host' && value.startsWith('/')) socketPath = `${value}/.s.PGSQL.${port}`;
    else if (!IGNORED.has(name))
      throw unusable(
        `no setting \`${name}\``,
        'Known are `sslmode`, `target_session_attrs`, `host` (folder of a unix socket) and `socket`. Name the schema in the query.',
      );
  }
  return {wanted, encryption, socketPath};
}

/** Everything before the hosts, the hosts, and what follows them. */
const PARTS = /^([a-z]+:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s;

/** @throws FiredrillError PROBE_UNUSABLE; messages never hold the URL, which holds the password. */
export function parseDatabaseUrl(text: string): DatabaseServers {
  const [, before = '', hosts = '', after = ''] = PARTS.exec(text) ?? [];
  const each = hosts.split(',').map(host => parseOne(`${before}${host}${after}`));
  const [first] = each;
  if (first === undefined || (each.length > 1 && hosts.split(',').includes(''))) throw unusable('a host in each place');
  if (each.length > 1 && first.address.socketPath !== undefined)
    throw unusable('one server where it is reached by a unix socket');
  if (first.wanted !== undefined && first.address.dialect !== 'postgres')
    throw unusable('`target_session_attrs` only of PostgreSQL');
  return {servers: each.map(({address}) => address), wanted: first.wanted ?? 'any'};
}

function parseOne(text: string): {readonly address: DatabaseAddress; readonly wanted: WantedStanding | undefined} {
  const url = URL.canParse(text) ? new URL(text) : withHost(text);
  const kind = url === undefined ? undefined : DIALECTS[url.protocol];
  if (url === undefined || kind === undefined) throw unusable('`postgres://USER@HOST/DATABASE` or `mysql://…`');
  const port = url.port === '' ? kind.port : Number(url.port);
  const {wanted, encryption, socketPath} = settingsOf(url, port);
  const address = {
    dialect: kind.dialect,
    host: givenPart(url.hostname)?.replace(/^\[|\]$/g, '') ?? '127.0.0.1',
    port,
    socketPath,
    user: givenPart(url.username),
    password: givenPart(url.password),
    database: givenPart(url.pathname.replace(/^\//, '')),
    encryption,
  };
  return {address, wanted};
}

/** `postgres://user@/db?host=/run/postgresql`, as libpq takes it: the URL parser wants a host after a user. */
function withHost(text: string): URL | undefined {
  const filled = text.replace(/^([a-z]+:\/\/[^/?#]*@)(?=[/:])/, '$1localhost');
  return URL.canParse(filled) ? new URL(filled) : undefined;
}
