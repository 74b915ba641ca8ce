import type {ChalkInstance} from 'chalk';
import {formatPath, type Problem} from '../experiment/problem.js';

const MAX_LINE = 160;

/** What is wrong with a file: each problem with its place, the line, a `^` under it, and what to do. */
export function problemLines(problems: readonly Problem[], style: ChalkInstance): string[] {
  return problems.flatMap(problem => [...oneProblem(problem, style), '']).slice(0, -1);
}

/** `3 problems in checkout.yaml` */
export function problemSummary(problems: readonly Problem[]): string {
  const files = [...new Set(problems.map(problem => problem.file))];
  return `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in ${files.join(', ')}`;
}

function oneProblem(problem: Problem, style: ChalkInstance): string[] {
  const {file, line, column, message, code, hint} = problem;
  const place = style.bold(`${file}:${line}:${column}`);
  const first = `${place} ${style.red(message)} ${style.dim(`[${code}]`)}`;
  const help = hint === undefined ? [] : [`  ${style.cyan('hint:')} ${hint}`];
  return [first, ...excerpt(problem, style), ...help];
}

/** The line with the carets under what is wrong; a long line is cut around them. */
function excerpt({line, column, length, sourceLine}: Problem, style: ChalkInstance): string[] {
  if (sourceLine.trim() === '') return [];
  const start = column > MAX_LINE - 40 ? column - 41 : 0;
  const text = sourceLine.slice(start, start + MAX_LINE);
  const before = ' '.repeat(column - 1 - start);
  const carets = '^'.repeat(Math.max(1, Math.min(length, text.length - (column - 1 - start))));
  const number = `${line}`.padStart(5);
  const bar = style.dim('|');
  return [`${style.dim(number)} ${bar} ${text}`, `${' '.repeat(number.length)} ${bar} ${before}${style.red(carets)}`];
}

/** A problem as `--json` prints it. */
export interface ProblemJson extends Omit<Problem, 'path'> {
  /** `faults[0].for` */
  readonly path: string;
}

export function problemsJson(problems: readonly Problem[]): readonly ProblemJson[] {
  return problems.map(problem => ({...problem, path: formatPath(problem.path)}));
}
