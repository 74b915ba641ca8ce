import {BlockList, isIP, isIPv4} from 'node:net';
import {networkInterfaces} from 'node:os';
import type {Experiment} from '../experiment/experiment.js';
import {urlsOf} from '../signals/load/request-text.js';
import {requestsOf, type LoadRequest} from '../signals/load/spec.js';
import type {Ports} from '../ports.js';
import {originOf} from '../quantities/url.js';
import {revealedUrl} from '../signals/network/http-parts.js';
import {parseRedisUrl} from '../signals/stores/redis/address.js';
import {parseDatabaseUrl} from '../signals/stores/sql/address.js';
import {FiredrillError} from '../system/error.js';
import {revealUrl} from '../system/secrets.js';
import type {Candidate} from '../targets/contract.js';
import type {ForeignLoad} from '../plan/policy.js';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
for (const [address, family] of [
  ['0.0.0.0', 'ipv4'],
  ['::1', 'ipv6'],
  ['::', 'ipv6'],
] as const)
  LOOPBACK.addAddress(address, family);

/** As `isIP`; its pattern of IPv6, which takes milliseconds to compile, is only asked where a colon is. */
const familyOf = (text: string) => (text.includes(':') ? isIP(text) : isIPv4(text) ? 4 : 0);

/** The host of a URL, or of `host:port`; an IPv6 address without its brackets. */
function hostOf(text: string): string {
  const url = text.includes('://') ? text : `tcp://${familyOf(text) === 6 ? `[${text}]` : text}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase() : '';
}

/** The hosts that a request is sent to; a unix socket has none. */
function hostsOf(request: LoadRequest, url: string, reveal: (text: string) => string): readonly string[] {
  if ('http' in request) return [hostOf(revealedUrl(url, reveal).href)];
  const text = revealUrl(url, reveal);
  const addresses = 'redis' in request ? [parseRedisUrl(text)] : parseDatabaseUrl(text).servers;
  return addresses.flatMap(address =>
    'socketPath' in address && address.socketPath !== undefined ? [] : address.host.toLowerCase(),
  );
}

/**
 * None where a secret has no value, or the URL is none with it: then nothing can be sent either, and whoever tries is
 * told why.
 */
function revealedHosts(request: LoadRequest, url: string, reveal: (text: string) => string): readonly string[] {
  try {
    return hostsOf(request, url, reveal);
  } catch (error) {
    if (error instanceof FiredrillError) return [];
    throw error;
  }
}

function isThisMachine(host: string): boolean {
  const family = familyOf(host);
  if (family === 0) return host === 'localhost' || host.endsWith('.localhost');
  const own = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? []);
  return LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6') || own.some(({address}) => address === host);
}

/** Where the targets are: their engine or proxy, and what they listen on. */
async function targetHosts({targets}: Experiment, hit: readonly Candidate[], ports: Ports): Promise<readonly string[]> {
  const addresses = await Promise.all(
    Object.values(targets).map(async spec => (await ports.driver(spec.driver)).address(spec.selector, ports.ambient)),
  );
  const urls = addresses
    .flatMap(address => Object.values(address))
    .filter(value => typeof value === 'string' && value.includes('://'));
  const own = hit.flatMap(({details: {addresses = [], listen = ''}}) => [addresses, listen].flat());
  return [...urls, ...own].flatMap(text => (typeof text === 'string' ? hostOf(text) : [])).filter(host => host !== '');
}

/**
 * The loads of an experiment that go to somebody who has no part in it. `hit`: the targets, where they have been looked
 * up.
 */
export async function foreignLoads(
  experiment: Experiment,
  hit: readonly Candidate[],
  ports: Ports,
): Promise<readonly ForeignLoad[]> {
  const known = new Set(await targetHosts(experiment, hit, ports));
  const {reveal} = ports.ambient;
  const isForeign = (host: string) => !isThisMachine(host) && !known.has(host);
  const foreign = Object.values(experiment.load).flatMap(load =>
    requestsOf(load).flatMap(request =>
      urlsOf(request).flatMap(url =>
        revealedHosts(request, url, reveal)
          .filter(isForeign)
          .map(host => ({load: load.name, host, written: originOf(url)})),
      ),
    ),
  );
  return [...new Map(foreign.map(one => [JSON.stringify(one), one])).values()];
}
