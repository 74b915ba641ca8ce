// The lint steps, shared by `npm run lint` and `npm test`, and how work is done side by side. A step is a command that must
// end with 0.
import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const bin = name => `${root}/node_modules/.bin/${name}`;

/** The longest first. */
export const LINT_STEPS = [
  {name: 'rules (eslint)', command: [bin('eslint'), '.']},
  {name: 'types (tsc)', command: [bin('tsc'), '-p', '.']},
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

/** Runs a command on this terminal and resolves with its exit code. */
export function show([file, ...args], options = {}) {
  return new Promise(resolve => {
    const child = spawn(file, args, {cwd: root, stdio: 'inherit', ...options});
    child.on('error', error => {
      process.stdout.write(`${file} cannot be started: ${error.message}\n`);
      resolve(127);
    });
    child.on('close', code => resolve(code ?? 128));
  });
}

/** Does the work for each of the items, in their order, so many at a time. */
export async function sideBySide(items, lanes, work) {
  const queue = [...items];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({length: lanes}, lane));
}

/** Runs a step and prints its result, what it printed only when it failed. Resolves with its counts. */
export async function runStep({name, command}) {
  const started = Date.now();
  const {code, output} = await capture(command);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const isGood = code === 0;
  process.stdout.write(`  ${isGood ? '✔' : '✖'} ${name} (${seconds} s)\n`);
  const text = output.trimEnd().replaceAll(/^/gm, '      ');
  if (!isGood) process.stdout.write(`${text}\n`);
  return {
    passed: isGood ? 1 : 0,
    failed: isGood ? 0 : 1,
    skipped: 0,
    skips: [],
    failures: isGood ? '' : `${name}:\n${text}`,
  };
}
