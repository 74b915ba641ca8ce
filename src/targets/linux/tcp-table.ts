import {isIPv4} from 'node:net';

/** A row of /proc/net/tcp or tcp6 that tells of a connection. */
export interface TcpRow {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Of its socket; 0 where it has none any more. */
  readonly inode: number;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What a network namespace has of TCP. */
export interface TcpTable {
  /** Ports that are listened on, with the inode of a socket that does. */
  readonly listening: ReadonlyMap<number, number>;
  readonly connections: readonly TcpRow[];
}

const LISTEN = '0A';
/**
 * Established, and those on their way there or away: a connection that was closed a moment ago (TIME_WAIT, a minute) is
 * how callers without a pool are seen.
 */
const CONNECTED: ReadonlySet<string> = new Set(['01', '02', '03', '04', '05', '06', '08', '09']);
const ROW = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]{2})((?: +\S+)*)\s*$/;
/** Of the fields behind the state, from 0. */
const INODE_FIELD = 5;

/** The kernel prints addresses as words in the byte order of the machine: little-endian on all that we run on. */
function addressFrom(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap(word => [...Buffer.from(word, 'hex')].reverse());
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.slice(0, 10).every(byte => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join('.');
  const groups = Array.from({length: 8}, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  return new URL(`http://[${groups.map(group => group.toString(16)).join(':')}]`).hostname.slice(1, -1);
}

/** Whether an address is the machine (or namespace) itself. */
export function isLoopback(address: string): boolean {
  return isIPv4(address) ? address.startsWith('127.') : address === '::1';
}

/** Reads both tables, printed one after the other; lines that are cut off or unknown are left out. */
export function tcpTableFrom(text: string): TcpTable {
  const listening = new Map<number, number>();
  const connections: TcpRow[] = [];
  for (const line of text.split('\n')) {
    const [, from = '', fromPort = '', to = '', toPort = '', state = '', rest = ''] = ROW.exec(line) ?? [];
    if (from === '') continue;
    const local = {address: addressFrom(from), port: parseInt(fromPort, 16)};
    const inode = Number(rest.trim().split(/ +/)[INODE_FIELD] ?? 0);
    if (state === LISTEN) listening.set(local.port, inode);
    else if (CONNECTED.has(state))
      connections.push({local, remote: {address: addressFrom(to), port: parseInt(toPort, 16)}, inode});
  }
  return {listening, connections};
}
