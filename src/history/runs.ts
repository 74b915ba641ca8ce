import {join, resolve} from 'node:path';
import {recordPaths} from '../record/paths.js';
import {FiredrillError} from '../system/error.js';
import {systemRunFiles, type RunFiles} from './run-files.js';
import {parseSummary, type ListedRun, type RunSummary} from './summary.js';

/** More is no summary of ours. */
const MOST_BYTES = 1024 * 1024;

/** The summary of a run, where it is there and nothing was written into the record since. */
function freshSummary(folder: string, eventsBytes: number, files: RunFiles): RunSummary | undefined {
  const text = files.read(recordPaths(folder).summary, MOST_BYTES);
  const summary = text === undefined ? undefined : parseSummary(text);
  return summary?.eventsBytes === eventsBytes ? summary : undefined;
}

async function listed(run: string, folder: string, files: RunFiles): Promise<ListedRun | undefined> {
  const events = files.look(recordPaths(folder).events);
  if (events === undefined) return undefined;
  const summary = freshSummary(folder, events.bytes, files);
  if (summary !== undefined) {
    const {startedAt, title, file, targets} = summary;
    return {run, folder, startedAt, title, file, targets, summary};
  }
  const {summariseAgain} = await import('./summarise.js');
  return {run, folder, ...(await summariseAgain(folder, events, files))};
}

/**
 * Every run folder, oldest first: by its summary, which takes one look and one small file a run, and is made again
 * where it is missing or older than the record.
 * @throws FiredrillError FILE_UNREADABLE where the folder of the runs may not be read.
 */
export async function listRuns(runsDir: string, files: RunFiles = systemRunFiles): Promise<readonly ListedRun[]> {
  const found: ListedRun[] = [];
  for (const name of namesIn(runsDir, files)) {
    const run = await listed(name, join(resolve(runsDir), name), files);
    if (run !== undefined) found.push(run);
  }
  return found;
}

function namesIn(runsDir: string, files: RunFiles): readonly string[] {
  try {
    return files.names(resolve(runsDir));
  } catch (cause) {
    throw new FiredrillError('FILE_UNREADABLE', `Expected a folder of runs; \`${runsDir}\` cannot be read.`, {cause});
  }
}

/** The names of the run folders, oldest first. @throws FiredrillError FILE_UNREADABLE */
export function runNames(runsDir: string, files: RunFiles = systemRunFiles): readonly string[] {
  const folder = resolve(runsDir);
  return namesIn(runsDir, files).filter(name => files.look(recordPaths(join(folder, name)).events) !== undefined);
}
