#!/usr/bin/env node
// Dependency-free on purpose: whatever goes wrong below, the exit code is 1 and the reason is on stderr.
// `--version` and `validate` are answered here without loading oclif, because start-up is a feature. So is that this is not
// an ES module: Node's loader of these takes a tenth of a start.
'use strict';
const {closeSync, existsSync, openSync, readFileSync} = require('node:fs');
const {homedir} = require('node:os');
const {join} = require('node:path');
const {isatty} = require('node:tty');

const root = join(__dirname, '..', '/');
const dist = join(root, 'dist/');

function crash(error) {
  try {
    // The text of an error may come from anywhere: a terminal must not obey it.
    const told = String(error?.stack ?? error).replaceAll(/[^\P{C}\n\t]/gu, '�');
    process.stderr.write(`firedrill crashed, this is a bug: ${told}\n`);
  } finally {
    process.exit(1);
  }
}

function installed() {
  const {name, version, description} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return {root, name, version, description};
}

async function main(args) {
  if (args.length === 1 && ['--version', '-v', '-V', 'version'].includes(args[0])) {
    const {name, version} = installed();
    process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
    return;
  }
  if (!existsSync(join(dist, 'cli.cjs'))) {
    process.stderr.write(`firedrill is not built: run \`npm run build\` in ${root}\n`);
    process.exitCode = 1;
    return;
  }
  const {chunksIn} = require('./chunks.js');
  const load = chunksIn(dist);
  if (args[0] === 'validate') {
    const code = await load('./validate.cjs').validateFast(args.slice(1));
    if (code !== undefined) {
      process.exitCode = code;
      return;
    }
  }
  // Node throws where neither the environment nor the system knows the home of this user.
  try {
    homedir();
  } catch {
    process.env.HOME ??= '/nonexistent';
  }
  await load('./cli.cjs').main(args, installed());
}

process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);
// Neither a reader that went away (`firedrill … | head`) nor a lost terminal or a full disk stops a run that owes an undo.
// Where the output was all the answer there is, so that no exit code is set, its loss is a failure.
let lost;
const lose = error => (lost ??= error);
process.stdout.on('error', lose);
process.stderr.on('error', () => undefined);
process.on('exit', () => {
  if (lost === undefined || lost.code === 'EPIPE') return;
  process.exitCode ??= 1;
  process.stderr.write(`stdout could not be written: ${lost.message}\n`);
});
// At its end Node gives a terminal its modes back, and aborts where it is gone: that would hide the exit code.
const terminals = [0, 1, 2].filter(fd => isatty(fd));
process.on('exit', () => {
  for (const fd of terminals) {
    if (isatty(fd)) continue;
    closeSync(fd);
    openSync('/dev/null', 'r+');
  }
});
// Node ends quietly with 0 when a promise can never settle: that must not look like a success.
let settled = false;
process.on('beforeExit', () => settled || crash(new Error('it ended in the middle of its work')));
main(process.argv.slice(2)).then(() => (settled = true), crash);
