import {brokenWords, deviatedDuring, type Conclusion, type Pieces} from './conclusion.js';
import {isConfounded, tellDeviation} from './deviation/words.js';
import {baselineValue, decidedBy, tell, tellingInterval} from './explain.js';
import type {Facts} from './facts.js';
import {injectedOf, recoveryCause} from './intervals.js';
import {capital, count, faultClause, list} from './phrase.js';
import type {MetricResult} from './result.js';
import {say} from './time.js';

/** How it came back, to end a sentence with; empty when that is not known. */
function recoveryClause(facts: Facts, {recovery}: Pieces): string {
  const {state, tookSeconds} = recovery;
  if (state === 'not-recovered') return '; the steady state did not come back by the end of the recovery';
  if (state !== 'recovered' || tookSeconds === null) return '';
  const [, hi] = tookSeconds;
  const cause = recoveryCause(facts);
  return hi <= 1
    ? `; the steady state was back within 1s of ${cause}`
    : `; the steady state was back ${say(hi)} after ${cause}`;
}

function aboutMetric(facts: Facts, metric: MetricResult): string | undefined {
  const {overall} = metric;
  if (overall?.decides === true && overall.verdict === metric.verdict)
    return `${metric.name} ${tellDeviation(overall, metric)}`;
  const spec = facts.experiment.steadyState.find(candidate => candidate.name === metric.name);
  const interval = tellingInterval(
    {source: metric.source, worse: metric.worse, ...(spec?.tolerance === undefined ? {} : {tolerance: spec.tolerance})},
    metric.intervals,
    metric.verdict,
  );
  if (spec === undefined || interval === undefined) return undefined;
  return `${metric.name} ${tell(spec, interval, {facts, before: baselineValue(metric.intervals)})}`;
}

function lastStep(pieces: Pieces): string {
  const held = pieces.occurrences.findLast(
    occurrence => occurrence.step !== undefined && occurrence.verdict === 'held',
  );
  const steps = pieces.occurrences.some(occurrence => occurrence.step !== undefined);
  if (!steps) return '';
  return held === undefined ? ' No step held.' : ` The last step that held: ${held.label}.`;
}

/** A metric that changed under the fault and did not come back: proven to have changed, not by what. */
function stillAway(facts: Facts, pieces: Pieces): string | undefined {
  if (pieces.recovery.state !== 'not-recovered') return undefined;
  const confounded = pieces.metrics.flatMap(metric => {
    const on = metric.intervals.find(interval => interval.kind === 'on' && isConfounded(decidedBy(interval)));
    const spec = facts.experiment.steadyState.find(({name}) => name === metric.name);
    return on === undefined || spec === undefined ? [] : [{spec, on}];
  });
  const [first] = confounded;
  return (
    first &&
    `${first.spec.name} ${tell(first.spec, first.on, {facts, before: null})}, and had not come back by the end of the recovery.`
  );
}

function deviated(facts: Facts, pieces: Pieces, {deviations}: Conclusion): string {
  const broken = pieces.metrics.filter(deviatedDuring);
  const [first] = broken;
  const told = first === undefined ? undefined : aboutMetric(facts, first);
  const others = broken.length > 1 ? ` (${count(broken.length - 1, 'other metric')} deviated too)` : '';
  if (told !== undefined) return `${told}${recoveryClause(facts, pieces)}${others}.${lastStep(pieces)}`;
  const away = stillAway(facts, pieces);
  if (away !== undefined) return away;
  return `${capital(deviations[0] ?? 'the hypothesis did not hold')}.`;
}

function putBack({occurrences}: Facts): string {
  const replaced = occurrences.some(({settled}) => settled.some(answer => answer.outcome === 'superseded'));
  return replaced
    ? 'What someone else changed meanwhile was left in place; all else is put back.'
    : 'Everything is put back.';
}

function held(facts: Facts, pieces: Pieces): string {
  const judged = pieces.metrics.filter(metric => metric.verdict === 'held');
  const [first] = judged;
  const told = first === undefined ? undefined : aboutMetric(facts, first);
  const inside = judged.every(({tolerance}) => tolerance !== null)
    ? 'inside their tolerances'
    : 'within what is allowed';
  const more =
    judged.length > 1 ? ` ${judged.length === 2 ? 'Both' : `All ${judged.length}`} metrics stayed ${inside}.` : '';
  return `${told ?? 'every metric came back to what is allowed'}${recoveryClause(facts, pieces)}. ${putBack(facts)}${more}${lastStep(pieces)}`;
}

/** What the end of the run means when it did not simply come to its end. */
function ending(facts: Facts): string | undefined {
  const {end} = facts;
  const injected = injectedOf(facts);
  const after = injected.length === 0 ? 'nothing was injected' : `${list(injected.map(faultClause))}; it was undone`;
  switch (end.kind) {
    case 'done':
      return undefined;
    case 'not-steady':
      return `NOT STEADY: nothing was injected. ${capital(end.detail)}.`;
    case 'locked':
      return `LOCKED: nothing was injected. ${capital(end.detail)}.`;
    case 'refused':
      return `REFUSED: nothing was injected. ${capital(end.detail)}.`;
    case 'guard':
      return `STOPPED BY A GUARD: ${end.detail}; ${after}.`;
    case 'stopped':
    case 'deadline':
      return `STOPPED: ${end.detail}; ${after}.`;
    case 'signal':
      return `INTERRUPTED: ${end.detail}; ${after}.`;
    case 'not-injected':
      return `INCONCLUSIVE: the fault did not come into force and was rolled back. ${capital(end.detail)}.`;
    case 'bug':
      return facts.takeovers.length > 0
        ? `CUT SHORT: ${end.detail}. What was seen until then decides nothing.`
        : `FIREDRILL FAILED: ${end.detail}.`;
  }
}

/** The verdict in one plain sentence with figures: the terminal's last line and the top of the report. */
export function headlineOf(facts: Facts, pieces: Pieces, conclusion: Conclusion): string {
  const broken = brokenWords(facts);
  // What is left over without a debt is nothing that `recover` knows how to put back.
  const next = facts.owed.length > 0 ? `Run: firedrill recover ${facts.evidence.run}` : 'Put it back by hand.';
  if (broken.length > 0) return `STILL BROKEN: ${list(broken)}. ${next}`;
  const early = ending(facts);
  if (early !== undefined) return early;
  const pinned = facts.experiment.expect.verdict === 'deviated';
  if (conclusion.verdict === 'deviated') {
    const said = deviated(facts, pieces, conclusion);
    return pinned ? `DEVIATED, as the file expects (a pinned known weakness): ${said}` : `DEVIATED: ${said}`;
  }
  if (conclusion.verdict === 'held') {
    const said = held(facts, pieces);
    return pinned
      ? `HELD, but the file pins a known weakness that did not show; remove the pin if it is gone: ${said}`
      : `HELD: ${said}`;
  }
  const [first, ...others] = conclusion.doubts;
  const more = others.length === 0 ? '' : ` (and ${count(others.length, 'more reason')})`;
  return `INCONCLUSIVE: ${first ?? 'nothing was judged'}${more}.`;
}
