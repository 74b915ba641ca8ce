import type {Problem} from '../experiment/problem.js';
import type {Ports} from '../ports.js';
import {FiredrillError} from '../system/error.js';
import {problemLines, problemSummary} from '../terminal/problems.js';
import {styleOf} from '../terminal/style.js';

/** A file that holds for every run on this machine. */
interface MachineFile {
  /** "policy", for messages. */
  readonly what: string;
  /** Where the machine has it. */
  readonly path: string;
  /** The environment variable that names a further one. */
  readonly variable: string;
}

/**
 * The machine's own file and the one that the variable names, where they are there.
 * @throws FiredrillError FILE_UNREADABLE where the variable names none
 */
export async function readMachineFiles(
  {ambient, disk}: Pick<Ports, 'ambient' | 'disk'>,
  {what, path, variable}: MachineFile,
): Promise<readonly {readonly file: string; readonly content: string}[]> {
  const named = ambient.environment[variable] ?? '';
  const content = await disk.read(path);
  const system = content === undefined ? [] : [{file: path, content}];
  if (named === '' || named === path) return system;
  const own = await disk.read(named);
  if (own === undefined) {
    throw new FiredrillError('FILE_UNREADABLE', `Expected a ${what} in \`${named}\` (${variable}); there is none.`);
  }
  return [...system, {file: named, content: own}];
}

/** The error about a file of the machine that cannot be read. */
export function invalid(problems: readonly Problem[], hint: string): FiredrillError {
  const lines = [problemSummary(problems), '', ...problemLines(problems, styleOf(0)), ''];
  return new FiredrillError('FILE_INVALID', lines.join('\n'), {hint});
}
