import type {Disk} from '../../system/files.js';
import type {Unwritten} from '../../record/reader.js';
import type {Result} from '../../verdict/result.js';
import type {RegisteredFormat} from '../../report/format.js';
import {judgeFolder, writeReports, WRITTEN_BY_RUNS} from '../run-result.js';

export interface Finished {
  readonly result: Result;
  readonly reports: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Judges a run folder and writes result.json and the reports. A report that cannot be written never changes the
 * verdict.
 */
export async function finishRun(disk: Disk, folder: string, unwritten?: Unwritten): Promise<Finished> {
  const result = await judgeFolder(disk, folder, unwritten);
  // The result comes first: whatever becomes of the reports, it is there.
  const isResult = ({name}: RegisteredFormat) => name === 'json';
  const json = await writeReports(disk, result, folder, WRITTEN_BY_RUNS.filter(isResult));
  const others = WRITTEN_BY_RUNS.filter(format => !isResult(format));
  const reports = await writeReports(disk, result, folder, others);
  return {result, reports: reports.written, problems: [...json.failed, ...reports.failed]};
}
