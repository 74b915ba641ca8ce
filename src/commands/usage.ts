import {Errors} from '@oclif/core';
import {suggestion} from '../experiment/suggest.js';
import {FiredrillError} from '../system/error.js';

interface CommandShape {
  readonly flags?: Readonly<Record<string, unknown>>;
}

type Commands = Readonly<Record<string, CommandShape>>;

const asTyped = (id: string) => id.replaceAll(':', ' ');

/** The command that the arguments name: the longest known one they start with. */
function commandOf(args: readonly string[], commands: Commands): string | undefined {
  const words = args.slice(
    0,
    args.findIndex(arg => arg.startsWith('-')) === -1 ? args.length : args.findIndex(arg => arg.startsWith('-')),
  );
  for (let length = words.length; length > 0; length--) {
    const id = words.slice(0, length).join(':');
    if (id in commands) return id;
  }
  return undefined;
}

/**
 * Refuses a command that does not exist, with the one that was probably meant.
 * @throws FiredrillError BAD_USAGE
 */
export function checkCommand(args: readonly string[], commands: Commands): void {
  const [first, second] = args;
  if (first === undefined || first.startsWith('-') || commandOf(args, commands) !== undefined) return;
  const inTopic = Object.keys(commands).filter(id => id.startsWith(`${first}:`));
  if (inTopic.length > 0 && (second === undefined || second.startsWith('-'))) return;
  const typed = inTopic.length > 0 && second !== undefined ? `${first} ${second}` : first;
  const known = (inTopic.length > 0 ? inTopic : Object.keys(commands)).map(asTyped);
  throw new FiredrillError('BAD_USAGE', `Expected a command; got \`${typed}\`.`, {hint: suggestion(typed, known)});
}

/** What oclif throws about flags and arguments carries the parse; everything else it throws is a failure of ours. */
function isAboutUsage(error: unknown): error is Errors.CLIError {
  return error instanceof Errors.CLIError && ('parse' in error || /^command .* not found$/i.test(error.message));
}

/** What a flag's own parser refuses is a plain error that says so in its first words. */
function isAboutValue(error: unknown): error is Error {
  return error instanceof Error && /^Parsing --[\w-]+\s*\n/.test(error.message);
}

/** Turns what oclif throws about the command line into our own error; anything else stays what it is. */
export function translateUsageError(error: unknown, args: readonly string[], commands: Commands): unknown {
  if (!isAboutUsage(error) && !isAboutValue(error)) return error;
  const id = commandOf(args, commands);
  const help = id === undefined ? 'firedrill --help' : `firedrill ${asTyped(id)} --help`;
  const message = error.message
    .replace(/\s*(Note: --|See more help with --help)[^]*$/, '')
    .replace(/^Parsing (--[\w-]+)\s*\n\s*/, '$1: ');
  const flag = /^Nonexistent flags?: (--?[\w-]+)/.exec(message)?.[1];
  if (flag === undefined || id === undefined) {
    return new FiredrillError('BAD_USAGE', message, {hint: help});
  }
  const flags = Object.keys(commands[id]?.flags ?? {}).map(name => `--${name}`);
  const meant = suggestion(flag, flags);
  return new FiredrillError('BAD_USAGE', `Expected a flag of \`${asTyped(id)}\`; got \`${flag}\`.`, {
    hint: meant === undefined ? help : `${meant}\n${help}`,
  });
}
