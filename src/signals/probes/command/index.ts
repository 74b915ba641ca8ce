import type {OpenProbe, ProbeContext, ProbeSource, Reading} from '../../contract.js';
import {matchedNumberReader, readJsonNumber, readNumber} from '../../number.js';
import {parameters, type Parameters} from './parameters.js';
import {commandRunner} from './run.js';

const MOST = {bytes: 1024 * 1024, words: '1MiB'};

function readerOf(read: Parameters['read']): (text: string) => Reading {
  if (read === 'number') return text => readNumber(text);
  return 'jsonPath' in read ? text => readJsonNumber(text, read.jsonPath) : matchedNumberReader(read.regex);
}

function open(wanted: Parameters, context: ProbeContext): OpenProbe {
  const read = readerOf(wanted.read);
  const run = commandRunner(wanted, context, MOST);
  return {
    asks: 'target',
    read: async signal => {
      const answer = await run(signal);
      return ['printed' in answer ? read(answer.printed) : answer];
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
