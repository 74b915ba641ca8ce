import {EXIT, worstExit, type ExitCode} from '../system/exit-codes.js';
import {openWords, sayLimits, tellDeviation} from './deviation/words.js';
import {decidedBy, tellingValue} from './explain.js';
import {lostIn} from './availability/combine.js';
import {tellAvailability} from './availability/words.js';
import {alertCodes, alertWords} from './alerts/conclude.js';
import {leftOut} from './conditions.js';
import {endCode, verdictCode} from './ending-codes.js';
import {field, type Facts} from './facts.js';
import {injectedOf} from './intervals.js';
import {isJudgedInRecovery} from './judgement/recovery.js';
import {healedByPlatform} from './occurrence-results.js';
import {count, list, quantity} from './phrase.js';
import type {
  AlertResult,
  CheckResult,
  MetricResult,
  OccurrenceResult,
  RecoveryResult,
  TimeLimitResult,
  Verdict,
  WritesResult,
} from './result.js';
import {say} from './time.js';
import {nothingOf} from './exercise.js';

/** Everything that was judged piece by piece. */
export interface Pieces {
  readonly metrics: readonly MetricResult[];
  readonly occurrences: readonly OccurrenceResult[];
  readonly recovery: RecoveryResult;
  readonly checks: readonly CheckResult[];
  readonly timeLimits: readonly TimeLimitResult[];
  readonly writes: readonly WritesResult[];
  readonly alerts: readonly AlertResult[];
}

export interface Conclusion {
  readonly verdict: Verdict | null;
  readonly exit: ExitCode;
  /** What did not hold, the most important first: writes, checks, what did not come back, metrics under the fault. */
  readonly deviations: readonly string[];
  /** Those of them that go before any metric under the fault. */
  readonly foremost: readonly string[];
  /** Whether the recovery is one of them. */
  readonly recoveryFailed: boolean;
  /** What keeps the run from being `held` without being a deviation. */
  readonly doubts: readonly string[];
}

/**
 * The step that ended the series of this occurrence, as it was decided live. Records of earlier versions do not keep
 * that: there the verdict says it.
 */
function endOfSteps({fault}: OccurrenceResult, {facts, pieces}: {facts: Facts; pieces: Pieces}) {
  const steps = pieces.occurrences.filter(other => other.fault === fault);
  const decided = facts.decided.filter(event => event.what === 'step-deviated');
  if (decided.length === 0) return steps.find(({verdict}) => verdict === 'deviated');
  return steps.find(({id}) => decided.some(({answer, basis}) => answer === 'yes' && field(basis, 'occurrence') === id));
}

/**
 * Steps after one that deviated are not played when the file says so: their absence is no doubt, unless the whole
 * record says otherwise.
 */
function skippedStep(
  occurrence: OccurrenceResult,
  judged: {facts: Facts; pieces: Pieces},
): {doubts: readonly string[]} | undefined {
  const spec = judged.facts.experiment.faults.find(fault => fault.name === occurrence.fault);
  if (occurrence.step === undefined || spec?.steps?.stopOnDeviation !== true || occurrence.requestedAt !== null)
    return undefined;
  const end = endOfSteps(occurrence, judged);
  if (end === undefined) return undefined;
  if (end.verdict === 'deviated') return {doubts: []};
  const why = `${nameOf(occurrence)} was not played: ${nameOf(end)} was found to deviate when it ended, which the whole record does not show`;
  return {doubts: [why]};
}

function nameOf({label, id}: OccurrenceResult): string {
  return label === '' ? id : label;
}

/**
 * Whether coming back only means to be where the metrics were before a switchback, which may be another time of day.
 */
function mayHaveDrifted({experiment}: Facts): boolean {
  const {switchback, steadyState} = experiment;
  return (
    switchback !== undefined && steadyState.filter(isJudgedInRecovery).every(({tolerance}) => tolerance === undefined)
  );
}

/** `writable servers was still 2 (allowed: exactly 1)` at the end of the recovery; undefined where it was back. */
function stillOutside(metric: MetricResult): string | undefined {
  const after = metric.intervals.find(({kind}) => kind === 'recovery');
  const away = after?.verdict === 'deviated' || (after?.verdict === 'inconclusive' && after.outside !== undefined);
  if (after === undefined || !away) return undefined;
  const lost = lostIn(after);
  if (lost !== undefined) return `${metric.name} still ${tellAvailability(lost)}`;
  const value = tellingValue(metric, after);
  const now = value === null ? 'still without a value' : `still ${quantity(value, metric.unit)}`;
  return `${metric.name} was ${now} (allowed: ${sayLimits(metric)})`;
}

function recoveryAnswer(facts: Facts, {recovery, metrics}: Pieces): {deviation?: string; doubt?: string} {
  const {state, tookSeconds, withinSeconds} = recovery;
  const within = say(withinSeconds);
  if (state === 'not-recovered' && mayHaveDrifted(facts)) {
    return {doubt: 'the steady state was not back where it had been before the first block: it may have drifted'};
  }
  if (state === 'not-recovered') {
    const away = metrics.flatMap(metric => stillOutside(metric) ?? []);
    const which = away.length === 0 ? '' : `: ${list(away)}`;
    return {deviation: `the steady state had not come back by the end of the recovery${which}`};
  }
  if (state === 'unknown') return {doubt: 'it is not known whether the steady state came back'};
  if (state !== 'recovered' || tookSeconds === null || withinSeconds <= 0) return {};
  const [lo, hi] = tookSeconds;
  if (lo > withinSeconds) return {deviation: `the recovery took ${say(lo)} to ${say(hi)}, expected within ${within}`};
  if (hi > withinSeconds) {
    return {
      doubt: `the recovery took between ${say(lo)} and ${say(hi)}: too coarse to tell whether it was within ${within}`,
    };
  }
  return {};
}

/** Whether a metric deviated while a fault was in force, in one of its intervals or over all blocks of a switchback. */
export function deviatedDuring({intervals, overall}: MetricResult): boolean {
  const inOne = intervals.some(interval => interval.kind === 'on' && interval.verdict === 'deviated');
  return inOne || (overall?.decides === true && overall.verdict === 'deviated');
}

function brokenSentence(metric: MetricResult): string {
  const on = metric.intervals.find(interval => interval.kind === 'on' && interval.verdict === 'deviated');
  const deviation = on === undefined ? metric.overall : decidedBy(on);
  if (deviation !== undefined) return `${metric.name} ${tellDeviation(deviation, metric)}`;
  const lost = on && lostIn(on);
  return lost === undefined
    ? `${metric.name} deviated while a fault was in force`
    : `${metric.name} ${tellAvailability(lost)}`;
}

/** What is open about a metric; undefined when nothing is. */
function openSentence(metric: MetricResult): string | undefined {
  const {overall, name, intervals} = metric;
  if (overall?.decides === true && overall.verdict === 'inconclusive') return `${name}: ${openWords(overall, metric)}`;
  const interval = intervals.find(candidate => candidate.verdict === 'inconclusive');
  return interval && `${name}: ${interval.why}`;
}

/** What did not hold. A run that was stopped early is only held against what it had the time to show. */
function deviationsOf(facts: Facts, pieces: Pieces): Pick<Conclusion, 'deviations' | 'foremost' | 'recoveryFailed'> {
  const broken = pieces.metrics.filter(deviatedDuring).map(brokenSentence);
  const alerts = alertWords(pieces.alerts, 'deviated');
  if (facts.end.kind !== 'done') return {deviations: [...broken, ...alerts], foremost: [], recoveryFailed: false};
  const checks = pieces.checks
    .filter(check => check.verdict === 'deviated')
    .map(check => `check "${check.name}" did not hold: ${check.why}`);
  const {deviation} = recoveryAnswer(facts, pieces);
  const healing = facts.occurrences
    .filter(occurrence => healedByPlatform(occurrence) === false)
    .map(({planned}) => `the platform had not restored ${list(planned.targets.map(target => target.name))} by the end`);
  const late = pieces.timeLimits
    .filter(({verdict}) => verdict === 'deviated')
    .map(({name, why}) => `${name} took ${why}`);
  const writes = pieces.writes.filter(({verdict}) => verdict === 'deviated').map(({why}) => why);
  const foremost = [
    ...writes,
    ...checks,
    ...late,
    ...(deviation === undefined ? [] : [deviation]),
    ...healing,
    ...alerts,
  ];
  // What had not come back is told with the recovery, where that is told.
  const notBack =
    pieces.recovery.state === 'not-recovered' && deviation !== undefined
      ? []
      : pieces.metrics.flatMap(metric => {
          const after = metric.intervals.find(({kind}) => kind === 'recovery');
          return after?.verdict === 'deviated' ? [`${stillOutside(metric) ?? metric.name} after the recovery`] : [];
        });
  return {deviations: [...foremost, ...broken, ...notBack], foremost, recoveryFailed: deviation !== undefined};
}

function occurrenceDoubts(facts: Facts, pieces: Pieces): readonly string[] {
  return pieces.occurrences.flatMap(occurrence => {
    const name = nameOf(occurrence);
    const judged = {facts, pieces};
    const skipped = skippedStep(occurrence, judged) ?? leftOut(occurrence, judged);
    if (skipped !== undefined) return skipped.doubts;
    if (occurrence.inForce === 'no') return [`${name} was never in force`];
    if (occurrence.inForce === 'lost') return [`${name} was not in force until its end: a target lost it`];
    if (occurrence.inForce === 'unknown') return [`it is not known whether ${name} was in force until its end`];
    if (occurrence.exercised === 0) return [`${nothingOf(occurrence.kind, name)} while it was in force`];
    return [];
  });
}

function doubtsOf(facts: Facts, pieces: Pieces): readonly string[] {
  const judged = pieces.metrics.filter(metric => metric.verdict !== null);
  const open = pieces.metrics.flatMap(metric => openSentence(metric) ?? []);
  const unjudged = pieces.metrics
    .filter(metric => metric.tolerance !== null || metric.deviation !== undefined)
    .filter(metric => metric.judged.length > 0 && metric.verdict === null && metric.notDecided === undefined)
    .map(metric => `${metric.name} was not judged`);
  const {doubt} = recoveryAnswer(facts, pieces);
  const watching = facts.experiment.steadyState.some(isJudgedInRecovery);
  return [
    ...(pieces.occurrences.length === 0 ? ['no fault was planned'] : []),
    ...occurrenceDoubts(facts, pieces),
    ...(judged.length === 0 ? ['no metric was judged'] : []),
    ...open,
    ...unjudged,
    ...(watching && pieces.recovery.state === 'not-watched' ? ['the recovery was not watched'] : []),
    ...(doubt === undefined ? [] : [doubt]),
    ...pieces.checks
      .filter(check => check.verdict === 'inconclusive')
      .map(check => `check "${check.name}": ${check.why}`),
    ...[...pieces.writes, ...pieces.timeLimits]
      .filter(({verdict}) => verdict === 'inconclusive')
      .map(({name, why}) => `${name}: ${why}`),
    ...alertWords(pieces.alerts, 'inconclusive'),
    ...brokenWords(facts),
    ...(facts.leaks === null ? ['it was not checked whether anything was left behind'] : []),
    ...(facts.gaps.length > 0 ? [`the record has gaps: ${list(facts.gaps)}`] : []),
  ];
}

/** Nobody who was not there until the end can say that something held. */
function wasCutShort({takeovers, ended, end}: Facts): boolean {
  return takeovers.length > 0 || ended === undefined || end.kind === 'bug';
}

function verdictOf(facts: Facts, deviations: readonly string[], doubts: readonly string[]): Verdict | null {
  const {kind} = facts.end;
  if (injectedOf(facts).length === 0) return kind === 'done' || kind === 'not-injected' ? 'inconclusive' : null;
  if (wasCutShort(facts)) return 'inconclusive';
  if (deviations.length > 0) return 'deviated';
  return kind === 'done' && doubts.length === 0 ? 'held' : 'inconclusive';
}

/** `not decided: x, because …`: metrics that could hardly answer while others could. */
export function notDecidedWords({metrics}: Pick<Pieces, 'metrics'>): readonly string[] {
  return metrics.flatMap(({name, notDecided}) =>
    notDecided === undefined ? [] : [`not decided: ${name}, because ${notDecided}`],
  );
}

/** The verdict and the exit code of a run. Only a run in which nothing is open ends with 0. */
export function conclude(facts: Facts, pieces: Pieces): Conclusion {
  const {deviations, foremost, recoveryFailed} = deviationsOf(facts, pieces);
  const doubts = doubtsOf(facts, pieces);
  const verdict = verdictOf(facts, deviations, doubts);
  const broken = facts.owed.length > 0 || (facts.leaks?.touched.length ?? 0) > 0;
  const unsure = facts.end.kind === 'done' && verdict === 'deviated' && facts.leaks === null;
  const codes = [
    endCode(facts),
    verdictCode(verdict, facts),
    ...(verdict === null ? [] : alertCodes(pieces.alerts, facts)),
    ...(broken ? [EXIT.broken] : []),
    ...(unsure ? [EXIT.inconclusive] : []),
  ];
  return {verdict, exit: worstExit(codes), deviations, foremost, recoveryFailed, doubts};
}

/** `1 undo is still owed on x`: what keeps the world from being as it was; empty when it is. */
export function brokenWords({owed, leaks}: Facts): readonly string[] {
  const names = [...new Set(owed.map(debt => debt.undo.ref.name))];
  const touched = leaks?.touched ?? [];
  return [
    ...(owed.length === 0
      ? []
      : [`${count(owed.length, 'undo')} ${owed.length === 1 ? 'is' : 'are'} still owed on ${list(names)}`]),
    ...(touched.length === 0
      ? []
      : [
          `${list(touched.map(difference => `${difference.facet} of ${difference.target}`))} ${touched.length === 1 ? 'reads' : 'read'} differently than before`,
        ]),
  ];
}
