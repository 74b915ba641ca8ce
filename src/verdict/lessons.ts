import {tellDeviation} from './deviation/words.js';
import type {FindingContext} from './findings/rule.js';
import {recoveryCause} from './intervals.js';
import {describeBounds, shareOfBound} from './judgement/tolerance.js';
import {list} from './phrase.js';
import type {Finding, Result} from './result.js';
import {formatShare} from '../quantities/share.js';
import {say} from './time.js';

/** Rules whose findings are luck rather than harm. */
const LUCKY: ReadonlySet<string> = new Set(['near-miss']);

function wentWell({facts, metrics, recovery, checks, occurrences}: FindingContext): readonly string[] {
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
    return [`${metric.name} stayed ${describeBounds(bounds, metric.unit)}${margin}.`];
  });
  const {state, tookSeconds, withinSeconds} = recovery;
  const back =
    state === 'recovered' && tookSeconds !== null && tookSeconds[1] <= withinSeconds
      ? [
          `The steady state was back ${say(tookSeconds[1])} after ${recoveryCause(facts)} (allowed: ${say(withinSeconds)}).`,
        ]
      : [];
  const kept = checks.filter(check => check.verdict === 'held').map(check => `Check "${check.name}": ${check.why}.`);
  const injected = occurrences.filter(occurrence => occurrence.confirmedAt !== null);
  const clean = facts.owed.length === 0 && facts.leaks?.touched.length === 0 && injected.length > 0;
  return [
    ...held,
    ...back,
    ...kept,
    ...(clean ? ['Everything that was changed was put back, and verified on the targets.'] : []),
  ];
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
