import {FiredrillError} from '../system/error.js';
import {isOf} from './filters.js';
import type {ListedRun, MetricSummary, RunSummary} from './summary.js';

/** One metric over the runs of an experiment, oldest first; null where a run has no figure for it. */
export interface MetricTrend {
  readonly name: string;
  readonly unit: MetricSummary['unit'];
  readonly during: readonly (number | null)[];
  readonly changes: readonly MetricSummary['change'][];
}

/** An experiment over its runs. */
export interface Trend {
  readonly experiment: string;
  readonly runs: readonly RunSummary[];
  /** Where the faults or loads were not those of the run before: figures are then not of the same thing. */
  readonly changedConditions: readonly string[];
  readonly metrics: readonly MetricTrend[];
}

/**
 * The runs of one experiment, named by words of its title or by its file.
 * @throws FiredrillError BAD_USAGE where there is none, or the words are those of several.
 */
export function runsOf(runs: readonly ListedRun[], experiment: string): readonly RunSummary[] {
  const matching = runs.filter(run => isOf(run, experiment)).flatMap(({summary}) => summary ?? []);
  const titles = [...new Set(matching.map(({title}) => title))];
  const exact = titles.find(title => title.toLowerCase() === experiment.toLowerCase());
  const [only] = titles;
  if (only === undefined || (titles.length > 1 && exact === undefined)) {
    const found = titles.length === 0 ? 'there is none with a result' : `there are ${titles.length}`;
    throw new FiredrillError(
      'BAD_USAGE',
      `Expected the title or file of one experiment; for \`${experiment}\` ${found}.`,
      {
        hint: titles.length === 0 ? 'firedrill runs list' : titles.slice(0, 10).join('; '),
      },
    );
  }
  return matching.filter(({title}) => title === (exact ?? only));
}

/** What became of verdict, effect and times from run to run. At least one run is needed. */
export function trendOf(runs: readonly [RunSummary, ...RunSummary[]]): Trend {
  const names = [...new Set(runs.flatMap(({metrics}) => metrics.map(({name}) => name)))];
  return {
    experiment: runs[0].title,
    runs,
    changedConditions: runs.slice(1).flatMap((run, i) => (run.conditions === runs[i]?.conditions ? [] : [run.run])),
    metrics: names.map(name => {
      const own = runs.map(({metrics}) => metrics.find(one => one.name === name));
      const unit = own.find(one => one !== undefined)?.unit ?? 'number';
      const same = own.map(one => (one?.unit === unit ? one : undefined));
      return {
        name,
        unit,
        during: same.map(one => one?.during ?? null),
        changes: same.map(one => one?.change ?? null),
      };
    }),
  };
}
