import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {join, resolve} from 'node:path';
import {suggestion} from '../experiment/suggest.js';
import type {Disk} from '../system/files.js';
import {recordPaths} from '../record/paths.js';
import {parseEvents} from '../record/reader.js';
import {FiredrillError} from '../system/error.js';
import type {Result} from '../verdict/result.js';

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
 * One run as the list shows it; `result` is missing while it lives and when it was killed before the judge came: then
 * its record says when it began.
 */
export interface ListedRun {
  readonly run: string;
  readonly folder: string;
  readonly result: Result | undefined;
  readonly startedAt: string | undefined;
  readonly title: string | undefined;
}

/** What its record says of the beginning of a run. */
function beginningOf(events: string): Pick<ListedRun, 'startedAt' | 'title'> {
  const started = parseEvents(events).events.find(event => event.type === 'run.started');
  return {startedAt: started?.at.wall, title: started?.experiment.title};
}

async function resultOf(disk: Disk, folder: string): Promise<Result | undefined> {
  const text = await disk.read(recordPaths(folder).result);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Result;
  } catch {
    return undefined;
  }
}

/**
 * Every run folder, oldest first.
 * @throws FiredrillError FILE_UNREADABLE where the folder of the runs may not be read.
 */
export async function listRuns(disk: Disk, runsDir: string): Promise<readonly ListedRun[]> {
  const listed: ListedRun[] = [];
  const names = await disk.list(resolve(runsDir)).catch((cause: unknown) => {
    throw new FiredrillError('FILE_UNREADABLE', `Expected a folder of runs; \`${runsDir}\` cannot be read.`, {cause});
  });
  for (const run of names) {
    const folder = join(resolve(runsDir), run);
    const events = await disk.read(recordPaths(folder).events);
    if (events === undefined) continue;
    const result = await resultOf(disk, folder);
    const {startedAt, title} = result ?? beginningOf(events);
    listed.push({run, folder, result, startedAt, title});
  }
  return listed;
}

/**
 * The folder of a run: named by its id, by an unambiguous beginning of it, by `latest`, or by a path to the folder.
 * @throws FiredrillError RUN_UNKNOWN
 */
export async function findRun(disk: Disk, runsDir: string, name: string): Promise<string> {
  if (/[/\\]/.test(name) || name === '.') {
    if ((await disk.read(recordPaths(resolve(name)).events)) !== undefined) return resolve(name);
    throw new FiredrillError('RUN_UNKNOWN', `Expected a run folder; \`${name}\` holds no record of a run.`);
  }
  const names = (await listRuns(disk, runsDir)).map(listed => listed.run);
  const last = names.at(-1);
  if (name === 'latest' && last !== undefined) return join(resolve(runsDir), last);
  const matching = names.includes(name) ? [name] : names.filter(one => one.startsWith(name));
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return join(resolve(runsDir), only);
  const found = matching.length > 1 ? `${matching.length} runs begin with it` : `there is none in \`${runsDir}\``;
  throw new FiredrillError('RUN_UNKNOWN', `Expected one run; for \`${name}\` ${found}.`, {
    hint: matching.length > 1 ? matching.join(', ') : (suggestion(name, names) ?? 'firedrill runs list'),
  });
}
