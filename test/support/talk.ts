import {execFile, execFileSync, spawn, type ChildProcessWithoutNullStreams} from 'node:child_process';
import {promisify} from 'node:util';
import {inspect, type RunningContainer} from './docker.js';
import {ECHO, OTHER, UDP} from './traffic.js';

const exec = promisify(execFile);

/** Ways in which one container may reach another one that echoes: TCP on two ports, UDP and ping, by IPv4 and IPv6. */
export type How = 'tcp' | 'other' | 'udp' | 'ping' | 'tcp6' | 'udp6' | 'ping6';

const PORTS = {tcp: ECHO, other: OTHER, udp: UDP} as const;

function lineFor(how: How, address: string): string {
  const kind = how.replace('6', '') as 'tcp' | 'other' | 'udp' | 'ping';
  if (kind === 'ping') return `busybox ping -c 1 -W 1 ${address} >/dev/null 2>&1`;
  const device = `/dev/${kind === 'udp' ? 'udp' : 'tcp'}/${address}/${PORTS[kind]}`;
  return `timeout 2 bash -c 'exec 3<>${device} && echo x >&3 && [ "$(timeout 1 head -n 1 <&3)" = x ]' 2>/dev/null`;
}

/** Its addresses on a network. */
export async function addressOn(container: RunningContainer, network: string): Promise<{ipv4: string; ipv6: string}> {
  const one = (await inspect(container.id)).NetworkSettings.Networks[network] as
    {IPAddress: string; GlobalIPv6Address?: string} | undefined;
  return {ipv4: one?.IPAddress ?? '', ipv6: one?.GlobalIPv6Address ?? ''};
}

async function pidOf(container: RunningContainer): Promise<string> {
  return String((await inspect(container.id)).State.Pid);
}

/** Whether one reaches the other, each way that is asked for; seen from its network namespace. */
export async function reaches(
  from: RunningContainer,
  to: RunningContainer,
  network: string,
  hows: readonly How[],
): Promise<Partial<Record<How, boolean>>> {
  const {ipv4, ipv6} = await addressOn(to, network);
  const lines = hows.map(how => `{ ${lineFor(how, how.endsWith('6') ? ipv6 : ipv4)} && echo ${how}; } &`);
  const said = (await saidInside(from, `${lines.join('\n')}\nwait`)).split('\n');
  return Object.fromEntries(hows.map(how => [how, said.includes(how)]));
}

/**
 * Runs shell lines in the network namespace of a container with this machine's tools; what they print, also on failure.
 */
export async function saidInside(container: RunningContainer, lines: string): Promise<string> {
  const options = {timeout: 30_000, encoding: 'utf8'} as const;
  const command = ['-t', await pidOf(container), '-n', 'bash', '-c', `{ ${lines}\n} 2>&1; exit 0`];
  return (await exec('nsenter', command, options)).stdout;
}

/** The same, and they have to succeed. */
export async function inNamespace(container: RunningContainer, line: string): Promise<string> {
  return execFileSync('nsenter', ['-t', await pidOf(container), '-n', 'sh', '-c', line], {encoding: 'utf8'});
}

/** A shell in the network namespace of a container that is talked to; the test has to end it. */
export async function shellInside(
  container: RunningContainer,
  script: string,
): Promise<ChildProcessWithoutNullStreams> {
  return spawn('nsenter', ['-t', await pidOf(container), '-n', 'bash', '-c', script]);
}

/** The rules of the filter tables, without what is there by itself. */
export async function rulesIn(container: RunningContainer): Promise<readonly string[]> {
  const said = await inNamespace(container, 'iptables -S; ip6tables -S');
  return said.split('\n').filter(line => line !== '' && !line.startsWith('-P '));
}

/** UDP packets that were delivered there since the container started. */
export async function datagramsIn(container: RunningContainer): Promise<number> {
  const rows = (await inNamespace(container, 'cat /proc/net/snmp')).split('\n').filter(line => line.startsWith('Udp:'));
  const [names = [], values = []] = rows.map(row => row.split(' '));
  return Number(values[names.indexOf('InDatagrams')]);
}
