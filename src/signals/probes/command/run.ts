import {runCommand, type Command, type EndedCommand} from '../../../system/commands.js';
import type {ProbeContext} from '../../contract.js';
import {noValue, type NoValue, type Reason} from '../../missing.js';
import {codeOf} from '../../network/failure.js';
import {scrubber} from '../../scrub.js';
import type {Parameters} from './parameters.js';

function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  if (line === '') return '';
  return `: ${line.length > 120 ? `${line.slice(0, 119)}…` : line}`;
}

/** By these codes shells and wrappers say that they could not start the command. */
const NOT_STARTED: readonly (number | null)[] = [126, 127];

function reasonOf({signal, exitCode}: EndedCommand): Reason {
  if (signal !== null) return 'killed';
  return NOT_STARTED.includes(exitCode) ? 'unstarted' : `exit-${exitCode ?? ''}`;
}

/** Why what it printed does not count; undefined where it does. */
function whyNot(ended: EndedCommand, most: string): NoValue | undefined {
  if (ended.tooMuch) return noValue('answer', `the command printed more than ${most}`);
  if (ended.exitCode === 0) return undefined;
  const how = ended.signal === null ? `exited with code ${ended.exitCode ?? '?'}` : `was killed by ${ended.signal}`;
  return noValue(reasonOf(ended), `the command ${how}${lastLine(ended.stderr)}`);
}

function whyNotStarted(error: unknown, file: string): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `command \`${file}\` not found (or its \`cwd\`)`;
    case 'EACCES':
      return `command \`${file}\` may not be executed`;
    default:
      return `the command could not be started (${codeOf(error)})`;
  }
}

/** Runs a command of the file. `most`: of what it may print. */
export function commandRunner(
  {run, shell, cwd, environment: own}: Pick<Parameters, 'run' | 'shell' | 'cwd' | 'environment'>,
  {reveal, environment}: Pick<ProbeContext, 'reveal' | 'environment'>,
  most: {readonly bytes: number; readonly words: string},
): (signal: AbortSignal) => Promise<{readonly printed: string} | NoValue> {
  const scrub = scrubber([...run, ...Object.values(own)], reveal);
  const [file = '', ...args] = run.map(reveal);
  const revealed = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, reveal(value)]));
  const command: Command = {
    ...(shell ? {file: '/bin/sh', args: ['-c', file]} : {file, args}),
    cwd,
    environment: {...environment, ...revealed},
    mostBytes: most.bytes,
  };
  return async signal => {
    try {
      const {stdout, stderr, ...ended} = await runCommand(command, signal);
      const printed = scrub(stdout);
      return whyNot({...ended, stdout: printed, stderr: scrub(stderr)}, most.words) ?? {printed};
    } catch (error) {
      signal.throwIfAborted();
      return noValue('unstarted', whyNotStarted(error, shell ? '/bin/sh' : (run[0] ?? '')));
    }
  };
}
