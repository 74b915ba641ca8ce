// Which test files share a process in `npm test`. Each process has ports, state, names and temporary files of its own, so
// they run side by side.
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {root} from './steps.mjs';

/** Those that take half a minute and more, the longest first. Each is a process of its own, and they begin first. */
const LONG = [
  'test/crash/kill-matrix.test.ts',
  'test/e2e/fault-examples.test.ts',
  'test/crash/interrupts.test.ts',
  'test/e2e/experiments.test.ts',
  'test/e2e/calibration.test.ts',
  'test/unit/verdict/judgement/calibration.test.ts',
  'test/e2e/redis-failover.test.ts',
  'test/e2e/lost-writes.test.ts',
  'test/e2e/demo.test.ts',
  'test/contract/proxy.test.ts',
  'test/contract/docker.test.ts',
  'test/contract/process.test.ts',
  'test/simulation/safety.test.ts',
  'test/integration/cli.test.ts',
  'test/integration/gate.test.ts',
  'test/integration/times.test.ts',
  'test/integration/lost-writes.test.ts',
  'test/integration/lost-writes-postgres.test.ts',
  'test/integration/load-command.test.ts',
  'test/integration/load-sql.test.ts',
  'test/integration/load-redis.test.ts',
  'test/e2e/store-loads.test.ts',
  'test/e2e/redis-queue-drain.test.ts',
  'test/e2e/nginx-shards.test.ts',
  'test/integration/probe-sql.test.ts',
  'test/integration/load.test.ts',
  'test/contract/toxiproxy.test.ts',
  'test/integration/prometheus.test.ts',
  'test/integration/alerts.test.ts',
  'test/integration/alertmanager.test.ts',
];

/** The other folders in the order in which they begin, and how many files of each share a process. */
const FOLDERS = [
  ['test/e2e', 3],
  ['test/integration', 4],
  ['test/contract', 3],
  ['test/crash', 3],
  ['test/simulation', 1],
  ['test/unit', 30],
];

/** The tests that need a kernel with netem have a command of their own: `npm run test:netem`. */
const ELSEWHERE = 'test/netem/';

/** The groups, in the order in which they begin: together they hold every test file once. */
export function groups() {
  const files = readdirSync(join(root, 'test'), {recursive: true})
    .map(file => join('test', file))
    .filter(file => file.endsWith('.test.ts') && !file.startsWith(ELSEWHERE))
    .sort();
  const folders = FOLDERS.map(([folder, share]) => {
    const its = files.filter(file => file.startsWith(`${folder}/`) && !LONG.includes(file));
    return Array.from({length: Math.ceil(its.length / share)}, (_, nth) => its.slice(nth * share, (nth + 1) * share));
  });
  const made = [...LONG.map(file => [file]), ...folders.flat()];
  const placed = new Set(made.flat());
  const lost = files.filter(file => !placed.has(file));
  const gone = LONG.filter(file => !files.includes(file));
  if (lost.length + gone.length > 0)
    throw new Error(
      `scripts/suites.mjs knows no place for ${lost.join(', ')}, and names ${gone.join(', ')} that is gone`,
    );
  return made;
}
