import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {codeOf} from '../../load/outcome.js';
import {readJsonNumber, readMatchedNumber, readNumber} from '../../number.js';
import {parameters, unitOf, worseOf, type Parameters} from './parameters.js';
import {runCommand, type Command, type Ended} from './run.js';

const SECRET = /\$\{secret:[^}]+\}/g;

/** The values of the secrets in these texts, so that what a command says about its failure can be freed of them. */
function secretsIn(texts: readonly string[], reveal: ProbeContext['reveal']): readonly string[] {
  return texts.flatMap(text => text.match(SECRET) ?? []).map(reference => reveal(reference));
}

function lastLine(text: string, secrets: readonly string[]): string {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const clean = secrets.reduce((out, secret) => (secret === '' ? out : out.replaceAll(secret, '***')), line);
  if (clean === '') return '';
  return `: ${clean.length > 120 ? `${clean.slice(0, 119)}…` : clean}`;
}

function readingOf(ended: Ended, read: Parameters['read'], secrets: readonly string[]): Reading {
  if (ended.tooMuch) return {value: null, why: 'the command printed more than 1MiB'};
  if (ended.exitCode !== 0) {
    const how = ended.signal === null ? `exited with code ${ended.exitCode ?? '?'}` : `was killed by ${ended.signal}`;
    return {value: null, why: `the command ${how}${lastLine(ended.stderr, secrets)}`};
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
  const secrets = secretsIn([...run, ...Object.values(wanted.environment)], reveal);
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
        return [readingOf(await runCommand(command, signal), read, secrets)];
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
  open: (given, context) => Promise.resolve(open(given as Parameters, context)),
};
