import {givenPart} from '../../../quantities/url.js';
import {FiredrillError} from '../../../system/error.js';

/** Where a Redis server is and as whom to speak to it. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  readonly encrypted: boolean;
}

const DEFAULT_PORT = 6379;

function unusable(): FiredrillError {
  return new FiredrillError('PROBE_UNUSABLE', 'Expected `redis://HOST:PORT/DATABASE` in `url` of `redis`.', {
    hint: 'A database is a number. Settings behind a `?` are not known.',
  });
}

/** @throws FiredrillError PROBE_UNUSABLE; messages never hold the URL, which holds the password. */
export function parseRedisUrl(text: string): RedisAddress {
  if (!URL.canParse(text)) throw unusable();
  const url = new URL(text);
  const database = /^\/?(\d*)$/.exec(url.pathname)?.[1];
  const known = url.protocol === 'redis:' || url.protocol === 'rediss:';
  if (!known || url.hostname === '' || url.search !== '' || database === undefined) throw unusable();
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    user: givenPart(url.username),
    password: givenPart(url.password),
    database: Number(database),
    encrypted: url.protocol === 'rediss:',
  };
}
