import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {join, resolve} from 'node:path';
import {suggestion} from '../experiment/suggest.js';
import {systemRunFiles} from '../history/run-files.js';
import {runNames} from '../history/runs.js';
import {recordPaths} from '../record/paths.js';
import {FiredrillError} from '../system/error.js';

export const runArgument = Args.string({
  ignoreStdin: true,
  required: true,
  description: 'Run id, the beginning of one, `latest`, or a run folder.',
});

export const runsDirFlag = Flags.string({
  default: '.firedrill/runs',
  helpValue: 'FOLDER',
  description: 'Where run folders are kept.',
});

/**
 * The folder of a run: named by its id, by an unambiguous beginning of it, by `latest`, or by a path to the folder.
 * @throws FiredrillError RUN_UNKNOWN
 */
export function findRun(runsDir: string, name: string): string {
  if (/[/\\]/.test(name) || name === '.') {
    if (systemRunFiles.look(recordPaths(resolve(name)).events) !== undefined) return resolve(name);
    throw new FiredrillError('RUN_UNKNOWN', `Expected a run folder; \`${name}\` holds no record of a run.`);
  }
  const names = runNames(runsDir);
  const last = names.at(-1);
  if (name === 'latest' && last !== undefined) return join(resolve(runsDir), last);
  const matching = names.includes(name) ? [name] : names.filter(one => one.startsWith(name));
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return join(resolve(runsDir), only);
  const found = matching.length > 1 ? `${matching.length} runs begin with it` : `there is none in \`${runsDir}\``;
  throw new FiredrillError('RUN_UNKNOWN', `Expected one run; for \`${name}\` ${found}.`, {
    hint: matching.length > 1 ? shortened(matching) : (suggestion(name, names) ?? 'firedrill runs list'),
  });
}

function shortened(names: readonly string[]): string {
  const [most, more] = [10, names.length - 10];
  return `${names.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
