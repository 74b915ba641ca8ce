import {formatDuration} from '../../quantities/duration.js';
import {appliesIn, decidesByDeviation, isJudgedByChange} from '../deciding.js';
import type {LoadSpec, MetricSpec, SwitchbackSpec, WindowsSpec} from '../experiment.js';
import {
  binMs,
  FEWEST_SAMPLES,
  leastComparedMs,
  leastRecoveryMs,
  leastToleranceMs,
  recoveryResolutionMs,
  STABLE_MS,
} from '../least.js';
import {MIN_BINS, RECOVERY_LOOK_BINS, RECOVERY_LOOKS_AFTER} from '../../statistics/least.js';
import type {Path} from '../problem.js';
import type {ProblemReport} from '../reading/tree.js';
import {isCapacity} from './capacity.js';
import type {ReadFault} from './faults.js';

/** What a file says about times, as far as it could be read. */
export interface WrittenTimes {
  readonly windows: WindowsSpec;
  readonly metrics: readonly MetricSpec[];
  readonly load: readonly LoadSpec[];
  readonly faults: readonly ReadFault[];
  readonly switchback: SwitchbackSpec | undefined;
  /** How long the recovery may take. */
  readonly withinMs: number;
}

/** A metric that needs more time than a window has. */
interface Need {
  readonly metric: MetricSpec;
  readonly needMs: number;
}

function loadOf({source, parameters}: MetricSpec, loads: readonly LoadSpec[]): LoadSpec | undefined {
  return source === 'load' ? loads.find(({name}) => name === parameters['of']) : undefined;
}

/** The metric that needs most, where that is more than there is. */
function shortest(hasMs: number, needs: readonly Need[]): Need | undefined {
  const most = Math.max(...needs.map(({needMs}) => needMs));
  return most > hasMs ? needs.find(({needMs}) => needMs === most) : undefined;
}

function tooShort(
  report: ProblemReport,
  path: Path,
  hasMs: number,
  {need, why, hint}: {need: Need | undefined; why: string; hint?: string},
): void {
  if (need === undefined || report.has(path)) return;
  const message = `expected at least ${formatDuration(need.needMs)}: ${why}; got ${formatDuration(hasMs)}`;
  report.add({path, code: 'TOO_SHORT', message, hint});
}

/** What becomes longer by itself, where it may. */
const MAY_GO_ON = 'make it longer, or let it go on by itself: `--go-on`, or `windows.goOn` in the file';

/** What a tolerance needs of a window, in words. */
function valuesOf({name, source, everyMs}: MetricSpec): string {
  return source === 'load'
    ? `\`${name}\` is judged by whole seconds in which requests were sent`
    : `\`${name}\` is judged by ${FEWEST_SAMPLES} samples, one every ${formatDuration(everyMs)}`;
}

/** Metrics that a window is judged by with their tolerances. */
function byTolerance({metrics, load}: WrittenTimes): readonly Need[] {
  return metrics
    .filter(metric => metric.tolerance !== undefined && metric.judge.length > 0 && !isCapacity(metric))
    .map(metric => ({metric, needMs: leastToleranceMs(metric, loadOf(metric, load))}));
}

/** What a comparison needs of a window, in words. */
function comparedBy({metric: {name, source, everyMs}}: Need): string {
  const each = source === 'load' ? 'one a second' : `one every ${formatDuration(Math.max(1_000, everyMs))}`;
  return `\`${name}\` is decided by at least ${MIN_BINS} values of the baseline and of the fault, ${each}`;
}

/**
 * What is decided by its change needs so many values of the baseline and of each injection. With `goOn` both get longer
 * where that is not enough; of the past they do not. Blocks of a switchback are compared as a whole.
 */
function checkCompared(report: ProblemReport, {windows, metrics, faults, switchback}: WrittenTimes): void {
  const needs = metrics.filter(decidesByDeviation).map(metric => ({metric, needMs: leastComparedMs(metric)}));
  const check = (path: Path, hasMs: number, hint?: string) => {
    const need = shortest(hasMs, needs);
    tooShort(report, path, hasMs, {
      need,
      why: need === undefined ? '' : comparedBy(need),
      ...(hint === undefined ? {} : {hint}),
    });
  };
  const {baselineMs, lookBackMs, goOnMs = 0} = windows;
  if (lookBackMs === undefined) check(['windows', 'baseline'], Math.max(baselineMs, goOnMs), MAY_GO_ON);
  else check(['windows', 'baseline', 'lookBack'], lookBackMs);
  if (switchback !== undefined) return;
  for (const {spec, part} of faults) {
    if (spec !== undefined) check([...part.path, 'for'], Math.max(spec.forMs, goOnMs), MAY_GO_ON);
  }
}

function checkBaseline(report: ProblemReport, known: WrittenTimes): void {
  const {baselineMs, lookBackMs} = known.windows;
  const hasMs = lookBackMs ?? baselineMs;
  const path = ['windows', 'baseline', ...(lookBackMs === undefined ? [] : ['lookBack'])];
  const need = shortest(
    hasMs,
    byTolerance(known).filter(({metric}) => appliesIn(metric, 'baseline')),
  );
  tooShort(report, path, hasMs, {need, why: need === undefined ? '' : valuesOf(need.metric)});
}

/** What is left of each injection behind `settlesWithin` must be enough to judge by. */
function checkFaultTimes(report: ProblemReport, known: WrittenTimes): void {
  const needs = byTolerance(known).filter(({metric}) => metric.judge.includes('fault'));
  const longest = Math.max(...known.faults.map(({spec}) => spec?.forMs ?? 0));
  const judged = needs.flatMap(({metric, needMs}) => {
    const settlesMs = metric.tolerance?.settlesWithinMs ?? 0;
    // That nothing at all would be left is told where it settles.
    return settlesMs >= longest ? [] : [{metric, needMs: needMs + settlesMs}];
  });
  for (const {spec, part} of known.faults) {
    if (spec === undefined) continue;
    const path = known.switchback === undefined ? [...part.path, 'for'] : ['design', 'switchback', 'block'];
    const need = shortest(spec.forMs, judged);
    if (need === undefined) continue;
    const settlesMs = need.metric.tolerance?.settlesWithinMs ?? 0;
    const settled = settlesMs === 0 ? '' : `, after the ${formatDuration(settlesMs)} in which it may settle`;
    tooShort(report, path, spec.forMs, {need, why: `${valuesOf(need.metric)}${settled}`});
  }
}

/** A block of which no whole value is left tells nothing of what is compared block by block. */
function checkBlocks(report: ProblemReport, {switchback, metrics}: WrittenTimes): void {
  if (switchback === undefined || switchback.washoutMs >= switchback.blockMs) return;
  const {blockMs, washoutMs} = switchback;
  const needs = metrics.filter(decidesByDeviation).map(metric => ({metric, needMs: washoutMs + binMs(metric)}));
  const need = shortest(blockMs, needs);
  if (need === undefined) return;
  const why = `a block must hold a whole value of \`${need.metric.name}\` after the ${formatDuration(washoutMs)} that are left out`;
  tooShort(report, ['design', 'switchback', 'block'], blockMs, {need, why});
}

function recoveryWords({metric}: Need): string {
  return isJudgedByChange(metric)
    ? `\`${metric.name}\` is proven to be back by ${RECOVERY_LOOK_BINS + RECOVERY_LOOKS_AFTER} values`
    : `\`${metric.name}\` is back once it has been inside its tolerance for ${formatDuration(STABLE_MS)}`;
}

function checkRecovery(report: ProblemReport, {windows, metrics, load, withinMs}: WrittenTimes): void {
  const watched = metrics.filter(
    ({judge, tolerance, deviation}) =>
      judge.includes('recovery') && (tolerance !== undefined || deviation !== undefined),
  );
  const needs = watched.map(metric => ({metric, needMs: leastRecoveryMs(metric, loadOf(metric, load))}));
  const need = shortest(windows.recoveryMs, needs);
  const words = need === undefined ? '' : recoveryWords(need);
  tooShort(report, ['windows', 'recovery'], windows.recoveryMs, {need, why: words});
  const exactly = watched.map(metric => ({metric, needMs: recoveryResolutionMs(metric, loadOf(metric, load))}));
  const coarse = shortest(withinMs, exactly);
  const why = coarse === undefined ? '' : `when \`${coarse.metric.name}\` is back is not known more exactly than that`;
  tooShort(report, ['expect', 'recovery', 'within'], withinMs, {need: coarse, why});
}

/**
 * Times in which the run could not answer, with the least that would do. That a metric varies too much to be decided in
 * them is not known before it is measured: the gate says so.
 */
export function checkWindows(report: ProblemReport, known: WrittenTimes): void {
  checkBaseline(report, known);
  checkFaultTimes(report, known);
  checkCompared(report, known);
  checkBlocks(report, known);
  checkRecovery(report, known);
}
