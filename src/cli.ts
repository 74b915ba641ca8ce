import {run, type Interfaces} from '@oclif/core';
import {COMMANDS} from './commands/index.js';
import {checkCommand, translateUsageError} from './commands/usage.js';
import {errorJson, printError} from './terminal/error-printer.js';
import {outputTo} from './terminal/output.js';

/**
 * The whole command line. Never rejects: every error is printed in the one place for it, and the exit code is set.
 * `load` tells oclif where package.json is: the URL of the entry script, or what bin/dev.js makes of it.
 */
export async function main(args: readonly string[], load: Interfaces.LoadOptions): Promise<void> {
  try {
    checkCommand(args, COMMANDS);
    await run([...args], load);
  } catch (thrown) {
    const error = translateUsageError(thrown, args, COMMANDS);
    if (isExit(error)) {
      process.exitCode = error.oclif.exit;
      return;
    }
    const about = `node ${process.version}, ${process.platform} ${process.arch}, firedrill ${args.join(' ')}`;
    if (args.includes('--json')) process.stdout.write(`${JSON.stringify(errorJson(error), null, 2)}\n`);
    process.exitCode = printError(error, outputTo(process.stderr, process.env), about);
  }
}

/** oclif ends some commands (`--help`) by throwing. */
function isExit(error: unknown): error is {oclif: {exit: number}} {
  return error instanceof Error && 'code' in error && error.code === 'EEXIT';
}
