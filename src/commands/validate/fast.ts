import type {ExitCode} from '../../system/exit-codes.js';
import {outputTo} from '../../terminal/output.js';
import {validateFiles} from './action.js';

/**
 * `validate FILE... [--json]` without loading oclif, because editors and hooks call it all the time. Anything else
 * (other flags, help, a slip of the pen) answers undefined: then the full command line takes it.
 */
export async function validateFast(args: readonly string[]): Promise<ExitCode | undefined> {
  const files = args.filter(arg => arg !== '--json');
  if (files.length === 0 || files.some(file => file.startsWith('-'))) return undefined;
  return validateFiles({
    files,
    variables: {},
    includeFrom: undefined,
    goOnMs: undefined,
    json: args.includes('--json'),
    environment: process.env,
    out: outputTo(process.stdout, process.env),
    err: outputTo(process.stderr, process.env),
  });
}
