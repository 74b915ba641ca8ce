// `npm test [-- files or mocha options]`: the build, the static checks and the tests, side by side. `--all`
// (`npm run test:all`): also the cases that `npm test` draws some of by FIREDRILL_TEST_SEED. With files given only those
// run, whole; with options given no static check does. `--all` also runs the tests that failed again, alone, once all
// others have ended: what only passes then is listed with what it said, and is a defect all the same. The last line
// is `N passed, N failed, N skipped`; each static check counts as one test.
import {availableParallelism} from 'node:os';
import {runMocha, runPart} from './mocha.mjs';
import {LINT_STEPS, runStep, sideBySide} from './steps.mjs';
import {groups} from './suites.mjs';

/** Two for each processor: tests mostly wait. */
const LANES = Number(process.env.FIREDRILL_TEST_LANES ?? 2 * availableParallelism());
/** No group takes half of it; one that hangs is ended. */
const LIMIT_MS = 20 * 60_000;

const print = text => process.stdout.write(text);
const parts = [];

async function step(one) {
  const part = await runStep(one);
  parts.push({name: one.name, ...part});
  return part.failed === 0;
}

async function group(files, options, environment) {
  const started = Date.now();
  const part = await runPart([...files, ...options], {environment, limitMs: LIMIT_MS});
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const name = files.length === 1 ? files[0] : `${files[0]} and ${files.length - 1} more`;
  print(`\n── ${name} (${seconds} s)\n${part.output.trimEnd()}\n`);
  return {name, ...part};
}

/** Runs what failed beside others once more: the tests that did, or the whole group where it cannot tell which. */
async function again(first, files, options, environment) {
  if (first.failed === 0) return first;
  print(`\n── again, alone: ${first.name}\n`);
  const names = first.failedTests.map(name => name.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'));
  const second = await group(files, names.length > 0 ? [`--grep=^(${names.join('|')})$`] : options, environment);
  const onlyAlone = second.failed === 0 && second.passed > 0 ? {onlyAlone: first.failures} : {};
  if (names.length === 0) return {...second, ...onlyAlone};
  const failed = Math.max(second.failed, names.length - second.passed);
  return {
    ...first,
    passed: first.passed + second.passed,
    failed,
    failures: second.failures || first.failures,
    ...onlyAlone,
  };
}

/** Everything: the static checks among the groups, those that take longest first. */
async function everything(options, isWhole) {
  const seed = process.env.FIREDRILL_TEST_SEED ?? String(1 + Math.floor(Math.random() * 1e6));
  const environment = isWhole ? {FIREDRILL_TEST_SEED: ''} : {FIREDRILL_TEST_SEED: seed};
  const what = isWhole
    ? 'every case'
    : `some cases drawn by FIREDRILL_TEST_SEED=${seed} (\`npm run test:all\` runs every one)`;
  print(`\n${LANES} at a time; ${what}\n`);
  const ran = [];
  const works = [
    ...(options.length > 0 ? [] : LINT_STEPS).map(one => () => step(one)),
    ...groups().map(files => async () => ran.push([files, await group(files, options, environment)])),
  ];
  await sideBySide(works, LANES, work => work());
  for (const [files, part] of ran) parts.push(isWhole ? await again(part, files, options, environment) : part);
  return what;
}

/** What must not be looked for further up. */
function summary(what) {
  const failures = parts.filter(({failed}) => failed > 0);
  if (failures.length > 0) print('\nfailed:\n');
  for (const {name, failures: text} of failures) print(`\n  ── ${name}\n\n  ${text}\n`);
  const onlyAlone = parts.filter(part => part.onlyAlone !== undefined);
  if (onlyAlone.length > 0) print('\npassed only when run again, alone:\n');
  for (const {name, onlyAlone: text} of onlyAlone) print(`\n  ── ${name}\n\n  ${text}\n`);
  const skips = parts.flatMap(part => part.skips);
  if (skips.length > 0) print('\nskipped:\n');
  for (const [name, why] of skips) print(`  ${name}: ${why}\n`);
  print(`\n${what}\n`);
}

const given = process.argv.slice(2).filter(argument => argument !== '--all');
const isSelected = given.some(argument => /\.ts$|\*/.test(argument));
print('\nbuild\n');
if (await step({name: 'build', command: [process.execPath, 'scripts/build.mjs']})) {
  if (isSelected) parts.push(await runMocha(given));
  else summary(await everything(given, process.argv.includes('--all')));
}

const sum = key => parts.reduce((total, part) => total + part[key], 0);
process.exitCode = sum('failed') === 0 ? 0 : 1;
print(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
