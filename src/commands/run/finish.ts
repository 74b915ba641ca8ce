import type {Disk} from '../../system/files.js';
import type {Unwritten} from '../../record/reader.js';
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
  const json = await writeReports(disk, result, folder, ['json']);
  const reports = await writeReports(disk, result, folder, ['html', 'markdown']);
  return {result, reports: reports.written, problems: [...json.failed, ...reports.failed]};
}
