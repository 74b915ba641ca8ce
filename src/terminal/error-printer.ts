import {FiredrillError, describeError} from '../system/error.js';
import {EXIT, type ExitCode} from '../system/exit-codes.js';
import type {Output} from './output.js';
import {unstyled} from './style.js';
import {wrap} from './text.js';

/** The `--json` face of an error. */
export interface ErrorJson {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly exit: ExitCode;
    readonly cause?: string;
  };
}

function causeOf(error: Error): string | undefined {
  if (error.cause === undefined) return undefined;
  const text = describeError(error.cause);
  return text === '' || error.message.includes(text) ? undefined : text;
}

/** An error as data: expected ones with their code, anything else as a bug. */
export function errorJson(error: unknown): ErrorJson {
  if (error instanceof FiredrillError) {
    const cause = causeOf(error);
    return {
      error: {
        code: error.code,
        // A list of problems is styled for people.
        message: unstyled(error.message),
        ...(error.hint === undefined ? {} : {hint: error.hint}),
        exit: error.exitCode,
        ...(cause === undefined ? {} : {cause}),
      },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {error: {code: 'BUG', message, exit: EXIT.bug}};
}

function printExpected(error: FiredrillError, output: Output): void {
  const {style} = output;
  const width = Math.min(output.columns, 120);
  const [first = '', ...rest] = error.message.split('\n');
  // Indented, so that a line that came from outside is not taken for one of ours.
  const lines = [`${style.red.bold('error')} ${first}`, ...rest.map(line => (line === '' ? '' : `  ${line}`))];
  const cause = causeOf(error);
  if (cause !== undefined) lines.push(...wrap(`because: ${cause}`, width, '  '));
  if (error.hint !== undefined) lines.push(...error.hint.split('\n').map(line => `  ${style.cyan('hint:')} ${line}`));
  lines.push(style.dim(`  ${error.code}, exit code ${error.exitCode}`));
  output.lines(lines);
}

function printBug(error: unknown, output: Output, about: string): void {
  const {style} = output;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  output.lines([
    `${style.red.bold('firedrill failed')}: this is a bug, not something you did.`,
    ...stack.split('\n'),
    `Please report the lines above with the experiment file, the run folder if there is one, and: ${about}`,
  ]);
}

/** Prints any error, once, and returns the exit code it stands for. `about` says which version ran where. */
export function printError(error: unknown, output: Output, about: string): ExitCode {
  if (error instanceof FiredrillError) {
    printExpected(error, output);
    return error.exitCode;
  }
  printBug(error, output, about);
  return EXIT.bug;
}
