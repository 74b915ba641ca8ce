// One run of mocha with the counts that scripts/reporter.cjs leaves behind.
import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {root} from './steps.mjs';

/**
 * Resolves with `{passed, failed, skipped}`; a run that leaves no counts behind is one failure. `through` is a command
 * that runs the command behind it (a kernel, for example).
 */
export function runMocha(args, {through = [], environment = {}} = {}) {
  const scratch = mkdtempSync(join(tmpdir(), 'firedrill-test-'));
  const counts = join(scratch, 'counts.json');
  const mocha = [process.execPath, `${root}/node_modules/.bin/mocha`, '--reporter', 'scripts/reporter.cjs', ...args];
  const [file, ...rest] = [...through, ...mocha];
  return new Promise(resolve => {
    const child = spawn(file, rest, {
      cwd: root,
      stdio: 'inherit',
      env: {...process.env, ...environment, FIREDRILL_TEST_COUNTS: counts},
    });
    child.on('error', error => process.stdout.write(`${file} cannot be started: ${error.message}\n`));
    child.on('close', (code, signal) => {
      try {
        const {passed, failed, skipped} = JSON.parse(readFileSync(counts, 'utf8'));
        resolve({passed, failed: code === 0 || failed > 0 ? failed : 1, skipped});
      } catch {
        process.stdout.write(`mocha ended with ${signal ?? code} and left no result\n`);
        resolve({passed: 0, failed: 1, skipped: 0});
      }
      rmSync(scratch, {recursive: true, force: true});
    });
  });
}
