import {execFileSync} from 'node:child_process';
import {docker, inspect, runContainer, uniqueName} from '../../support/docker.js';
import {until} from '../../support/processes.js';
import {casesOf, experiment, type CrashCase, type CrashStage} from './stage.js';

/** The packet rules, qdiscs and devices in a container's network namespace, without counts and dates. */
function rulesOf(pid: number): readonly string[] {
  const script = 'iptables-save; ip6tables-save; tc qdisc show; tc filter show dev eth0 ingress; ip -o link';
  const enter = ['-t', String(pid), '-n', '--', 'sh', '-c', script];
  const lines = execFileSync('nsenter', enter, {encoding: 'utf8', timeout: 10_000}).split('\n');
  const shows = [/^-A /, /^:.* - /, /^qdisc /, /^filter /, /^\d+: /];
  return lines.filter(line => shows.some(pattern => pattern.test(line))).sort();
}

const SERVE = 'mkdir -p /tmp/www && echo fine > /tmp/www/index.html && exec busybox httpd -f -p 8080 -h /tmp/www';

/** A container that serves HTTP on port 8080: a dead fault must leave neither a rule nor a dead service. */
async function servingStage(entry: string): Promise<CrashStage> {
  const container = await runContainer({
    name: uniqueName('crash'),
    command: ['sh', '-c', SERVE],
    args: ['--init', '--network', 'bridge'],
  });
  const url = `http://${await container.ip()}:8080/`;
  const answer = () =>
    fetch(url, {signal: AbortSignal.timeout(10_000), headers: {connection: 'close'}}).then(
      async response => `${response.status} ${(await response.text()).trim()}`,
      () => 'nothing',
    );
  await until('the container serves', async () => (await answer()) === '200 fine');
  return {
    yaml: experiment(`{docker: ${container.name}}`, entry),
    look: async () => ({
      answers: await answer(),
      rules: rulesOf((await inspect(container.id)).State.Pid),
      volumes: await docker('volume', 'ls', '-q', '--filter', `label=firedrill.mark.${container.id}`),
    }),
    close: () => container.remove(),
  };
}

/** What is done to the traffic of a container in its network namespace. */
export const TRAFFIC_CASES: readonly CrashCase[] = casesOf('docker', servingStage, [
  'network-partition: {}',
  'dns-failure: {answer: servfail}',
  'http-status: {status: 503, port: 8080}',
  'http-latency: {delay: 300ms, port: 8080}',
  'http-abort: {port: 8080}',
  'http-body: {body: broken, port: 8080}',
  'network-loss: {loss: 20%, protocol: tcp, localPort: 8080}',
  'network-bandwidth: {rate: 20kB/s}',
]);

/** The same by what only some kernels can do; the operations are those of the faults above. */
export const NETEM_CASES: readonly CrashCase[] = casesOf('docker', servingStage, [
  'network-latency: {delay: 50ms, jitter: 5ms}',
  'network-corruption: {share: 5%}',
  'network-duplication: {share: 5%}',
  'network-reordering: {share: 25%, delay: 20ms}',
]).map(one => ({...one, needs: 'netem'}));
