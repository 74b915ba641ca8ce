import {execFileSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';

/**
 * Start-up in CPU time (user + system, all threads): `--version` and `validate` against bare `node -e 0`, interleaved in one
 * run so that a noisy machine hits all alike. Prints medians and ratios as JSON. The budget: 1.6x and 3x.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 21);

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'node -e 0': ['-e', '0'],
  '--version': ['bin/run.js', '--version'],
  validate: ['bin/run.js', 'validate', 'experiments/process-freeze-inventory.yaml'],
  '--help': ['bin/run.js', '--help'],
};

/** CPU milliseconds of one run, as the shell's `times` counts its children. */
function cpuOf(args: readonly string[]): number {
  const script = '"$@" >/dev/null 2>&1; times';
  const out = execFileSync('bash', ['-c', script, 'bench', process.execPath, ...args], {cwd: ROOT, encoding: 'utf8'});
  const children = out.trim().split('\n').at(-1) ?? '';
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const samples = Object.fromEntries(Object.keys(COMMANDS).map(name => [name, [] as number[]]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, args] of Object.entries(COMMANDS)) samples[name]?.push(cpuOf(args));
}
const bare = median(samples['node -e 0'] ?? []);
const report = Object.entries(samples).map(([name, values]) => {
  const ms = median(values);
  return {name, cpuMs: Math.round(ms * 10) / 10, ratio: Math.round((ms / bare) * 100) / 100};
});
console.log(JSON.stringify({node: process.version, rounds: ROUNDS, report}, null, 2));
