import {execFile} from 'node:child_process';

/** No change of rules takes longer, ms. */
const LIMIT_MS = 10_000;

/**
 * Runs a program with this input and answers its output. Rejects with its own words when it ends with another code than
 * 0.
 */
export function runProgram(program: string, given: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...given], {timeout: LIMIT_MS, maxBuffer: 4 << 20}, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`\`${program}\`: ${stderr.trim() || error.message}`));
    });
    // One that ended without reading says so by its code.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
