import {join} from 'node:path';
import type {Disk} from '../../system/files.js';
import type {Unwritten} from '../../record/reader.js';
import {describeError} from '../../system/error.js';
import type {Result} from '../../verdict/result.js';
import {judgeFolder, writeReports} from '../run-result.js';

export interface Finished {
  readonly result: Result;
  readonly reports: readonly string[];
  readonly problems: readonly string[];
}

/** Judges a run folder and writes result.json and the reports. A report that cannot be written never changes the verdict. */
export async function finishRun(disk: Disk, folder: string, unwritten?: Unwritten): Promise<Finished> {
  const result = await judgeFolder(disk, folder, unwritten);
  const problems: string[] = [];
  try {
    await disk.replace(join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
  } catch (error) {
    problems.push(`result.json could not be written: ${describeError(error)}`);
  }
  const {written, failed} = await writeReports(disk, result, folder, ['html', 'markdown']);
  return {result, reports: written, problems: [...problems, ...failed]};
}
