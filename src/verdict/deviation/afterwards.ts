import {seededRandom} from '../../quantities/random.js';
import {formatShare} from '../../quantities/share.js';
import {ALPHA, SEED} from '../change.js';
import type {Facts} from '../facts.js';
import {baselineOf, recoveryOf, recoveryStartUs} from '../intervals.js';
import type {Span} from '../judgement/data.js';
import {backToBaseline, type BackToBaseline} from '../judgement/designs/back-to-baseline.js';
import {isJudgedInRecovery} from '../judgement/recovery.js';
import type {RecoveryFacts} from '../recovery-result.js';
import type {BackToBaselineResult, DeviationResult} from '../result.js';
import {deviatingOf, windowEntries, type Deviating} from './entry.js';
import {judgeFamily} from './family.js';

/** What the deviations say about the end of the recovery, by the name of the metric. */
export function deviationsAfter(facts: Facts, span: Span): ReadonlyMap<string, DeviationResult> {
  const baseline = baselineOf(facts);
  if (baseline === undefined) return new Map();
  return judgeFamily(
    deviatingOf(facts).flatMap(metric => {
      const primary = metric.tolerance === undefined && isJudgedInRecovery(metric);
      return windowEntries(metric, {facts, windows: {baseline, fault: span}, primary});
    }),
  );
}

/**
 * The third window of A-B-A: from the moment everything was back, or, where the metric was not waited for or did not come back, from the
 * end of the time that the file allows for it. Before that, what is left of the fault's own effect would pass for something else.
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

function words(state: BackToBaseline, {deviation}: Deviating): string {
  const by = `${formatShare(deviation.by)} of the baseline`;
  switch (state) {
    case 'back':
      return `After the recovery it was where it had been before, within ${by}.`;
    case 'open':
      return 'Too little was seen after the recovery to say whether it was where it had been before.';
    case 'confounded-with-time':
      return `After the recovery it was not where it had been before, within ${by}: something beside the fault may have changed it.`;
  }
}

/** Whether each metric was back at its baseline once the fault was gone (A-B-A, research/statistics 3.9). Not asked where a control group or the order of blocks answers that. */
export function backToBaselines(facts: Facts, recovery: RecoveryFacts): ReadonlyMap<string, BackToBaselineResult> {
  const baseline = baselineOf(facts);
  if (baseline === undefined || facts.experiment.switchback !== undefined) return new Map();
  const answers = deviatingOf(facts).flatMap(metric => {
    const fault = metric.control === undefined ? thirdWindow(metric, facts, recovery) : undefined;
    if (fault === undefined) return [];
    const states = windowEntries(metric, {facts, windows: {baseline, fault}, primary: false}).map(({judged}) =>
      backToBaseline(judged.measured, {by: metric.deviation.by, alpha: ALPHA, random: seededRandom(SEED)}),
    );
    const state = WORST.find(candidate => states.includes(candidate)) ?? 'open';
    return [[metric.name, {state, text: words(state, metric)}] as const];
  });
  return new Map(answers);
}
