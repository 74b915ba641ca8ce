import type {ObjectiveSpec} from '../../experiment/experiment.js';
import {formatDuration, SECOND_US} from '../../quantities/duration.js';
import {formatShare} from '../../quantities/share.js';
import type {Facts} from '../facts.js';
import {affectedSpan} from '../impact.js';
import {baselineOf, injectedOf} from '../intervals.js';
import type {Span} from '../judgement/data.js';
import {totalOf, type CountBin} from '../../statistics/effects/counts.js';
import {BURN_ALERTS, budgetSpent, burnAlertAt, burnRate} from '../../statistics/index.js';
import {eventsIn} from '../judgement/track.js';
import type {BudgetResult} from '../result.js';
import {say} from '../time.js';

/**
 * As many bins as an alert looks back on, all like the mean of the baseline: what a server that knows the past would
 * have seen.
 */
function historyLike(baseline: readonly CountBin[], length: number): readonly CountBin[] {
  const {events, trials} = totalOf(baseline);
  const mean = {events: events / baseline.length, trials: trials / baseline.length};
  return new Array<CountBin>(length).fill(mean);
}

interface CountWindows {
  readonly baseline: readonly CountBin[];
  readonly affected: readonly CountBin[];
  readonly binSeconds: number;
}

/** Alerts over a longer time than this are tickets: nobody is woken for them. */
const PAGE_SECONDS = 6 * 3600;

function alertsOf(
  {target, windowMs}: ObjectiveSpec,
  {baseline, affected, binSeconds}: CountWindows,
): BudgetResult['alerts'] {
  const objective = {target, periodSeconds: windowMs / 1000};
  // An alert that looks back over more than the whole period is no alert about it.
  return BURN_ALERTS.filter(({longSeconds}) => longSeconds <= objective.periodSeconds).map(alert => {
    const length = baseline.length === 0 ? 0 : Math.round(alert.longSeconds / binSeconds);
    const bins = [...historyLike(baseline, length), ...affected];
    // Looked for from the last bin of the history on: an alert that fires there was firing before.
    const fired = burnAlertAt(bins, alert, {objective, binSeconds, from: Math.max(0, length - 1)});
    return {
      ...alert,
      kind: alert.longSeconds <= PAGE_SECONDS ? ('page' as const) : ('ticket' as const),
      firedAfterSeconds: fired === null ? null : (fired + 1 - length) * binSeconds,
    };
  });
}

const DAY_MS = 86_400_000;

/** `30d`, `12h`. */
function periodWords(ms: number): string {
  return ms % DAY_MS === 0 ? `${ms / DAY_MS}d` : formatDuration(ms);
}

/** A time for people that nobody needs to the second: `44m`, `3h45m`, `12d`. */
function roughly(seconds: number): string {
  const step = seconds < 3600 ? 60 : seconds < 48 * 3600 ? 300 : DAY_MS / 1000;
  return seconds < 600 ? say(seconds) : periodWords(Math.round(seconds / step) * step * 1000);
}

/** `1h/5m`. */
function alertName({longSeconds, shortSeconds}: BudgetResult['alerts'][number]): string {
  return `${formatDuration(longSeconds * 1000)}/${formatDuration(shortSeconds * 1000)}`;
}

function alertClause(alerts: BudgetResult['alerts']): string {
  const fired = alerts.flatMap(({firedAfterSeconds, ...alert}) =>
    firedAfterSeconds === null ? [] : [{alert: {...alert, firedAfterSeconds}, firedAfterSeconds}],
  );
  const [first] = fired.sort((a, b) => a.firedAfterSeconds - b.firedAfterSeconds);
  if (first === undefined) return 'no burn-rate alert would have fired';
  const name = `the ${alertName(first.alert)} ${first.alert.kind}`;
  return first.firedAfterSeconds <= 0
    ? `${name} was firing before the injection`
    : `${name} would have fired ${say(first.firedAfterSeconds)} after the injection`;
}

/** `This run burnt 0.7% of the 30d budget; at the rate of the fault it would be used up in 4h`. */
export function spentWords({windowSeconds, spent, usedUpInSeconds}: Omit<BudgetResult, 'text'>): string {
  const budget = `the ${periodWords(windowSeconds * 1000)} budget`;
  const share = spent === 0 ? `none of ${budget}` : `${formatShare(Number(spent.toPrecision(2)))} of ${budget}`;
  const rate =
    usedUpInSeconds === null ? '' : `; at the rate of the fault it would be used up in ${roughly(usedUpInSeconds)}`;
  return `This run burnt ${share}${rate}`;
}

/**
 * What the run cost the error budget of the file's objective (The Site Reliability Workbook 2018, chapter 5): the share
 * that is gone, the burn rate while the faults were in force, and which burn-rate alerts would have fired. Null without
 * an objective, or where its metric does not count requests.
 */
export function budgetOf(facts: Facts): BudgetResult | null {
  const {objective, steadyState} = facts.experiment;
  const metric = steadyState.find(({name}) => name === objective?.metric);
  const span = affectedSpan(facts);
  if (objective === undefined || metric === undefined || span === undefined) return null;
  // A second belongs to the span in which it ends.
  const eventsOf = ({fromUs, toUs}: Span) => eventsIn(metric, facts.evidence, {fromUs: fromUs - SECOND_US + 1, toUs});
  const events = eventsOf(span);
  const promised = {target: objective.target, periodSeconds: objective.windowMs / 1000};
  const binSeconds = (events?.binUs ?? SECOND_US) / SECOND_US;
  const affected = events?.bins ?? [];
  const spent = budgetSpent(affected, promised, binSeconds);
  if (spent === null) return null;
  const binsOf = (window: Span) => eventsOf(window)?.bins ?? [];
  const during = injectedOf(facts).flatMap(({segments}) => segments.flatMap(binsOf));
  const rate = burnRate(during, promised);
  const before = baselineOf(facts);
  const baseline = before === undefined ? [] : binsOf(before);
  const result = {
    metric: objective.metric,
    target: objective.target,
    windowSeconds: promised.periodSeconds,
    spent,
    burnRate: rate,
    usedUpInSeconds: rate === null || rate === 0 ? null : promised.periodSeconds / rate,
    alerts: alertsOf(objective, {baseline, affected, binSeconds}),
  };
  return {...result, text: `${spentWords(result)}; ${alertClause(result.alerts)}.`};
}
