import {tooMany, type ListEntries} from '../../writes/listing.js';
import {MOST_IDS} from '../../writes/spec.js';
import type {ListParameters} from './parameters.js';
import {commandRunner} from './run.js';

const MOST = {bytes: 128 * 1024 * 1024, words: '128MiB'};

/** Each line that the command prints and that is not empty. */
export const list: ListEntries = async (given, context, signal) => {
  // Normalised by the schema of the file.
  const answer = await commandRunner(given as unknown as ListParameters, context, MOST)(signal);
  if (!('printed' in answer)) return answer;
  const entries = answer.printed.split('\n').filter(line => line.trim() !== '');
  return entries.length > MOST_IDS ? tooMany() : {entries};
};
