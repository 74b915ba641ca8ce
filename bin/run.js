#!/usr/bin/env node
// Dependency-free on purpose: whatever goes wrong below, the exit code is 1 and the reason is on stderr.
// `--version` and `validate` are answered here without loading oclif, because start-up is a feature.
import {existsSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

const dist = new URL('../dist/', import.meta.url);

function crash(error) {
  try {
    process.stderr.write(`firedrill crashed, this is a bug: ${error?.stack ?? error}\n`);
  } finally {
    process.exit(1);
  }
}

function version() {
  const {name, version: number} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return `${name}/${number} ${process.platform}-${process.arch} node-${process.version}`;
}

async function main(args) {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-v')) {
    process.stdout.write(`${version()}\n`);
    return;
  }
  if (!existsSync(new URL('cli.js', dist))) {
    process.stderr.write(`firedrill is not built: run \`npm run build\` in ${fileURLToPath(new URL('..', dist))}\n`);
    process.exitCode = 1;
    return;
  }
  if (args[0] === 'validate') {
    const {validateFast} = await import(new URL('validate.js', dist).href);
    const code = await validateFast(args.slice(1));
    if (code !== undefined) {
      process.exitCode = code;
      return;
    }
  }
  const {main: cli} = await import(new URL('cli.js', dist).href);
  await cli(args, import.meta.url);
}

process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);
// A reader that went away (`firedrill … | head`) must not stop a run that owes an undo.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', error => error.code === 'EPIPE' || crash(error));
// Node ends quietly with 0 when a promise can never settle: that must not look like a success.
let settled = false;
process.on('beforeExit', () => settled || crash(new Error('it ended in the middle of its work')));
main(process.argv.slice(2)).then(() => (settled = true), crash);
