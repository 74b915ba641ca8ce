import type {Result} from '../verdict/result.js';
import {say} from '../verdict/time.js';

/** The forms of lines that only came after something was injected, one row each. */
export interface LogRow {
  readonly log: string;
  readonly lines: string;
  readonly first: string;
  readonly template: string;
  readonly example: string;
}

export const LOG_COLUMNS = ['Log', 'Lines', 'First seen', 'Pattern', 'For example'] as const;

export function logRows({logs = []}: Result): readonly LogRow[] {
  return logs.flatMap(({name, told}) =>
    told.map(({error, lines, first, template, example}) => ({
      log: error ? `${name}: error` : name,
      lines: lines === null ? 'not known' : String(lines),
      first: `${say(first)} after the start of the run`,
      template,
      example,
    })),
  );
}

/** What each log brought, and what it cannot say. */
export function logSentences({logs = []}: Result): readonly string[] {
  return logs.flatMap(({name, place, lines, errors, patterns, newPatterns, notes}) => [
    lines === null
      ? `${name} (${place}): how much it brought is not on record.`
      : `${name} (${place}): ${lines} lines, ${errors ?? 'an unknown number of'} errors, ${patterns} patterns, ${newPatterns} of them new since the first injection.`,
    ...notes.map(note => `${name}: ${note}`),
  ]);
}
