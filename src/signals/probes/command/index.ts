import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {codeOf} from '../../network/failure.js';
import {readJsonNumber, readMatchedNumber, readNumber} from '../../number.js';
import {scrubber} from '../../scrub.js';
import {parameters, unitOf, worseOf, type Parameters} from './parameters.js';
import {runCommand, type Command, type Ended} from './run.js';

function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  if (line === '') return '';
  return `: ${line.length > 120 ? `${line.slice(0, 119)}…` : line}`;
}

function readingOf(ended: Ended, read: Parameters['read']): Reading {
  if (ended.tooMuch) return {value: null, why: 'the command printed more than 1MiB'};
  if (ended.exitCode !== 0) {
    const how = ended.signal === null ? `exited with code ${ended.exitCode ?? '?'}` : `was killed by ${ended.signal}`;
    return {value: null, why: `the command ${how}${lastLine(ended.stderr)}`};
  }
  if (read === 'number') return readNumber(ended.stdout);
  return 'jsonPath' in read ? readJsonNumber(ended.stdout, read.jsonPath) : readMatchedNumber(ended.stdout, read.regex);
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
  const {run, shell, cwd, read} = wanted;
  const scrub = scrubber([...run, ...Object.values(wanted.environment)], reveal);
  const [file = '', ...args] = run.map(reveal);
  const own = Object.fromEntries(Object.entries(wanted.environment).map(([name, value]) => [name, reveal(value)]));
  const command: Command = {
    ...(shell ? {file: '/bin/sh', args: ['-c', file]} : {file, args}),
    cwd,
    environment: {...environment, ...own},
  };
  return {
    read: async signal => {
      try {
        const {stdout, stderr, ...ended} = await runCommand(command, signal);
        return [readingOf({...ended, stdout: scrub(stdout), stderr: scrub(stderr)}, read)];
      } catch (error) {
        signal.throwIfAborted();
        return [{value: null, why: whyNotStarted(error, shell ? '/bin/sh' : (run[0] ?? ''))}];
      }
    },
    close: () => Promise.resolve(),
  };
}

export const source: ProbeSource = {
  name: 'command',
  summary: 'A number from what a command prints.',
  parameters,
  unit: unitOf,
  worse: worseOf,
  open: (given, context) => Promise.resolve().then(() => open(given as Parameters, context)),
};
