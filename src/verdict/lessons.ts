import {alreadyBackWords} from './outside-windows/already-back.js';
import {tellDeviation} from './deviation/words.js';
import type {FindingContext} from './findings/rule.js';
import {recoveryCause} from './intervals.js';
import {describeBounds, shareOfBound} from './judgement/tolerance.js';
import {capital, list} from './phrase.js';
import {aftermath, isAllBack, putBackSentence} from './put-back.js';
import type {Facts} from './facts.js';
import type {Finding, MetricInterval, MetricResult, RecoveryResult, Result} from './result.js';
import {settlingWords, worstSettling} from './outside-windows/settling.js';
import {formatShare} from '../quantities/share.js';
import {say} from './time.js';

/** Rules whose findings are luck rather than harm. */
const LUCKY: ReadonlySet<string> = new Set(['near-miss', 'last-instance']);

/** How a metric kept to its tolerance: `stayed` only where it was never outside. */
function keptWords(metric: MetricResult, on: readonly MetricInterval[], {occurrences}: Facts): string {
  const settling = worstSettling(on);
  if (settling === undefined)
    return on.some(({outside}) => outside !== undefined) ? 'was over the whole fault' : 'stayed';
  const occurrence = occurrences.find(({planned}) => planned.id === settling.occurrence);
  return `was ${settlingWords(settling.settling, metric, occurrence)}, and after that`;
}

/** That the steady state came back in time; nothing where it was never away. */
function cameBack(facts: Facts, {state, tookSeconds, withinSeconds, already}: RecoveryResult): readonly string[] {
  if (state !== 'recovered' || tookSeconds === null || tookSeconds[1] > withinSeconds) return [];
  if (already === undefined)
    return [
      `The steady state was back ${say(tookSeconds[1])} after ${recoveryCause(facts)} (allowed: ${say(withinSeconds)}).`,
    ];
  const said = alreadyBackWords(already);
  return said === undefined ? [] : [`${said}.`];
}

function wentWell({
  facts,
  metrics,
  recovery,
  checks,
  writes,
  timeLimits,
  alerts,
  occurrences,
}: FindingContext): readonly string[] {
  const held = metrics.flatMap(metric => {
    const on = metric.intervals.filter(interval => interval.kind === 'on' && interval.verdict === 'held');
    const bounds = metric.tolerance;
    if (metric.verdict !== 'held') return [];
    const deviation = metric.overall ?? on[0]?.deviation;
    if (bounds === null && deviation?.decides === true) return [`${metric.name} ${tellDeviation(deviation, metric)}.`];
    if (bounds === null || on.length === 0) return [];
    const used = on
      .map(interval => (interval.value === null ? null : shareOfBound(interval.value, bounds)))
      .filter(share => share !== null);
    const margin = used.length === 0 ? '' : ` with ${formatShare(Math.max(0, 1 - Math.max(...used)))} to spare`;
    return [`${metric.name} ${keptWords(metric, on, facts)} ${describeBounds(bounds, metric.unit)}${margin}.`];
  });
  const back = cameBack(facts, recovery);
  const kept = checks.filter(check => check.verdict === 'held').map(check => `Check "${check.name}": ${check.why}.`);
  const stored = writes.filter(({verdict}) => verdict === 'held').map(({name, why}) => `${capital(name)}: ${why}.`);
  const inTime = timeLimits.filter(({verdict}) => verdict === 'held').map(({name, why}) => `${capital(name)}: ${why}.`);
  const alerted = alerts
    .filter(({verdict, outcome}) => verdict === 'held' && outcome !== 'not-due')
    .map(({alert, why}) => `Alert ${alert}: ${why}.`);
  const injected = occurrences.filter(occurrence => occurrence.confirmedAt !== null);
  const became = aftermath(facts);
  const clean =
    isAllBack(became) && facts.owed.length === 0 && facts.leaks?.touched.length === 0 && injected.length > 0;
  return [...held, ...back, ...kept, ...stored, ...inTime, ...alerted, ...(clean ? [putBackSentence(became)] : [])];
}

/** What went well, what went wrong and where there was luck, each in one sentence. */
export function lessonsOf(context: FindingContext, findings: readonly Finding[]): Result['lessons'] {
  const blocked = context.occurrences.filter(
    occurrence => occurrence.inForce === 'no' && occurrence.requestedAt !== null,
  );
  const wrong = findings
    .filter(finding => !LUCKY.has(finding.code) && finding.severity < 'SEV5')
    .map(finding => finding.what);
  return {
    well: wentWell(context),
    wrong:
      blocked.length === 0
        ? wrong
        : [...wrong, `${list(blocked.map(occurrence => occurrence.fault))} did not come into force.`],
    lucky: findings.filter(finding => LUCKY.has(finding.code)).map(finding => finding.what),
  };
}
