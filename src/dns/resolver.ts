import {readFile} from 'node:fs/promises';
import {isIP, isIPv6} from 'node:net';

/** A name server that the target asks. */
export interface NameServer {
  /** As a socket takes it: IPv6 possibly with its zone (`fe80::1%eth0`). */
  readonly address: string;
  readonly family: 4 | 6;
  readonly port: number;
}

export const DNS_PORT = 53;

export function nameServer(address: string, port = DNS_PORT): NameServer {
  return {address, family: isIPv6(address) ? 6 : 4, port};
}

/** Without the zone: as packet rules write it. */
export function plainAddress({address}: NameServer): string {
  return address.replace(/%.*$/, '');
}

/** The addresses after `nameserver`, in order, each once (resolv.conf(5)); what is no address counts as absent. */
export function nameServersIn(text: string): readonly string[] {
  const found = [...text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map(([, address = '']) => address);
  return [...new Set(found.filter(address => isIP(address) !== 0))];
}

/** What the process of the target asks: its resolv.conf; without one the resolvers of libc ask the own machine. */
export async function nameServersOf(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/root/etc/resolv.conf`, 'utf8').catch(() => '');
  const found = nameServersIn(text);
  return found.length === 0 ? ['127.0.0.1'] : found;
}
