import {alreadyBackWords} from './outside-windows/already-back.js';
import {brokenWords, deviatedDuring, notDecidedWords, type Conclusion, type Pieces} from './conclusion.js';
import {isConfounded, tellDeviation} from './deviation/words.js';
import {baselineValue, decidedBy, tell, tellingInterval} from './explain.js';
import type {Facts} from './facts.js';
import {injectedOf, recoveryCause} from './intervals.js';
import {capital, count, faultClause, list, uncapital, withoutStop} from './phrase.js';
import {aftermath, putBackSentence} from './put-back.js';
import type {Banner, Finding, MetricResult} from './result.js';
import {say} from './time.js';

/** How it came back, to end a sentence with; empty when that is not known. */
function recoveryClause(facts: Facts, {recovery}: Pieces): string {
  const {state, tookSeconds, already} = recovery;
  if (state === 'not-recovered') return '; the steady state did not come back by the end of the recovery';
  if (state !== 'recovered' || tookSeconds === null) return '';
  if (already !== undefined) {
    const said = alreadyBackWords(already);
    return said === undefined ? '' : `; ${uncapital(said)}`;
  }
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

/** The metric under the fault whose finding is the most severe; of equal ones the first of the file. */
function worstOf(broken: readonly MetricResult[], findings: readonly Finding[]): MetricResult | undefined {
  const place = ({name}: MetricResult) => {
    const at = findings.findIndex(({code, metric}) => code === 'hypothesis-broken' && metric === name);
    return at === -1 ? findings.length : at;
  };
  return [...broken].sort((a, b) => place(a) - place(b))[0];
}

/** What matters most goes first: data lost and other checks, what did not come back, the worst metric. */
function deviated(
  facts: Facts,
  pieces: Pieces,
  {conclusion, findings}: {conclusion: Conclusion; findings: readonly Finding[]},
): string {
  const {deviations, foremost, recoveryFailed} = conclusion;
  const broken = pieces.metrics.filter(deviatedDuring);
  const worst = worstOf(broken, findings);
  const told = worst === undefined ? undefined : aboutMetric(facts, worst);
  const others = broken.length > 1 ? ` (${count(broken.length - 1, 'other metric')} deviated too)` : '';
  if (told !== undefined) {
    const back = recoveryFailed ? '' : recoveryClause(facts, pieces);
    return `${[...foremost, told].join('; ')}${back}${others}.${lastStep(pieces)}`;
  }
  const away = foremost.length <= 1 ? stillAway(facts, pieces) : undefined;
  if (away !== undefined) return away;
  return `${foremost.length > 0 ? foremost.join('; ') : (deviations[0] ?? 'the hypothesis did not hold')}.`;
}

/** What the verdict does not cover, as plainly as what it does. */
function notDecided(pieces: Pieces): string {
  const [first, ...others] = notDecidedWords(pieces);
  if (first === undefined) return '';
  const names = pieces.metrics.flatMap(({name, notDecided: why}) => (why === undefined ? [] : [name]));
  return others.length === 0
    ? ` ${capital(first)}.`
    : ` Not decided: ${list(names)} (the reasons are with each of them).`;
}

/** What is true of all metrics that held: none is said to have stayed where it was not, or where nobody asked. */
function othersHeld(metrics: readonly MetricResult[]): string {
  const judged = metrics.filter(({verdict}) => verdict === 'held');
  if (judged.length < 2) return '';
  const all = judged.length === 2 ? 'Both' : `All ${judged.length}`;
  const afterwards = judged.filter(metric => !wasJudgedDuring(metric)).map(({name}) => name);
  if (afterwards.length > 0) return ` ${all} metrics held; judged after the recovery only: ${list(afterwards)}.`;
  if (judged.some(hasOutside)) return ` ${all} metrics held.`;
  const inside = judged.every(({tolerance}) => tolerance !== null)
    ? 'inside their tolerances'
    : 'within what is allowed';
  return ` ${all} metrics stayed ${inside}.`;
}

function wasJudgedDuring({intervals, overall}: MetricResult): boolean {
  return overall?.decides === true || intervals.some(({kind, verdict}) => kind === 'on' && verdict !== null);
}

function hasOutside({intervals}: MetricResult): boolean {
  return intervals.some(({kind, outside, settling}) => kind === 'on' && (outside ?? settling) !== undefined);
}

function held(facts: Facts, pieces: Pieces): string {
  const {metrics} = pieces;
  const first = metrics.find(metric => metric.verdict === 'held' && wasJudgedDuring(metric));
  const told = first === undefined ? undefined : aboutMetric(facts, first);
  return `${told ?? 'every metric came back to what is allowed'}${recoveryClause(facts, pieces)}. ${putBackSentence(aftermath(facts))}${othersHeld(metrics)}${lastStep(pieces)}${notDecided(pieces)}`;
}

/** What the end of the run means when it did not simply come to its end. */
function ending(facts: Facts): Banner | undefined {
  const {end} = facts;
  const injected = injectedOf(facts);
  const after =
    injected.length === 0
      ? 'nothing was injected.'
      : `${list(injected.map(faultClause))}. ${putBackSentence(aftermath(facts))}`;
  const before = `nothing was injected. ${capital(end.detail)}.`;
  switch (end.kind) {
    case 'done':
      return undefined;
    case 'not-steady':
      return {label: 'NOT STEADY', text: before};
    case 'locked':
      return {label: 'LOCKED', text: before};
    case 'refused':
      return {label: 'REFUSED', text: before};
    case 'guard':
      return {label: 'STOPPED BY A GUARD', text: `${end.detail}; ${after}`};
    case 'stopped':
    case 'deadline':
      return {label: 'STOPPED', text: `${end.detail}; ${after}`};
    case 'signal':
      return {label: 'INTERRUPTED', text: `${end.detail}; ${after}`};
    case 'not-injected':
      return {
        label: 'INCONCLUSIVE',
        text: `the fault did not come into force and was rolled back. ${capital(withoutStop(end.detail))}.`,
      };
    case 'bug':
      return facts.takeovers.length > 0 || facts.ended === undefined
        ? {
            label: 'CUT SHORT',
            text: `${end.detail}. ${putBackSentence(aftermath(facts))} What was seen until then decides nothing.`,
          }
        : {label: 'FIREDRILL FAILED', text: `${end.detail}.`};
  }
}

/** Whether an alert did what it must not, which no pin expects. */
const isMissed = ({alerts}: Pieces) => alerts.some(({verdict}) => verdict === 'deviated');

/** The verdict of a run that came to its end. */
function concluded(
  facts: Facts,
  pieces: Pieces,
  {conclusion, findings}: {conclusion: Conclusion; findings: readonly Finding[]},
): Banner {
  const pinned = facts.experiment.expect.verdict === 'deviated';
  switch (conclusion.verdict) {
    case 'deviated': {
      const said = deviated(facts, pieces, {conclusion, findings});
      return {
        label: 'DEVIATED',
        text: pinned && !isMissed(pieces) ? `as the file expects (a pinned known weakness): ${said}` : said,
      };
    }
    case 'held': {
      const said = held(facts, pieces);
      const pin = 'but the file pins a known weakness that did not show; remove the pin if it is gone';
      return {label: 'HELD', text: pinned ? `${pin}: ${said}` : said};
    }
    default: {
      const [first, ...others] = conclusion.doubts;
      const more = others.length === 0 ? '' : ` (and ${count(others.length, 'more reason')})`;
      return {label: 'INCONCLUSIVE', text: `${first ?? 'nothing was judged'}${more}.`};
    }
  }
}

/** The verdict in one plain sentence with figures, and the word that goes before it. */
export function bannerOf(
  facts: Facts,
  pieces: Pieces,
  {conclusion, findings}: {conclusion: Conclusion; findings: readonly Finding[]},
): Banner {
  const broken = brokenWords(facts);
  // What is left over without a debt is nothing that `recover` knows how to put back.
  const next = facts.owed.length > 0 ? `Run: firedrill recover ${facts.evidence.run}` : 'Put it back by hand.';
  if (broken.length > 0) return {label: 'STILL BROKEN', text: `${list(broken)}. ${next}`};
  return ending(facts) ?? concluded(facts, pieces, {conclusion, findings});
}
