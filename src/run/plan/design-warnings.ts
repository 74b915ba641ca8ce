import type {Experiment, MetricSpec} from '../../experiment/experiment.js';
import {decidesByDeviation, isJudgedByChange} from '../../experiment/deciding.js';
import {describeTimeline} from '../../experiment/timeline.js';
import {formatDuration} from '../../quantities/duration.js';
import {rangeTraps} from '../../quantities/prometheus/range-trap.js';
import {MIN_WINDOW} from '../../verdict/judgement/decisions/comparison.js';
import {RECOVERY_PROOF_BINS} from '../../verdict/judgement/times/recovery-time.js';
import {binUsOf} from '../../verdict/judgement/measured.js';
import {mostTotalMs} from './resize.js';

/** Among more metrics than this each must be very clear to count (research/statistics 3.3). */
const MOST_PRIMARY = 5;

interface Window {
  readonly name: string;
  readonly ms: number;
}

/** What the deciding metrics are measured over: the baseline, and each injection; of a switchback only the baseline. */
function windowsOf({windows, faults, switchback}: Experiment): readonly Window[] {
  const baseline = {name: 'the baseline', ms: windows.lookBackMs ?? windows.baselineMs};
  if (switchback !== undefined) return [baseline];
  return [baseline, ...faults.map(({name, forMs}) => ({name: `\`${name}\``, ms: forMs}))];
}

function binsIn(metric: MetricSpec, ms: number): number {
  return Math.floor((ms * 1000) / binUsOf(metric));
}

function fewValues(experiment: Experiment, deciding: readonly MetricSpec[]): readonly string[] {
  return deciding.flatMap(metric =>
    windowsOf(experiment)
      .filter(({ms}) => binsIn(metric, ms) < MIN_WINDOW)
      .map(
        ({name, ms}) =>
          `${name} of ${formatDuration(ms)} holds at most ${binsIn(metric, ms)} values of \`${metric.name}\`: with fewer than ${MIN_WINDOW} nothing can be proven to have held; ${formatDuration((MIN_WINDOW * binUsOf(metric)) / 1000)} would do`,
      ),
  );
}

/** A block whose settled part holds no whole value is worth nothing. */
function emptyBlocks({switchback}: Experiment, deciding: readonly MetricSpec[]): readonly string[] {
  if (switchback === undefined) return [];
  const {blockMs, washoutMs} = switchback;
  return deciding
    .filter(metric => binsIn(metric, blockMs - washoutMs) < 1)
    .map(
      ({name}) =>
        `a block of ${formatDuration(blockMs)} of which ${formatDuration(washoutMs)} are left out may hold no whole value of \`${name}\`: make \`block\` longer`,
    );
}

function manyPrimary(deciding: readonly MetricSpec[]): readonly string[] {
  if (deciding.length <= MOST_PRIMARY) return [];
  return [
    `${deciding.length} metrics decide by their deviation: the chance of a false alarm is shared by all of them, so with more than ${MOST_PRIMARY} a change must be very clear to count; \`judge: []\` makes one observed only`,
  ];
}

/** A metric without a tolerance is back when looks of ten values have proven it several times in a row. */
function shortRecovery({steadyState, windows, expect}: Experiment): readonly string[] {
  const limit = Math.max(windows.recoveryMs, expect.recovery.withinMs);
  return steadyState
    .filter(metric => isJudgedByChange(metric) && metric.judge.includes('recovery'))
    .flatMap(metric => {
      const needed = ((RECOVERY_PROOF_BINS + 1) * binUsOf(metric)) / 1000;
      return limit >= needed
        ? []
        : [
            `the recovery of ${formatDuration(limit)} is too short to prove that \`${metric.name}\` is back: that takes ${RECOVERY_PROOF_BINS} values, so give \`windows.recovery\` at least ${formatDuration(needed)}`,
          ];
    });
}

/** A moving average is no series of values: judged as one it is wrong, so it is said where it stands. */
function trapped({steadyState}: Experiment): readonly string[] {
  return steadyState.flatMap(({name, source, parameters, everyMs, judge, deviation}) => {
    const {query} = parameters;
    if (source !== 'prometheus' || typeof query !== 'string' || (judge.length === 0 && deviation === undefined))
      return [];
    return rangeTraps(query, everyMs).map(
      ({range, fn, at}) =>
        `\`${name}\` is a moving average: \`[${range}]\`${fn === undefined ? '' : ` of \`${fn}\``} at character ${at + 1} of its query looks back over ${range}, and it is asked every ${formatDuration(everyMs)}; a fault shows late and too small, and nothing can be proven by it. Give the counter itself (\`rate:\`, \`bad:\` and \`total:\`), or ask every ${range}`,
    );
  });
}

function unusedControl({control, steadyState}: Experiment): readonly string[] {
  if (control === undefined || steadyState.some(metric => metric.control !== undefined)) return [];
  return [
    `no metric is measured on the control group (${control.targets.map(name => `\`${name}\``).join(', ')}): name what measures the same there under \`control.metrics\``,
  ];
}

function resizing(experiment: Experiment, resizeMs: number | undefined): readonly string[] {
  if (resizeMs === undefined) return [];
  if (!experiment.steadyState.some(decidesByDeviation)) {
    return ['--resize changes nothing here: no metric is decided by its `deviation`, so nothing asks for more time'];
  }
  const [planned, most] = [describeTimeline(experiment).totalMs, mostTotalMs(experiment, resizeMs)];
  return [
    `with --resize the baseline and each injection may become up to ${formatDuration(resizeMs)} long where the noise asks for it: up to ${formatDuration(most)} in all instead of ${formatDuration(planned)}`,
  ];
}

/** What is known offline to stand in the way of an answer: windows, metrics, queries and designs that cannot show what they should. */
export function designWarnings(experiment: Experiment, resizeMs?: number): readonly string[] {
  const deciding = experiment.steadyState.filter(decidesByDeviation);
  return [
    ...fewValues(experiment, deciding),
    ...emptyBlocks(experiment, deciding),
    ...manyPrimary(deciding),
    ...shortRecovery(experiment),
    ...trapped(experiment),
    ...unusedControl(experiment),
    ...resizing(experiment, resizeMs),
  ];
}
