import {recordPaths} from '../record/paths.js';
import {parseEvents, readEvidence} from '../record/reader.js';
import {systemDisk, type Disk} from '../system/files.js';
import {judge} from '../verdict/judge.js';
import {resultSchema} from '../verdict/result-schema.js';
import {summaryOf, type SummarySource} from './of-result.js';
import type {RunFiles} from './run-files.js';
import type {ListedRun, RunSummary} from './summary.js';

type Summarised = Omit<ListedRun, 'run' | 'folder'>;

const UNKNOWN: Summarised = {startedAt: undefined, title: undefined, file: undefined, targets: [], summary: undefined};

async function started(disk: Disk, folder: string) {
  const text = (await disk.read(recordPaths(folder).events)) ?? '';
  const {events} = parseEvents(text);
  const event = events.find(one => one.type === 'run.started');
  const ended = events.some(({type}) => type === 'run.ended');
  return event?.type === 'run.started' ? {event, ended, bytes: Buffer.byteLength(text)} : undefined;
}

/**
 * Writes the summary of a run beside its result; does nothing in a folder that holds no record. Never throws: a list
 * makes it again.
 */
export async function writeSummary(disk: Disk, folder: string, result: SummarySource): Promise<void> {
  try {
    const beginning = await started(disk, folder);
    if (beginning === undefined) return;
    await keep(disk, folder, summaryOf(result, beginning.event.experiment, beginning.bytes));
  } catch {
    // A full disk, or a folder that may only be read.
  }
}

async function keep(disk: Disk, folder: string, summary: RunSummary): Promise<void> {
  await disk.replace(recordPaths(folder).summary, `${JSON.stringify(summary)}\n`);
}

/** The result of a run: as it was written where that is not older than the record, else judged from it anew. */
async function resultOf(folder: string, ended: boolean, writtenMs: number, files: RunFiles) {
  const {result} = recordPaths(folder);
  const there = files.look(result);
  if (there !== undefined && there.changedMs >= writtenMs) {
    const parsed = resultSchema().safeParse(parsedJson(files.read(result, there.bytes) ?? ''));
    if (parsed.success) return parsed.data;
  }
  return ended ? judge(await readEvidence(systemDisk, folder)) : undefined;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What can be said of a run without a summary, and the summary, which is kept for the next time where it can be. */
export async function summariseAgain(
  folder: string,
  {changedMs}: {readonly changedMs: number},
  files: RunFiles,
): Promise<Summarised> {
  const beginning = await started(systemDisk, folder);
  if (beginning === undefined) return UNKNOWN;
  const {event, ended, bytes} = beginning;
  const head = {
    startedAt: event.at.wall,
    title: event.experiment.title,
    file: event.file.path,
    targets: [...new Set(event.occurrences.flatMap(({targets}) => targets.map(({name}) => name)))],
  };
  const result: SummarySource | undefined = await resultOf(folder, ended, changedMs, files).catch(() => undefined);
  if (result === undefined) return {...head, summary: undefined};
  const summary = summaryOf(result, event.experiment, bytes);
  await keep(systemDisk, folder, summary).catch(() => undefined);
  return {...head, summary};
}
