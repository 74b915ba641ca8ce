import {readFileSync} from 'node:fs';
import {openSockets} from '../../../../system/processes.js';
import {readMembers} from './cgroup.js';
import type {ContainerView} from './container.js';
import type {Engine} from './engine.js';
import {hostPid} from './host-pid.js';

const LISTENING = '0A';

/** A TCP socket that something reachable listens on. */
interface Listening {
  readonly port: number;
  /** As the links below /proc/PID/fd call it. */
  readonly socket: string;
}

/** From the text of /proc/PID/net/tcp or tcp6. */
export function listeningSockets(table: string): readonly Listening[] {
  return table
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .flatMap(fields => {
      const [, local = '', , state] = fields;
      const [address = '', port = ''] = local.split(':');
      if (state !== LISTENING || isLoopback(address)) return [];
      return [{port: Number.parseInt(port, 16), socket: `socket:[${fields[9] ?? ''}]`}];
    });
}

/** Addresses stand there in words of the machine's byte order: 127.0.0.1 is 0100007F. */
function isLoopback(address: string): boolean {
  if (address.length === 8) return address.endsWith('7F') || address.startsWith('7F');
  return address === '00000000000000000000000001000000' || /^0{16}0000FFFF.{6}7F$/.test(address);
}

/** What the process's network namespace listens on for others; empty when it cannot be read. */
function listeningIn(pid: number): readonly Listening[] {
  return ['tcp', 'tcp6'].flatMap(name => {
    try {
      return listeningSockets(readFileSync(`/proc/${pid}/net/${name}`, 'utf8'));
    } catch {
      return [];
    }
  });
}

function portsOf(sockets: readonly Listening[]): readonly number[] {
  return [...new Set(sockets.map(({port}) => port))].sort((a, b) => a - b);
}

/** TCP ports that the process's network namespace listens on for others; empty when it cannot be read. */
export function portsListenedOn(pid: number): readonly number[] {
  return portsOf(listeningIn(pid));
}

/**
 * TCP ports that the container's own processes listen on for others, of all in its network namespace; empty when they
 * cannot be seen from here.
 */
export async function containerPorts(engine: Engine, view: ContainerView): Promise<readonly number[]> {
  const found = hostPid(engine, view);
  if ('why' in found) return [];
  const members = (await readMembers(engine, view)) ?? [];
  const open = new Set(members.flatMap(openSockets));
  return portsOf(listeningIn(found.pid).filter(({socket}) => open.has(socket)));
}
