import {CLIError} from '@oclif/core/errors';
import {suggestion} from '../experiment/suggest.js';
import {FiredrillError} from '../system/error.js';
import {ALONE} from './go-on-flag.js';

/** What is looked at of the flags of a command. */
type CommandFlags = Readonly<Record<string, {readonly type?: string; readonly aliases?: readonly string[]}>>;

const asTyped = (id: string) => id.replaceAll(':', ' ');

/** The command that the words name, the longest known one that they start with, and the words after it. */
export function commandIn<Id extends string>(
  words: readonly string[],
  ids: readonly Id[],
): {readonly id: Id; readonly rest: readonly string[]} | undefined {
  const firstFlag = words.findIndex(word => word.startsWith('-'));
  for (let length = firstFlag === -1 ? words.length : firstFlag; length > 0; length--) {
    const id = ids.find(known => known === words.slice(0, length).join(':'));
    if (id !== undefined) return {id, rest: words.slice(length)};
  }
  return undefined;
}

/** `-h` anywhere, and `help COMMAND`, as oclif understands them. */
export function inOurWords(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  const words = args.map((arg, i) => (arg === '-h' && (end === -1 || i < end) ? '--help' : arg));
  return words[0] === 'help' ? [...words.slice(1).filter(word => word !== '--help'), '--help'] : words;
}

/** Whether help is asked for: by `--help` before a `--`, or by no word at all. */
export function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.length === 0 || words.slice(0, end === -1 ? words.length : end).includes('--help');
}

/**
 * Refuses a command that does not exist, with the one that was probably meant.
 * @throws FiredrillError BAD_USAGE
 */
export function checkCommand(words: readonly string[], ids: readonly string[]): void {
  const [first, second] = words;
  if (first === undefined || first === '--help' || commandIn(words, ids) !== undefined) return;
  const inTopic = ids.filter(id => id.startsWith(`${first}:`));
  if (inTopic.length > 0 && (second === undefined || second.startsWith('-'))) return;
  const typed = inTopic.length > 0 && second !== undefined ? `${first} ${second}` : first;
  const known = (inTopic.length > 0 ? inTopic : ids).map(asTyped);
  throw new FiredrillError('BAD_USAGE', `Expected a command; got \`${typed}\`.`, {hint: suggestion(typed, known)});
}

/**
 * Refuses a flag whose value is missing, also where the next flag stands in its place.
 * @throws FiredrillError BAD_USAGE
 */
export function checkValues(args: readonly string[], id: string, flags: CommandFlags): void {
  const taking = Object.entries(flags)
    .filter(([, {type}]) => type === 'option')
    .flatMap(([name, {aliases}]) => [name, ...(aliases ?? [])]);
  const end = args.indexOf('--');
  args.slice(0, end === -1 ? args.length : end).forEach((arg, i) => {
    if (!taking.includes(arg.replace(/^--/, '')) || !arg.startsWith('--') || Object.hasOwn(ALONE, arg)) return;
    const next = args[i + 1];
    if (next !== undefined && !next.startsWith('--')) return;
    const came = next === undefined ? 'nothing' : `\`${next}\``;
    throw new FiredrillError('BAD_USAGE', `Expected a value for \`${arg}\`; got ${came}.`, {
      hint: `firedrill ${asTyped(id)} --help${next === undefined ? '' : `, or \`${arg}=${next}\` if that is the value`}`,
    });
  });
}

/** What a flag's own parser refuses is a plain error that says so in its first words. */
function isAboutValue(error: unknown): error is Error {
  return error instanceof Error && /^Parsing --[\w-]+\s*\n/.test(error.message);
}

/** Turns what oclif throws about the command line into our own error; anything else stays what it is. */
export function translateUsageError(error: unknown, id: string | undefined, flags: CommandFlags = {}): unknown {
  if (!(error instanceof CLIError) && !isAboutValue(error)) return error;
  const help = id === undefined ? 'firedrill --help' : `firedrill ${asTyped(id)} --help`;
  const message = error.message
    .replace(/\s*(Note: --|See more help with --help)[^]*$/, '')
    .replace(/^Parsing (--[\w-]+)\s*\n\s*/, '$1: ');
  const flag = /^Nonexistent flags?: (--?[\w-]+)/.exec(message)?.[1];
  if (flag === undefined || id === undefined) {
    return new FiredrillError('BAD_USAGE', message, {hint: help});
  }
  const meant = suggestion(
    flag,
    Object.keys(flags).map(name => `--${name}`),
  );
  return new FiredrillError('BAD_USAGE', `Expected a flag of \`${asTyped(id)}\`; got \`${flag}\`.`, {
    hint: meant === undefined ? help : `${meant}\n${help}`,
  });
}
