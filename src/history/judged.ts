import {readEvidence} from '../record/reader.js';
import type {Disk} from '../system/files.js';
import {FiredrillError} from '../system/error.js';
import {judge} from '../verdict/judge.js';
import type {JudgedRun} from './compare/comparison.js';

/**
 * A run with its plan, judged from its record by this version, so that runs of several versions are judged alike.
 * @throws FiredrillError RECORD_UNREADABLE
 */
export async function judgedRun(disk: Disk, folder: string): Promise<JudgedRun> {
  const evidence = await readEvidence(disk, folder);
  const started = evidence.events.find(event => event.type === 'run.started');
  if (started?.type === 'run.started') return {result: judge(evidence), experiment: started.experiment};
  throw new FiredrillError('RECORD_UNREADABLE', `Expected the plan of a run in \`${folder}\`; its record has none.`);
}
