import {readFileSync} from 'node:fs';

const LISTENING = '0A';

/** Ports that something reachable listens on, from the text of /proc/PID/net/tcp or tcp6. */
export function listeningPorts(table: string): readonly number[] {
  const ports = table
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .flatMap(([, local = '', , state]) => {
      const [address = '', port = ''] = local.split(':');
      return state === LISTENING && !isLoopback(address) ? [Number.parseInt(port, 16)] : [];
    });
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** Addresses stand there in words of the machine's byte order: 127.0.0.1 is 0100007F. */
function isLoopback(address: string): boolean {
  if (address.length === 8) return address.endsWith('7F') || address.startsWith('7F');
  return address === '00000000000000000000000001000000' || /^0{16}0000FFFF.{6}7F$/.test(address);
}

/** TCP ports that the process's network namespace listens on for others; empty when it cannot be read. */
export function portsListenedOn(pid: number): readonly number[] {
  const tables = ['tcp', 'tcp6'].map(name => {
    try {
      return readFileSync(`/proc/${pid}/net/${name}`, 'utf8');
    } catch {
      return '';
    }
  });
  return [...new Set(tables.flatMap(listeningPorts))].sort((a, b) => a - b);
}
