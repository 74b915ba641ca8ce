import type {Resolver} from 'node:dns/promises';
import {isIP} from 'node:net';
import type {Parameters} from './parameters.js';

/** The records of the answer as texts, in the form that `answers` takes. Rejects with the resolver's error. */
export async function recordsOf(
  resolver: Resolver,
  {name, type}: Pick<Parameters, 'name' | 'type'>,
): Promise<readonly string[]> {
  switch (type) {
    case 'A':
      return resolver.resolve4(name);
    case 'AAAA':
      return resolver.resolve6(name);
    case 'CNAME':
      return resolver.resolveCname(name);
    case 'NS':
      return resolver.resolveNs(name);
    case 'PTR':
      return resolver.resolvePtr(reverseName(name));
    case 'TXT':
      return (await resolver.resolveTxt(name)).map(parts => parts.join(''));
    case 'MX':
      return (await resolver.resolveMx(name)).map(({priority, exchange}) => `${priority} ${exchange}`);
    case 'SRV':
      return (await resolver.resolveSrv(name)).map(
        ({priority, weight, port, name: target}) => `${priority} ${weight} ${port} ${target}`,
      );
  }
}

/** The name under which an address is looked up (RFC 1035 section 3.5, RFC 3596 section 2.5); a name stays as it is. */
export function reverseName(name: string): string {
  if (isIP(name) === 4) return `${name.split('.').reverse().join('.')}.in-addr.arpa`;
  if (isIP(name) !== 6) return name;
  // The URL parser writes an embedded IPv4 address as hexadecimal groups and shortens zeros to one `::`.
  const [head = '', tail] = new URL(`http://[${name}]/`).hostname.slice(1, -1).split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({length: 8 - before.length - after.length}, () => '0');
  const digits = [...before, ...zeros, ...after].map(group => group.padStart(4, '0')).join('');
  return `${Array.from(digits).reverse().join('.')}.ip6.arpa`;
}

/** Records as they are compared: names and IPv6 addresses in one spelling, texts as they are. */
export function comparable(record: string, type: Parameters['type']): string {
  if (type === 'TXT') return record;
  if (type === 'AAAA' && isIP(record) === 6) return new URL(`http://[${record}]/`).hostname;
  return record.trim().replace(/\.$/, '').replaceAll(/\s+/g, ' ').toLowerCase();
}
