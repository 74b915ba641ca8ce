// The lint steps, shared by `npm run lint` and `npm test`. Each is a command that must end with 0.
import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const bin = name => `${root}/node_modules/.bin/${name}`;

export const LINT_STEPS = [
  {name: 'types (tsc)', command: [bin('tsc'), '-p', '.']},
  {name: 'rules (eslint)', command: [bin('eslint'), '.']},
  {name: 'format (prettier)', command: [bin('prettier'), '--check', '--log-level', 'warn', '.']},
  {
    name: 'walls (dependency-cruiser)',
    command: [bin('depcruise'), '--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'src'],
  },
  {name: 'unused code (knip)', command: [bin('knip'), '--no-progress']},
  {name: 'generated files are current', command: [bin('tsx'), 'scripts/generate.ts', '--check']},
];

/** Runs a command and resolves with its exit code and everything it printed. */
export function capture([file, ...args], options = {}) {
  return new Promise(resolve => {
    const child = spawn(file, args, {cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options});
    let output = '';
    child.stdout.on('data', chunk => (output += chunk));
    child.stderr.on('data', chunk => (output += chunk));
    child.on('error', error => resolve({code: 127, output: `${output}${error.message}\n`}));
    child.on('close', (code, signal) =>
      resolve({code: code ?? 128, output: signal ? `${output}ended by ${signal}\n` : output}),
    );
  });
}

/** Runs the steps two at a time and prints each result as it comes, what it printed only when it failed. */
export async function runSteps(steps, print = text => process.stdout.write(text)) {
  const queue = [...steps];
  const totals = {passed: 0, failed: 0, skipped: 0};
  const worker = async () => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const started = Date.now();
      const {code, output} = await capture(step.command);
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      totals[code === 0 ? 'passed' : 'failed'] += 1;
      print(`  ${code === 0 ? '✔' : '✖'} ${step.name} (${seconds} s)\n`);
      if (code !== 0) print(`${output.trimEnd().replaceAll(/^/gm, '      ')}\n`);
    }
  };
  await Promise.all([worker(), worker()]);
  return totals;
}
