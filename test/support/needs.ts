import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {MARIADBD, postgresFolder} from './databases.js';
import {ALERTMANAGER, PROMETHEUS} from './prometheus.js';
import {REDIS_SERVER} from './redis.js';
import {REDIS_SENTINEL} from './sentinel.js';

type Part =
  | 'docker'
  | 'netem'
  | 'browser'
  | 'kubernetes'
  | 'linux'
  | 'postgres'
  | 'mariadb'
  | 'redis'
  | 'sentinel'
  | 'prometheus'
  | 'alertmanager'
  | 'nginx'
  | 'fish'
  | 'zsh';

/** Why a part cannot be had on this machine; undefined when it can. */
function missing(part: Part): string | undefined {
  switch (part) {
    case 'docker':
      try {
        execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], {stdio: 'pipe', timeout: 5000});
        return undefined;
      } catch {
        return 'no Docker engine answers';
      }
    case 'browser':
      return existsSync('/usr/bin/chromium') ? undefined : 'no /usr/bin/chromium';
    case 'kubernetes':
      return process.env['FIREDRILL_TEST_KUBECONFIG'] ? undefined : 'FIREDRILL_TEST_KUBECONFIG is not set';
    case 'linux':
      return process.platform === 'linux' ? undefined : 'needs Linux';
    case 'postgres':
      return postgresFolder() === undefined ? 'no PostgreSQL below /usr/lib/postgresql' : undefined;
    case 'mariadb':
      return existsSync(MARIADBD) ? undefined : `no ${MARIADBD}`;
    case 'redis':
      return existsSync(REDIS_SERVER) ? undefined : `no ${REDIS_SERVER}`;
    case 'sentinel':
      return existsSync(REDIS_SENTINEL) ? undefined : `no ${REDIS_SENTINEL}`;
    case 'prometheus':
      return existsSync(PROMETHEUS) ? undefined : `no ${PROMETHEUS}`;
    case 'nginx':
      return existsSync('/usr/sbin/nginx') ? undefined : 'no /usr/sbin/nginx';
    case 'fish':
    case 'zsh':
      return existsSync(`/usr/bin/${part}`) ? undefined : `no /usr/bin/${part}`;
    case 'alertmanager':
      return [PROMETHEUS, ALERTMANAGER].every(path => existsSync(path)) ? undefined : `no ${ALERTMANAGER}`;
    case 'netem':
      return missingNetem();
  }
}

/** Tried for real, in a network namespace that is thrown away. */
function missingNetem(): string | undefined {
  const tries = [
    ['sch_netem', 'tc qdisc add dev lo root handle 1: netem delay 1ms && tc qdisc del dev lo root'],
    ['sch_prio', 'tc qdisc add dev lo root handle 1: prio bands 4'],
    ['cls_flower', 'tc filter add dev lo parent 1: protocol ip pref 1 flower ip_proto tcp classid 1:4'],
    ['ifb', 'ip link add fdprobe type ifb'],
  ] as const;
  const script = tries.map(([name, command]) => `(${command}) >/dev/null 2>&1 || echo ${name}`).join('\n');
  try {
    const said = execFileSync('unshare', ['-n', 'sh', '-c', `ip link set lo up; ${script}`], {
      timeout: 10_000,
      stdio: 'pipe',
    });
    const lacking = said.toString().trim().split('\n').join(', ');
    return lacking === '' ? undefined : `this kernel has no ${lacking} (\`npm run test:netem\` brings one that has)`;
  } catch {
    return 'needs root, unshare, ip and tc';
  }
}

const answers = new Map<Part, string | undefined>();

/**
 * Like `describe`, for tests that need a real part. Where the part is missing the suite is skipped by name with the
 * reason, unless FIREDRILL_REQUIRE lists the part: then the skip is a failure.
 */
export function describeWith(part: Part, title: string, body: () => void): void {
  if (!answers.has(part)) answers.set(part, missing(part));
  const why = answers.get(part);
  if (why === undefined) {
    describe(title, body);
    return;
  }
  const required = (process.env['FIREDRILL_REQUIRE'] ?? '').split(',').includes(part);
  if (required) {
    describe(title, () => {
      it(`needs ${part}`, () => {
        throw new Error(`FIREDRILL_REQUIRE lists ${part}, but ${why}`);
      });
    });
    return;
  }
  describe.skip(`${title} [skipped: ${why}]`, () => {
    it(`needs ${part}: ${why}`);
  });
}

/** Like `it`; where there is a reason why it cannot run here, it is skipped by name with that reason. */
export function itUnless(why: string | undefined, title: string, body: () => Promise<void>): void {
  if (why === undefined) it(title, body);
  else describe.skip(`${title} [skipped: ${why}]`, () => it(title));
}
