import {execFile, execFileSync} from 'node:child_process';
import {promisify} from 'node:util';
import {inspect, runContainer, uniqueName, type RunningContainer} from './docker.js';

const exec = promisify(execFile);

const SERVE = 'echo ok >/tmp/index.html; for p in 80 81; do httpd -p [::]:$p -h /tmp; done; while :; do sleep 1; done';

/** A container that answers HTTP on ports 80 and 81, by IPv4 and IPv6. */
export function startTalker(network: string, ...args: readonly string[]): Promise<RunningContainer> {
  return runContainer({name: uniqueName('talk'), command: ['sh', '-c', SERVE], args: ['--network', network, ...args]});
}

/** Runs a command in the container; its outputs, and whether it succeeded. Bounded to 20 s. */
export async function inside(container: RunningContainer, ...command: readonly string[]): Promise<{ok: boolean; said: string}> {
  try {
    const {stdout, stderr} = await exec('docker', ['exec', container.id, ...command], {timeout: 20_000});
    return {ok: true, said: `${stdout}${stderr}`};
  } catch (error) {
    return {ok: false, said: String(error)};
  }
}

export type How = 'http' | 'http81' | 'ping' | 'http6' | 'ping6';

const HOWS: Readonly<Record<How, (host: string) => readonly string[]>> = {
  http: host => ['wget', '-q', '-T', '1', '-O', '-', `http://${host}/`],
  http81: host => ['wget', '-q', '-T', '1', '-O', '-', `http://${host}:81/`],
  http6: host => ['wget', '-q', '-T', '1', '-O', '-', `http://[${host}]/`],
  ping: host => ['ping', '-c', '1', '-W', '1', host],
  ping6: host => ['ping', '-6', '-c', '1', '-W', '1', host],
};

/** Its addresses on a network. */
export async function addressOn(container: RunningContainer, network: string): Promise<{ipv4: string; ipv6: string}> {
  const one = (await inspect(container.id)).NetworkSettings.Networks[network] as
    | {IPAddress: string; GlobalIPv6Address?: string}
    | undefined;
  return {ipv4: one?.IPAddress ?? '', ipv6: one?.GlobalIPv6Address ?? ''};
}

/** Whether one reaches the other, each way that is asked for. */
export async function reaches(
  from: RunningContainer,
  to: RunningContainer,
  network: string,
  hows: readonly How[],
): Promise<Partial<Record<How, boolean>>> {
  const {ipv4, ipv6} = await addressOn(to, network);
  const answers = await Promise.all(
    hows.map(async how => [how, (await inside(from, ...HOWS[how](how.endsWith('6') ? ipv6 : ipv4))).ok] as const),
  );
  return Object.fromEntries(answers);
}

/** Runs a shell line in the network namespace of a container, with this machine's tools. */
export async function inNamespace(container: RunningContainer, line: string): Promise<string> {
  const {Pid} = (await inspect(container.id)).State;
  return execFileSync('nsenter', ['-t', String(Pid), '-n', 'sh', '-c', line], {encoding: 'utf8'});
}

/** The rules of the filter tables, without what is there by itself. */
export async function rulesIn(container: RunningContainer): Promise<readonly string[]> {
  const said = await inNamespace(container, 'iptables -S; ip6tables -S');
  return said.split('\n').filter(line => line !== '' && !line.startsWith('-P '));
}
