import type {ChalkInstance} from 'chalk';
import type {Experiment} from '../experiment/experiment.js';
import {FiredrillError} from '../system/error.js';
import {problemLines, problemSummary} from '../terminal/problems.js';
import {parseVars} from './experiment-flags.js';
import {readExperiment} from './read-experiment.js';

export interface OpenedExperiment {
  readonly path: string;
  readonly sha256: string;
  readonly experiment: Experiment;
}

/**
 * The experiment of a file, for commands that need a valid one.
 * @throws FiredrillError FILE_UNREADABLE, or FILE_INVALID with all problems in its message.
 */
export async function openExperiment(
  path: string,
  options: {
    readonly vars: readonly string[] | undefined;
    readonly includeFrom: readonly string[] | undefined;
    /** From `--go-on`. */
    readonly goOnMs?: number | undefined;
    readonly environment: Readonly<Record<string, string | undefined>>;
    /** For the list of problems. */
    readonly style: ChalkInstance;
  },
): Promise<OpenedExperiment> {
  const {parsed, sha256} = await readExperiment(path, {...options, variables: parseVars(options.vars)});
  if (parsed.experiment !== undefined) return {path, sha256, experiment: parsed.experiment};
  const lines = [problemSummary(parsed.problems), '', ...problemLines(parsed.problems, options.style), ''];
  throw new FiredrillError('FILE_INVALID', lines.join('\n'));
}
