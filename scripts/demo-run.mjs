// What both demos share: build when needed, run one experiment, name the report, say what the exit code taught.
import {spawn} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import {join, relative} from 'node:path';
import {capture, root} from './steps.mjs';

const runsDir = '.firedrill/runs';

/** Builds dist/ when it is not there. */
export async function ensureBuilt() {
  if (existsSync(join(root, 'dist/cli.cjs'))) return;
  console.log('building (first time only) …');
  const {code, output} = await capture([process.execPath, 'scripts/build.mjs']);
  if (code !== 0) throw new Error(`the build failed:\n${output}`);
}

function runFolders() {
  const folder = join(root, runsDir);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Runs `firedrill run FILE` in this terminal; resolves with its exit code and the folder of the run. */
export async function runExperiment(file, flags, environment) {
  const before = new Set(runFolders());
  // Ctrl-C reaches the run as well (same terminal): it undoes and ends by itself, and this script waits for it.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  process.on('SIGTERM', ignore);
  const code = await new Promise(resolve => {
    const child = spawn(process.execPath, ['bin/run.js', 'run', file, '--runs-dir', runsDir, ...flags], {
      cwd: root,
      stdio: 'inherit',
      env: {...process.env, ...environment},
    });
    child.on('close', (status, signal) => resolve(status ?? (signal === 'SIGINT' ? 130 : 1)));
  });
  process.off('SIGINT', ignore);
  process.off('SIGTERM', ignore);
  const run = runFolders().find(name => !before.has(name));
  return {code, folder: run === undefined ? undefined : join(root, runsDir, run)};
}

/** Names the report and how to open it. Returns whether there is one. */
export function nameReport(folder) {
  const report = folder === undefined ? undefined : join(folder, 'report.html');
  if (report === undefined || !existsSync(report)) return false;
  const path = relative(process.cwd(), report);
  const opener = {darwin: 'open', win32: 'start'}[process.platform] ?? 'xdg-open';
  console.log(`\nThe report is ${path}`);
  console.log(`Open it in a browser:  ${opener} ${path}    (or file://${report})`);
  const text = join(folder, 'report.md');
  if (existsSync(text)) console.log(`Without a browser:     less ${relative(process.cwd(), text)}`);
  return true;
}
