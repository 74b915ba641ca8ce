import {plainNumber} from '../../../src/quantities/number.js';
import {shareLimits} from '../../../src/statistics/index.js';
import {markdown} from '../table.js';
import type {MetricOutcome, Outcome} from './outcomes.js';
import type {Note} from './series.js';

const VERDICTS = ['held', 'inconclusive', 'deviated'] as const;

/** Those that the gate let begin. */
export function judgedOf(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter(({verdict}) => verdict !== 'not begun');
}

/** Highest rate of false alarms that 95 of 100 such series would allow (Clopper and Pearson), of the runs that were judged. */
export function upperBound(outcomes: readonly Outcome[]): number {
  const judged = judgedOf(outcomes);
  return shareLimits({events: deviatedOf(judged).length, trials: judged.length}, 0.05).upper;
}

export function deviatedOf(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter(({verdict}) => verdict === 'deviated');
}

const count = <T>(all: readonly T[], fits: (one: T) => boolean) => String(all.filter(fits).length);

function runsTable(outcomes: readonly Outcome[]): string {
  return markdown({
    title: 'Runs',
    about:
      '"Not begun": the gate stopped the run after its baseline, which was not steady or too noisy for an answer; such a run injects nothing. The bound is for the share of the judged runs that are called `deviated` (95 %, Clopper and Pearson).',
    columns: ['runs', 'held', 'inconclusive', 'not begun', 'deviated', 'false alarms, at most'],
    rows: [
      [
        String(outcomes.length),
        ...(['held', 'inconclusive', 'not begun', 'deviated'] as const).map(end =>
          count(outcomes, ({verdict}) => verdict === end),
        ),
        `${plainNumber(100 * upperBound(outcomes), 1)} %`,
      ],
    ],
    failures: [],
  });
}

const percents = (share: number) => `${plainNumber(100 * share, 1)} %`;

/** The median and the largest size of a change, whatever its direction. */
function changes(metrics: readonly MetricOutcome[]): readonly [string, string] {
  const sizes = metrics.flatMap(({change}) => (change === null ? [] : [Math.abs(change)])).sort((a, b) => a - b);
  const [median, largest] = [sizes[Math.floor(sizes.length / 2)], sizes.at(-1)];
  return median === undefined || largest === undefined ? ['', ''] : [percents(median), percents(largest)];
}

function metricsTable(outcomes: readonly Outcome[]): string {
  const names = [...new Set(outcomes.flatMap(({metrics}) => metrics.map(({name}) => name)))];
  const rows = names.map(name => {
    const all = outcomes.flatMap(({metrics}) => metrics.filter(metric => metric.name === name));
    const verdicts = VERDICTS.map(verdict => count(all, metric => metric.verdict === verdict));
    return [name, percents(all[0]?.by ?? 0), ...verdicts, ...changes(all)];
  });
  return markdown({
    title: 'Metrics',
    about:
      'What each metric was allowed to change by, its verdicts, and by how much it seemed to change from one window to the next although nothing was done: the median and the largest size of the estimated change.',
    columns: ['metric', 'allowed', ...VERDICTS, 'median change', 'largest change'],
    rows,
    failures: [],
  });
}

/** What became of the runs, and of each metric. */
export function tables(outcomes: readonly Outcome[]): string {
  return [runsTable(outcomes), metricsTable(outcomes)].join('\n');
}

/** The part of docs/calibration.md on real runs. */
export function liveText(note: Note, outcomes: readonly Outcome[]): string {
  const range = (values: readonly number[]) =>
    [Math.min(...values), Math.max(...values)].map(value => plainNumber(value, 1)).join(' to ');
  const judged = judgedOf(outcomes);
  const lengths = judged.map(({baselineSeconds}) => Math.round(baselineSeconds)).sort((a, b) => a - b);
  const alarms = deviatedOf(outcomes).map(({run, headline}) => `- ${run}: ${headline}`);
  return `## Real runs in which nothing happened

Written by \`npm run calibrate:live\` on ${note.startedAt.slice(0, 10)}: ${judged.length} judged runs of [nothing.yaml](../scripts/calibrate/live/nothing.yaml) by the built command
line, each against a demo shop of its own on one machine, ${note.parallel} at a time: ${note.windowSeconds} s of baseline, then ${note.windowSeconds} s of a fault that changes nothing. With
\`--go-on=${note.resizeSeconds}s\` both may get longer where they could not answer; the baselines had ${range(lengths)} s, half of them at least ${lengths[Math.floor(lengths.length / 2)] ?? 0}. Node
${note.node}, ${note.cores} cores, load average ${range(note.load)}. A verdict of \`deviated\` is a false alarm; one is enough for the command to fail.

${tables(outcomes)}
${alarms.length === 0 ? 'No run was called `deviated`.' : ['**False alarms:**', '', ...alarms].join('\n')}
`;
}
