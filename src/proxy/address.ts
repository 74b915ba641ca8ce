import {isIP} from 'node:net';
import {FiredrillError} from '../system/error.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:9001`, `[::1]:9001`, `inventory.local:80`. `what` names the option in the message. */
export function parseAddress(text: string, what: string, lowestPort: 0 | 1 = 1): Address {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text);
  const [, six, name, digits] = match ?? [];
  const host = six !== undefined && isIP(six) !== 6 ? undefined : (six ?? name);
  const port = Number(digits);
  if (host !== undefined && port >= lowestPort && port <= 65_535) return {host, port};
  throw new FiredrillError('BAD_USAGE', `${what}: expected HOST:PORT, such as \`127.0.0.1:9001\`; got \`${text}\``, {
    hint: 'Write an IPv6 address in brackets: `[::1]:9001`.',
  });
}

/** HOST:PORT, with brackets around an IPv6 address. */
export function formatAddress({host, port}: Address): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether a host, as it stands in an option or a Host header, can only be this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}
