import {alreadyBackSentence} from '../verdict/outside-windows/already-back.js';
import {sayAllowed} from '../verdict/deviation/words.js';
import {describeBounds} from '../verdict/judgement/tolerance.js';
import type {MetricResult, OccurrenceResult, Result, TimesResult} from '../verdict/result.js';
import {capital, quantity, targetNames, uncapital} from '../verdict/phrase.js';
import {shownValues} from '../verdict/shown.js';
import {say} from '../verdict/time.js';
import {recoveryWords} from '../verdict/times/words.js';
import {range, windowsSentence} from '../verdict/windows.js';
import {allowedWords, changeFigure, verdictWords} from './changes.js';
import {exerciseOf} from '../verdict/exercise.js';

/** What every report format tells in the same words; the formats differ only in how it looks. */

/** What colours the banner. */
export function tone({exit, verdict}: Result): 'good' | 'bad' | 'unsure' {
  if (exit === 6 || verdict === 'deviated') return exit === 0 ? 'good' : 'bad';
  return verdict === 'held' && exit === 0 ? 'good' : 'unsure';
}

/** `2026-03-01 09:00:00 UTC`. */
export function utc(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** `09:00:10.200`, for rows of a table whose head says UTC. */
export function utcTime(iso: string): string {
  return iso.slice(11, 23);
}

/** A value of a metric, or a dash. */
export function figure(value: number | null | undefined, metric: Pick<MetricResult, 'unit'>): string {
  return value === null || value === undefined ? '–' : quantity(value, metric.unit);
}

export interface ScoreRow {
  readonly name: string;
  readonly before: string;
  readonly during: string;
  readonly range: string;
  readonly after: string;
  /** Against the baseline. */
  readonly change: string;
  readonly allowed: string;
  readonly verdict: string;
}

/** One row a metric: before, during, after, how it changed, what is allowed, and the verdict. */
export function scorecard(result: Result): readonly ScoreRow[] {
  return result.metrics.map(metric => {
    const {before, during, after, range, settling} = shownValues(metric);
    return {
      name: metric.name,
      before: figure(before, metric),
      during: `${figure(during, metric)}${settling === null ? '' : ` (${figure(settling, metric)} while settling)`}`,
      range: range === null ? '–' : range.map(value => figure(value, metric)).join(' to '),
      after: figure(after, metric),
      change: changeFigure(metric),
      allowed: allowedWords(metric),
      verdict: verdictWords(metric),
    };
  });
}

/** The fault and, where it says more, its step: `pause`, `network-latency delay 200ms`. */
function kindOf({kind, label, fault}: OccurrenceResult): string {
  return label === '' || label === fault ? kind : `${kind} ${label}`;
}

/** Who was hit by what, when, and how it ended. */
export function triggerSentence(occurrence: OccurrenceResult): string {
  const {fault, targets, confirmedAt, undoneAt, undoRequestedAt, skewSeconds} = occurrence;
  const name = `${fault} (${kindOf(occurrence)})`;
  const on = targets.length === 0 ? '' : ` on ${targetNames(targets)}`;
  if (confirmedAt === null) return `${name}${on}: ${occurrence.note}`;
  const until = undoRequestedAt === null ? '' : `, undo requested at ${undoRequestedAt.toFixed(1)} s`;
  const undone =
    undoneAt === null ? '' : `${undoRequestedAt === null ? ', undo' : ' and'} verified at ${undoneAt.toFixed(1)} s`;
  const skew =
    skewSeconds !== null && skewSeconds > 0 ? ` (${say(skewSeconds)} between the first and the last target)` : '';
  const measured = windowsSentence(occurrence);
  return `${name}${on}: in force from ${confirmedAt.toFixed(1)} s${skew}${until}${undone}. ${occurrence.note}${measured === undefined ? '' : ` Measured: ${measured}`}`;
}

export interface WindowRow {
  readonly fault: string;
  readonly target: string;
  readonly from: string;
  readonly to: string;
  readonly lasted: string;
  readonly ended: string;
  readonly exercised: string;
}

const ENDED = {
  undone: 'undone',
  lost: 'lost',
  owed: 'not verified to have ended',
  over: 'its time was over; nothing undoes it',
} as const;

/** One row for each time that a target had a fault. */
export function windowRows(result: Result): readonly WindowRow[] {
  const at = ([from, to]: readonly [number, number]) =>
    to - from < 0.05 ? `${to.toFixed(1)} s` : `${from.toFixed(1)} to ${to.toFixed(1)} s`;
  return result.occurrences.flatMap(occurrence =>
    occurrence.windows.map(({target, from, to, seconds, ended, exercised}) => ({
      fault: occurrence.id,
      target,
      from: at(from),
      to: to === null ? '–' : at(to),
      lasted: seconds === null ? '–' : range(seconds),
      ended: ENDED[ended],
      exercised: exercised === null ? '–' : exerciseOf(occurrence.kind, exercised),
    })),
  );
}

/** The recovery in one sentence. */
export function recoverySentence({recovery, occurrences, times}: Result): string {
  const {state, tookSeconds, withinSeconds, already} = recovery;
  const platform = occurrences.some(occurrence => occurrence.heal === 'platform' && occurrence.confirmedAt !== null);
  const cause = platform ? 'the fault' : 'the undo';
  switch (state) {
    case 'recovered':
      if (already !== undefined) return alreadyBackSentence(already);
      return tookSeconds === null
        ? 'The steady state came back.'
        : `The steady state was back ${say(tookSeconds[0])} to ${say(tookSeconds[1])} after ${cause}; ${say(withinSeconds)} are allowed.`;
    case 'not-recovered':
      return `The steady state had not come back by the end of the recovery; ${say(withinSeconds)} are allowed.${awaySentence(times, cause)}`;
    case 'unknown':
      return `It is not known whether the steady state came back.${awaySentence(times, cause)}`;
    case 'not-watched':
      return 'The recovery was not watched.';
  }
}

/**
 * What was proven to be away from its baseline for how long at least, with a space before it; empty where nothing was.
 */
function awaySentence({metrics}: TimesResult, cause: string): string {
  const told = metrics.flatMap(({metric, recovered}) =>
    recovered === null || recovered.atMost !== null || recovered.atLeast === 0
      ? []
      : [`${metric} for ${recoveryWords(recovered)}`],
  );
  return told.length === 0 ? '' : ` Away from its baseline after ${cause}: ${told.join(', ')}.`;
}

/** What was injected where; the number of a block or a repeat says nothing about it. */
function faultOnTargets(occurrence: OccurrenceResult): string {
  const what = occurrence.step === undefined ? occurrence.kind : kindOf(occurrence);
  return `${what} on ${targetNames(occurrence.targets)}`;
}

/** Each text once, with how often it is there: repeats and blocks inject the same again and again. */
function alike(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].map(text => {
    const times = texts.filter(other => other === text).length;
    return times === 1 ? text : `${text} (${times} times)`;
  });
}

/** Three sentences: what was injected, what it did, how it ended. */
export function summary(result: Result): readonly string[] {
  const injected = result.occurrences.filter(occurrence => occurrence.confirmedAt !== null);
  const what =
    injected.length === 0
      ? 'Nothing was injected.'
      : `${injected.length === 1 ? 'One fault was' : `${injected.length} faults were`} injected on purpose: ${alike(injected.map(faultOnTargets)).join('; ')}.`;
  const owed =
    result.owed.length > 0
      ? `Not everything is put back: run firedrill recover ${result.run}.`
      : result.exit === 6
        ? 'Something of the run was left behind: see the findings.'
        : (result.putBack ?? '');
  return [what, ...(injected.length === 0 ? [] : [result.impact[0] ?? '', recoverySentence(result)]), owed].filter(
    text => text !== '',
  );
}

/** The hypothesis of the file, or the one that its tolerances and allowed changes say. */
export function hypothesisOf(result: Result): string {
  if (result.hypothesis !== null) return result.hypothesis;
  const judged = result.metrics.filter(({judged}) => judged.includes('fault'));
  const parts = judged.flatMap(metric => {
    if (metric.tolerance !== null) return [`${metric.name} stays ${describeBounds(metric.tolerance, metric.unit)}`];
    return metric.deviation === undefined
      ? []
      : [`${metric.name} changes by no more than ${sayAllowed(metric.deviation, metric)} against its baseline`];
  });
  return parts.length === 0 ? 'The file states none.' : `${parts.join(', ')} while the faults are in force.`;
}

/** What happened instead of the hypothesis: one sentence a metric that did not hold, or that it held. */
export function surprises(result: Result): readonly string[] {
  const odd = result.metrics.filter(metric => metric.verdict === 'deviated' || metric.verdict === 'inconclusive');
  if (odd.length > 0) return odd.map(({name, explanation}) => `${name}: ${uncapital(explanation)}`);
  if (result.verdict === 'held') return ['It held.', ...result.metrics.flatMap(notDecidedSentence)];
  return result.reasons.map(reason => `${capital(reason)}.`);
}

/** What the verdict does not cover. */
function notDecidedSentence({name, notDecided}: MetricResult): readonly string[] {
  return notDecided === undefined ? [] : [`${name} was not decided, because ${notDecided}.`];
}

/** A list of what went well or wrong, and what is said where it is empty. */
interface Lesson {
  readonly title: string;
  readonly items: readonly string[];
  readonly otherwise: string;
}

/** What the findings do not say already: what went wrong has an article each. */
export function lessonsOf({lessons: {well, wrong, lucky}, findings}: Result): readonly Lesson[] {
  const told = new Set(findings.map(({what}) => what));
  const lesson = (title: string, all: readonly string[], none: string): Lesson => {
    const items = all.filter(what => !told.has(what));
    return {title, items, otherwise: all.length > items.length ? 'Told by the findings.' : none};
  };
  return [
    lesson('Went well', well, 'Nothing to report.'),
    lesson('Went wrong', wrong, 'Nothing to report.'),
    lesson('Where we got lucky', lucky, 'Nothing that was noticed.'),
  ];
}
