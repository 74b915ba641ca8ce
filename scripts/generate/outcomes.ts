import {PROBLEM_CODES} from '../../src/experiment/problem.js';
import {ERRORS} from '../../src/system/error.js';
import {EXIT_MEANINGS} from '../../src/system/exit-codes.js';
import {NOTE, page, table} from './markdown.js';

/** docs/errors.md */
export function errorsDoc(): string {
  return page([
    '# Errors',
    NOTE,
    'Every expected failure has a code, in the message and in the `--json` output. What has no code here is a bug and ends with exit code 1.',
    table(
      ['code', 'exit code', 'meaning'],
      Object.entries(ERRORS).map(([name, {exit, meaning}]) => [`\`${name}\``, String(exit), meaning]),
    ),
    '## Problems of a file',
    'An experiment or policy file is checked as a whole: every problem is shown with its line, and each has one of these codes.',
    table(
      ['code', 'meaning'],
      Object.entries(PROBLEM_CODES).map(([name, meaning]) => [`\`${name}\``, meaning]),
    ),
  ]);
}

/** docs/exit-codes.md */
export function exitCodesDoc(): string {
  const rows = Object.entries(EXIT_MEANINGS).map(([exit, meaning]) => [exit, meaning]);
  return page([
    '# Exit codes',
    NOTE,
    table(['code', 'meaning'], [...rows, ['128+n', 'interrupted by signal n; undone']]),
    'Where several apply, and for several experiments together, the first of these counts: 6, 1, 128+n, 4, 7, 5, 8, 3, 2, 0.',
  ]);
}
