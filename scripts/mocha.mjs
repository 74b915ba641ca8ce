// Runs of mocha with the counts that scripts/reporter.cjs leaves behind.
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {capture, root, show} from './steps.mjs';

/**
 * Resolves with `{passed, failed, skipped, skips, failures, failedTests}`: skips are pairs of a name and why, failures is
 * text, failedTests are names (none where something else than a test failed). A run that leaves no counts behind is one
 * failure. `through` is a command that runs the command behind it (a kernel, for
 * example).
 */
export async function runMocha(args, {through = [], environment = {}} = {}) {
  const told = await withCounts(counts => {
    const env = {...process.env, ...environment, FIREDRILL_TEST_COUNTS: counts};
    return show([...through, ...mocha(args)], {env});
  });
  if (told.isBroken) process.stdout.write(`${told.failures}\n`);
  return told;
}

/** The same for one of several runs side by side, which prints nothing: the result has its `output`, too. Ends after `limitMs`. */
export async function runPart(args, {environment = {}, limitMs}) {
  let output = '';
  const result = await withCounts(async counts => {
    const env = {...process.env, ...environment, FIREDRILL_TEST_COUNTS: counts, FIREDRILL_TEST_PART: '1'};
    const ended = await capture(mocha(args), {env, timeout: limitMs, killSignal: 'SIGTERM'});
    output = ended.output;
    return ended.code;
  });
  return {...result, output};
}

function mocha(args) {
  const colour = process.stdout.isTTY ? ['--color'] : [];
  return [
    process.execPath,
    ...[`${root}/node_modules/mocha/bin/mocha.js`, '--reporter', 'scripts/reporter.cjs'],
    ...[...colour, ...args],
  ];
}

async function withCounts(run) {
  const scratch = mkdtempSync(join(tmpdir(), 'firedrill-test-'));
  const counts = join(scratch, 'counts.json');
  try {
    const code = await run(counts);
    const told = readCounts(counts);
    if (told === undefined) return broken(NOTHING, `mocha ended with ${code} and left no result`);
    if (code === 0 || told.failed > 0) return told;
    return broken(told, `mocha ended with ${code} though no test failed`);
  } finally {
    rmSync(scratch, {recursive: true, force: true});
  }
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

const NOTHING = {passed: 0, skipped: 0, skips: []};

/** What mocha itself does not tell. */
function broken(told, why) {
  return {...told, failed: 1, failures: why, failedTests: [], isBroken: true};
}
