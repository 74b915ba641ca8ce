import type {Result} from '../../verdict/result.js';
import {LOG_COLUMNS, logRows, logSentences} from '../logs.js';
import {bullets, table} from './text.js';

/** The logs that were followed. Empty without any. */
export function logLines(result: Result): readonly string[] {
  const sentences = logSentences(result);
  if (sentences.length === 0) return [];
  const rows = logRows(result).map(({log, lines, first, template, example}) => [log, lines, first, template, example]);
  return ['## Logs', '', ...bullets(sentences, ''), ...table(LOG_COLUMNS, rows)];
}
