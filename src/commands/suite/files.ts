import {readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {describeTimeline} from '../../experiment/timeline.js';
import {describeError, FiredrillError} from '../../system/error.js';
import {openExperiment} from '../open-experiment.js';

/** One experiment of a suite, read and valid. */
export interface SuiteEntry {
  readonly path: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** How long it takes at most, as it is planned. */
  readonly totalMs: number;
}

const isExperiment = (name: string) => /\.(ya?ml|json)$/i.test(name) && !/\.base\.ya?ml$/i.test(name);

/** The files that paths mean, in the order in which they are given; of a folder all experiments in it, by name. */
function filesOf(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
      .filter(isExperiment)
      .sort()
      .map(name => join(path, name));
  } catch (error) {
    throw new FiredrillError(
      'FILE_UNREADABLE',
      `Expected an experiment file or a folder of them; \`${path}\`: ${describeError(error)}`,
    );
  }
}

/**
 * The experiments of a suite that have one of the tags, or all of them without tags.
 * @throws FiredrillError FILE_UNREADABLE, FILE_INVALID for the first that is wrong, so that nothing is run at all;
 * BAD_USAGE where there is none.
 */
export async function suiteEntries(
  paths: readonly string[],
  tags: readonly string[],
  options: Parameters<typeof openExperiment>[1],
): Promise<readonly SuiteEntry[]> {
  const entries: SuiteEntry[] = [];
  for (const path of new Set(paths.flatMap(filesOf))) {
    const {experiment} = await openExperiment(path, options);
    const {totalMs} = describeTimeline(experiment);
    entries.push({path, title: experiment.title, tags: experiment.tags, totalMs});
  }
  const chosen = entries.filter(entry => tags.length === 0 || entry.tags.some(tag => tags.includes(tag)));
  if (chosen.length > 0) return chosen;
  const known = [...new Set(entries.flatMap(entry => entry.tags))].sort();
  throw new FiredrillError('BAD_USAGE', 'Expected at least one experiment; there is none.', {
    hint: known.length === 0 ? 'Name files, or a folder of them.' : `Their tags are: ${known.join(', ')}`,
  });
}
