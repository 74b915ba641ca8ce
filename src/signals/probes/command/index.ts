import {runCommand, type Command, type EndedCommand} from '../../../system/commands.js';
import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {codeOf} from '../../network/failure.js';
import {noValue, type Reason} from '../../missing.js';
import {matchedNumberReader, readJsonNumber, readNumber} from '../../number.js';
import {scrubber} from '../../scrub.js';
import {parameters, type Parameters} from './parameters.js';

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

function readerOf(read: Parameters['read']): (text: string) => Reading {
  if (read === 'number') return text => readNumber(text);
  return 'jsonPath' in read ? text => readJsonNumber(text, read.jsonPath) : matchedNumberReader(read.regex);
}

function readingOf(ended: EndedCommand, read: (text: string) => Reading): Reading {
  if (ended.tooMuch) return noValue('answer', 'the command printed more than 1MiB');
  if (ended.exitCode !== 0) {
    const how = ended.signal === null ? `exited with code ${ended.exitCode ?? '?'}` : `was killed by ${ended.signal}`;
    return noValue(reasonOf(ended), `the command ${how}${lastLine(ended.stderr)}`);
  }
  return read(ended.stdout);
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

function open(wanted: Parameters, {reveal, environment}: ProbeContext): OpenProbe {
  const {run, shell, cwd} = wanted;
  const read = readerOf(wanted.read);
  const scrub = scrubber([...run, ...Object.values(wanted.environment)], reveal);
  const [file = '', ...args] = run.map(reveal);
  const own = Object.fromEntries(Object.entries(wanted.environment).map(([name, value]) => [name, reveal(value)]));
  const command: Command = {
    ...(shell ? {file: '/bin/sh', args: ['-c', file]} : {file, args}),
    cwd,
    environment: {...environment, ...own},
  };
  return {
    asks: 'target',
    read: async signal => {
      try {
        const {stdout, stderr, ...ended} = await runCommand(command, signal);
        return [readingOf({...ended, stdout: scrub(stdout), stderr: scrub(stderr)}, read)];
      } catch (error) {
        signal.throwIfAborted();
        return [noValue('unstarted', whyNotStarted(error, shell ? '/bin/sh' : (run[0] ?? '')))];
      }
    },
    close: () => Promise.resolve(),
  };
}

export const source: ProbeSource = {
  name: 'command',
  summary: 'A number from what a command prints.',
  parameters,
  opens: {anew: 'a process', kept: 'nothing'},
  open: (given, context) => Promise.resolve().then(() => open(given as Parameters, context)),
};
