// `npm test [-- files or mocha options]`: the build, the static checks and every test. The last line is
// `N passed, N failed, N skipped`; each static check counts as one test. With files given, only those tests run.
import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {LINT_STEPS, root, runSteps} from './steps.mjs';

const given = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'firedrill-test-'));

/** Runs mocha and reads the numbers that scripts/reporter.cjs leaves behind. */
function mocha() {
  const counts = join(scratch, 'counts.json');
  const specs = given.length > 0 ? given : ['test/**/*.test.ts'];
  return new Promise(resolve => {
    const args = [`${root}/node_modules/.bin/mocha`, '--reporter', 'scripts/reporter.cjs', ...specs];
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: 'inherit',
      env: {...process.env, FIREDRILL_TEST_COUNTS: counts},
    });
    child.on('close', (code, signal) => {
      try {
        const {passed, failed, skipped} = JSON.parse(readFileSync(counts, 'utf8'));
        resolve({passed, failed: code === 0 || failed > 0 ? failed : 1, skipped});
      } catch {
        process.stdout.write(`mocha ended with ${signal ?? code} and left no result\n`);
        resolve({passed: 0, failed: 1, skipped: 0});
      }
    });
  });
}

const build = {name: 'build', command: [process.execPath, 'scripts/build.mjs']};
process.stdout.write('\nbuild and static checks\n');
const parts = [await runSteps([build])];
if (given.length === 0) parts.push(await runSteps(LINT_STEPS));
parts.push(await mocha());
rmSync(scratch, {recursive: true, force: true});

const sum = key => parts.reduce((total, part) => total + part[key], 0);
process.exitCode = sum('failed') === 0 ? 0 : 1;
process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
