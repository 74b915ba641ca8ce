// `node scripts/smoke.mjs NODE`: does what is built run on another version of Node? The command line, the examples and
// the unit tests, run by the given binary. The last line is `N passed, N failed, N skipped`.
import {mkdtempSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {capture, root} from './steps.mjs';

const node = process.argv[2] ?? process.execPath;
const scratch = mkdtempSync(join(tmpdir(), 'firedrill-smoke-'));
const counts = join(scratch, 'counts.json');
const totals = {passed: 0, failed: 0, skipped: 0};

async function step(name, args, {expect = 0, env = {}} = {}) {
  const {code, output} = await capture([node, ...args], {env: {...process.env, ...env}});
  const good = code === expect;
  console.log(`  ${good ? '✔' : '✖'} ${name}`);
  if (!good) console.log(`exit code ${code}, expected ${expect}\n${output}`);
  totals[good ? 'passed' : 'failed'] += 1;
}

/** `name.base.yaml` files are included by others and are no experiments. */
const examples = readdirSync(join(root, 'experiments'))
  .filter(name => name.endsWith('.yaml') && !name.endsWith('.base.yaml'))
  .map(name => join('experiments', name));

const {output: version} = await capture([node, '--version']);
console.log(`smoke test on node ${version.trim()}`);
await step('--version', ['bin/run.js', '--version']);
await step('--help', ['bin/run.js', '--help']);
await step(`validate ${examples.length} examples`, ['bin/run.js', 'validate', ...examples]);
await step('an unknown command ends with 2', ['bin/run.js', 'vaildate'], {expect: 2});
await step(
  'unit tests',
  ['node_modules/mocha/bin/mocha.js', '--reporter', 'scripts/reporter.cjs', 'test/unit/**/*.test.ts'],
  {
    env: {FIREDRILL_TEST_COUNTS: counts},
  },
);
try {
  const tests = JSON.parse(readFileSync(counts, 'utf8'));
  for (const key of ['passed', 'failed', 'skipped']) totals[key] += tests[key];
} catch {
  console.log('mocha left no result');
}
rmSync(scratch, {recursive: true, force: true});
process.exitCode = totals.failed === 0 ? 0 : 1;
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
