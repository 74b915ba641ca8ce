import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {cpus, loadavg, tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {has, median} from './measuring.js';

/**
 * Start-up in CPU time (user + system, all threads and children) of what is typed most, against bare `node -e 0` and beside
 * Chaos Toolkit where it is on PATH; and how long a trivial run takes beyond its windows. Interleaved, so that a noisy machine
 * hits all alike. Prints medians and ratios as JSON, with the machine. Goals: help, lists and `recover --list` 2.2×,
 * `validate` and `plan` of processes 3×, of containers 4.5×, a trivial run .4 s.
 *
 *     BENCH_ROUNDS=21 tsx bench/startup.ts
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 21);
const FILE = 'experiments/process-freeze-inventory.yaml';
const scratch = mkdtempSync(join(tmpdir(), 'firedrill-bench-startup-'));
const environment = {...process.env, FIREDRILL_STATE: join(scratch, 'state')};

/** One second of baseline, of fault and of recovery; nothing is judged in recovery, which ends after half of it. */
const TRIVIAL = `version: 1
title: Trivial
targets: {sleeper: {process: {start: [sleep, "60"]}}}
windows: {warmup: 0s, baseline: 1s, recovery: 1s}
steadyState: {one: {command: {run: [echo, "1"], every: 100ms}, tolerance: {below: 2}, judge: [fault]}}
faults: [{name: freeze, pause: {}, targets: [sleeper], for: 1s}]
`;
const WINDOWS_MS = 2_500;
const trivial = join(scratch, 'trivial.yaml');

const ours = (...args: readonly string[]) => [process.execPath, 'bin/run.js', ...args];
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'node -e 0': [process.execPath, '-e', '0'],
  '--version': ours('--version'),
  '--help': ours('--help'),
  'run --help': ours('run', '--help'),
  'runs list': ours('runs', 'list'),
  'recover --list': ours('recover', '--list'),
  validate: ours('validate', FILE),
  'plan of processes': ours('plan', FILE),
  ...(has('docker') ? {'plan of containers': ours('plan', 'experiments/docker-freeze-inventory.yaml')} : {}),
  ...(has('chaos') ? {'chaos --help': ['chaos', '--help']} : {}),
};

/** CPU milliseconds of one run, as the shell's `times` counts its children. */
function cpuOf(command: readonly string[]): number {
  const script = '"$@" >/dev/null 2>&1; times';
  const options = {cwd: ROOT, encoding: 'utf8', env: environment} as const;
  const children =
    execFileSync('bash', ['-c', script, 'bench', ...command], options)
      .trim()
      .split('\n')
      .at(-1) ?? '';
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
}

function trivialRunMs(): number {
  const from = performance.now();
  const runs = join(scratch, 'runs');
  const [program = '', ...args] = ours('run', trivial, '--quiet', '--runs-dir', runs);
  execFileSync(program, args, {cwd: ROOT, env: environment, stdio: 'ignore'});
  return performance.now() - from - WINDOWS_MS;
}

try {
  writeFileSync(trivial, TRIVIAL);
  const samples = new Map(Object.keys(COMMANDS).map(name => [name, [] as number[]]));
  const beyond: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, command] of Object.entries(COMMANDS)) samples.get(name)?.push(cpuOf(command));
    if (round % 3 === 0) beyond.push(trivialRunMs());
  }
  const bare = median(samples.get('node -e 0') ?? []);
  const report = [...samples].map(([name, values]) => {
    const ms = median(values);
    return {name, cpuMs: Math.round(ms * 10) / 10, ratio: Math.round((ms / bare) * 100) / 100};
  });
  const machine = {node: process.version, processors: cpus().length, model: cpus()[0]?.model, load: loadavg()[0]};
  const trivialRun = {beyondItsWindowsMs: Math.round(median(beyond)), of: beyond.length};
  console.log(JSON.stringify({machine, rounds: ROUNDS, report, trivialRun}, null, 2));
} finally {
  rmSync(scratch, {recursive: true, force: true});
}
