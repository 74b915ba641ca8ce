import type {MetricSpec} from '../../experiment/experiment.js';
import {seededRandom} from '../../quantities/random.js';
import {formatShare} from '../../quantities/share.js';
import {ALPHA, SEED} from '../change.js';
import type {Facts} from '../facts.js';
import {baselineOf, recoveryOf, recoveryStartUs} from '../intervals.js';
import {waysBack} from '../judgement/back-inside.js';
import type {Span} from '../judgement/data.js';
import {backToBaseline, type BackToBaseline} from '../../statistics/designs/back-to-baseline.js';
import {isJudgedInRecovery} from '../judgement/recovery.js';
import {quantity} from '../phrase.js';
import type {RecoveryFacts} from '../recovery-result.js';
import type {BackToBaselineResult, DeviationResult, MetricInterval} from '../result.js';
import {deviatingOf, windowInputs, type Deviating} from './comparison-input.js';
import {judgeFamily} from './family.js';

/**
 * Whether a metric that is judged by its change was back at the end of the recovery: proven by the same looks as the
 * time to recover, so that what was decided live and what is told afterwards agree.
 */
export function verdictAfter(metric: MetricSpec, facts: Facts): Pick<MetricInterval, 'verdict' | 'why'> {
  const [baseline, after] = [baselineOf(facts), recoveryOf(facts)];
  if (baseline === undefined || after === undefined)
    return {verdict: 'inconclusive', why: 'there is no baseline to compare with'};
  const times = waysBack(metric, facts.evidence, {baseline, after}).map(({time}) => time);
  if (times.some(time => time?.latest === 'degraded')) {
    // A switchback is so long that its baseline may be another time of day: what drifted meanwhile is not held against
    // it.
    return facts.experiment.switchback === undefined
      ? {verdict: 'deviated', why: 'still changed by more than is allowed'}
      : {
          verdict: 'inconclusive',
          why: 'changed by more than is allowed since the baseline, from which it may have drifted',
        };
  }
  const back = times.length > 0 && times.every(time => time !== undefined && time.took.atMost !== null);
  return back
    ? {verdict: 'held', why: 'back within what is allowed'}
    : {verdict: 'inconclusive', why: 'not proven to be back within what is allowed'};
}

/** How each metric at the end of the recovery compares with its baseline, by its name: told, and never decisive. */
export function deviationsAfter(facts: Facts, span: Span): ReadonlyMap<string, DeviationResult> {
  const baseline = baselineOf(facts);
  if (baseline === undefined) return new Map();
  return judgeFamily(
    deviatingOf(facts).flatMap(metric =>
      windowInputs(metric, {facts, windows: {baseline, fault: span}, primary: false}).map(
        entry => ({...entry, settles: false}) as const,
      ),
    ),
  );
}

/**
 * The third window of A-B-A: from the moment everything was back, or, where the metric was not waited for or did not
 * come back, from the end of the time that the file allows for it. Before that, what is left of the fault's own effect
 * would pass for something else.
 */
function thirdWindow(metric: Deviating, facts: Facts, {result, sinceUs}: RecoveryFacts): Span | undefined {
  const recovery = recoveryOf(facts);
  const undoneUs = recoveryStartUs(facts);
  if (recovery === undefined || undoneUs === null) return undefined;
  const back = result.state === 'recovered' && isJudgedInRecovery(metric) ? sinceUs?.[1] : undefined;
  const fromUs = Math.max(recovery.fromUs, back ?? undoneUs + facts.experiment.expect.recovery.withinMs * 1000);
  return fromUs < recovery.toUs ? {fromUs, toUs: recovery.toUs} : undefined;
}

const WORST: readonly BackToBaseline[] = ['confounded-with-time', 'open', 'back'];

function words(state: BackToBaseline, {deviation, unit}: Deviating): string {
  const by =
    deviation.absolute === true ? quantity(deviation.by, unit) : `${formatShare(deviation.by)} of the baseline`;
  switch (state) {
    case 'back':
      return `After the recovery it was where it had been before, within ${by}.`;
    case 'open':
      return 'Too little was seen after the recovery to say whether it was where it had been before.';
    case 'confounded-with-time':
      return `After the recovery it was not where it had been before, within ${by}: something beside the fault may have changed it.`;
  }
}

/**
 * Whether each metric was back at its baseline once the fault was gone (A-B-A). Not asked where a control group or the
 * order of blocks answers that.
 */
export function backToBaselines(facts: Facts, recovery: RecoveryFacts): ReadonlyMap<string, BackToBaselineResult> {
  const baseline = baselineOf(facts);
  if (baseline === undefined || facts.experiment.switchback !== undefined) return new Map();
  const answers = deviatingOf(facts).flatMap(metric => {
    const fault = metric.control === undefined ? thirdWindow(metric, facts, recovery) : undefined;
    if (fault === undefined) return [];
    const states = windowInputs(metric, {facts, windows: {baseline, fault}, primary: false}).map(({judged}) =>
      backToBaseline(judged.measured, {...metric.deviation, alpha: ALPHA, random: seededRandom(SEED)}),
    );
    const state = WORST.find(candidate => states.includes(candidate)) ?? 'open';
    return [[metric.name, {state, text: words(state, metric)}] as const];
  });
  return new Map(answers);
}
