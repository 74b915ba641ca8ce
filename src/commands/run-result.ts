import {join} from 'node:path';
import type {Disk} from '../system/files.js';
import {writeSummary} from '../history/summarise.js';
import {readEvidence, type Unwritten} from '../record/reader.js';
import type {Ports} from '../ports.js';
import {RunState} from '../run/safety/state.js';
import {describeError, FiredrillError} from '../system/error.js';
import {judge} from '../verdict/judge.js';
import type {Result} from '../verdict/result.js';
import type {RegisteredFormat} from '../report/format.js';
import {FORMATS} from '../report/registry.generated.js';

/**
 * The result of a run, from its record alone: the same for a live, a finished and a killed run. What could not be
 * written is what its runner still knows.
 */
export async function judgeFolder(disk: Disk, folder: string, unwritten?: Unwritten): Promise<Result> {
  return judge(await readEvidence(disk, folder, unwritten));
}

/**
 * Refuses a run that is still going on.
 * @throws FiredrillError RUN_ALIVE
 */
export async function refuseLive(ports: Ports, {run, endedAt}: Pick<Result, 'run' | 'endedAt'>): Promise<void> {
  if (endedAt !== null || !(await new RunState(ports, run).isLive())) return;
  throw new FiredrillError('RUN_ALIVE', `Run \`${run}\` is still going on: what is broken now is meant to be.`, {
    hint: `Its reports are written when it ends. To end it now: firedrill stop ${run}`,
  });
}

/** The formats that every run writes into its folder. */
export const WRITTEN_BY_RUNS = FORMATS.filter(({onRequest}) => !onRequest);

export interface WrittenReports {
  readonly written: readonly string[];
  readonly failed: readonly string[];
}

/**
 * Writes reports into a folder, side by side, and with the result of a run its summary. What fails is told, never
 * thrown.
 */
export async function writeReports(
  disk: Disk,
  result: Result,
  folder: string,
  formats: readonly RegisteredFormat[],
): Promise<WrittenReports> {
  const outcomes = await Promise.all(
    formats.map(async format => {
      const path = join(folder, format.file);
      try {
        await disk.replace(path, await format.render(result));
        return {written: [path], failed: []};
      } catch (error) {
        return {written: [], failed: [`${format.file} could not be written: ${describeError(error)}`]};
      }
    }),
  );
  if (formats.some(({name}) => name === 'json')) await writeSummary(disk, folder, result);
  return {written: outcomes.flatMap(one => one.written), failed: outcomes.flatMap(one => one.failed)};
}
