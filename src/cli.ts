import type {CommandClass, Installed} from './commands/base.js';
import {COMMAND_IDS, COMMANDS, TOPICS} from './commands/index.js';
import {asksForHelp, checkCommand, checkValues, commandIn, inOurWords, translateUsageError} from './commands/usage.js';
import {printableJson} from './quantities/printable.js';
import {errorJson, printError} from './terminal/error-printer.js';
import {outputTo} from './terminal/output.js';

/** The whole command line. Never rejects: every error is printed in the one place for it, and the exit code is set. */
export async function main(args: readonly string[], installed: Installed): Promise<void> {
  const words = inOurWords(args);
  const named = commandIn(words, COMMAND_IDS);
  let command: CommandClass | undefined;
  try {
    checkCommand(words, COMMAND_IDS);
    if (named === undefined || asksForHelp(words)) {
      const {showHelp} = await import('./commands/help.js');
      await showHelp(named?.id ?? words.find(word => word in TOPICS), installed);
      return;
    }
    command = await COMMANDS[named.id].load();
    checkValues(named.rest, named.id, command.flags);
    await new command(named.rest, installed).execute();
  } catch (thrown) {
    const error = translateUsageError(thrown, named?.id, command?.flags);
    const about = `node ${process.version}, ${process.platform} ${process.arch}, firedrill ${args.join(' ')}`;
    if (args.includes('--json')) process.stdout.write(`${printableJson(errorJson(error))}\n`);
    process.exitCode = printError(error, outputTo(process.stderr, process.env), about);
  }
}
