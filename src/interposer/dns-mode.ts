import type {Mode, ModePlace, Redirect, RunningMode} from './mode.js';
import type {DnsFault} from '../quantities/dns.js';
import type {JsonObject} from '../quantities/json.js';
import {DNS_PORT, nameServer, nameServersOf, plainAddress, type NameServer} from '../dns/resolver.js';
import {DnsServer, type DnsListener} from '../dns/server.js';

/** What the driver gives the mode. */
export interface DnsOptions extends DnsFault {
  /** Name servers that the target asks beside those of its resolv.conf. */
  readonly resolvers: readonly string[];
}

/**
 * Where nothing is ever passed on, what goes to name servers that nobody told us of can be taken too: whom it was meant
 * for does not matter. The rows stand last, so they only see what is meant for no other.
 */
function isForAll({answer, names, types, share}: DnsFault): boolean {
  const addresses = typeof answer === 'object';
  return answer !== undefined && !addresses && names.length === 0 && types.length === 0 && share === 1;
}

function redirectsOf({udp, tcp}: DnsListener, address: string): readonly Redirect[] {
  const common = {hook: 'output', port: DNS_PORT, address, existing: 'reset'} as const;
  return [
    {...common, protocol: 'udp', to: udp},
    {...common, protocol: 'tcp', to: tcp},
  ];
}

async function start(given: JsonObject, {targetPid, ipv6}: ModePlace): Promise<RunningMode> {
  const options = given as unknown as DnsOptions;
  const known = [...new Set([...(await nameServersOf(targetPid)), ...options.resolvers])].map(address =>
    nameServer(address),
  );
  const servers = known.filter(({family}) => family === 4 || ipv6);
  if (servers.length === 0) throw new Error('its only name servers have IPv6 addresses, and it has no IPv6');
  const server = await DnsServer.open(servers, options);
  const redirects = server.entries.flatMap(entry => redirectsOf(entry, plainAddress(entry.server)));
  if (isForAll(options)) redirects.push(...restOf(server.entries));
  return {
    redirects,
    counters: () => {
      const {seen, matched, hit} = server.counts;
      return {exercised: hit, questions: seen, matched, wrong: hit, nameServers: servers.map(plainAddress)};
    },
    drain: withinMs => server.drain(withinMs),
    close: () => server.close(),
  };
}

/** All other addresses of a family, by the entry of a name server of that family. */
function restOf(entries: readonly DnsListener[]): readonly Redirect[] {
  const first = (family: NameServer['family']) => entries.find(({server}) => server.family === family);
  const [four, six] = [first(4), first(6)];
  return [
    ...(four === undefined ? [] : redirectsOf(four, '0.0.0.0/0')),
    ...(six === undefined ? [] : redirectsOf(six, '::/0')),
  ];
}

/** Answers the questions that a container sends to its name servers. */
export const dnsMode: Mode = {start};
