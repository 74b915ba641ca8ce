import {resolve} from 'node:path';
import {parseDuration} from '../quantities/duration.js';
import {FiredrillError} from '../system/error.js';
import type {ListedRun} from './summary.js';

/** Which runs are asked for; all of it has to fit. */
export interface RunFilter {
  /** Verdicts, or the words for how a run ended without one (`not-steady`); `none`: without any verdict. */
  readonly verdicts?: readonly string[] | undefined;
  /** A part of the title, or the experiment file. */
  readonly experiment?: string | undefined;
  /** UTC, ms. */
  readonly sinceMs?: number | undefined;
  /** A part of the name of a target. */
  readonly target?: string | undefined;
  /** So many, the newest. */
  readonly limit?: number | undefined;
}

const contains = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());

/** Whether a run is one of this experiment: its title has these words, or it is this file. */
export function isOf({title, file}: Pick<ListedRun, 'title' | 'file'>, experiment: string): boolean {
  if (title !== undefined && contains(title, experiment)) return true;
  return file !== undefined && (resolve(file) === resolve(experiment) || file.endsWith(`/${experiment}`));
}

/** The word for how a run went: its verdict, else how it ended. */
export function wordOf({summary}: Pick<ListedRun, 'summary'>): string {
  return summary === undefined ? 'no result' : (summary.verdict ?? summary.end);
}

function fits(run: ListedRun, {verdicts, experiment, sinceMs, target}: RunFilter): boolean {
  const verdict = run.summary?.verdict ?? 'none';
  if (verdicts !== undefined && !verdicts.includes(verdict) && !verdicts.includes(wordOf(run))) return false;
  if (experiment !== undefined && !isOf(run, experiment)) return false;
  // A run whose beginning nobody can read is not known to be older.
  if (sinceMs !== undefined && run.startedAt !== undefined && Date.parse(run.startedAt) < sinceMs) return false;
  return target === undefined || run.targets.some(name => contains(name, target));
}

/** The runs that fit, in their order. */
export function filtered(runs: readonly ListedRun[], filter: RunFilter): readonly ListedRun[] {
  const fitting = runs.filter(run => fits(run, filter));
  return filter.limit === undefined ? fitting : fitting.slice(-filter.limit);
}

const DAY = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?$/;

/**
 * UTC in ms, from a time span before `nowMs` (`7d`, `12h`) or a day or time in UTC (`2026-01-31`).
 * @throws FiredrillError BAD_USAGE
 */
export function parseSince(text: string, nowMs: number): number {
  const span = parseDuration(text);
  if (span !== undefined) return nowMs - span;
  const at = DAY.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(at)) return at;
  throw new FiredrillError('BAD_USAGE', `Expected a time span or a day for \`--since\`; got \`${text}\`.`, {
    hint: 'For example `--since 7d`, `--since 12h` or `--since 2026-01-31` (UTC).',
  });
}
