import {Chalk} from 'chalk';
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
export function openExperiment(
  path: string,
  options: {
    readonly vars: readonly string[];
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly colours: boolean;
  },
): OpenedExperiment {
  const {parsed, sha256} = readExperiment(path, {variables: parseVars(options.vars), environment: options.environment});
  if (parsed.experiment !== undefined) return {path, sha256, experiment: parsed.experiment};
  const style = new Chalk({level: options.colours ? 1 : 0});
  const lines = [problemSummary(parsed.problems), '', ...problemLines(parsed.problems, style), ''];
  throw new FiredrillError('FILE_INVALID', lines.join('\n'));
}
