import type {Result} from '../../verdict/result.js';
import {LOG_COLUMNS, logRows, logSentences} from '../logs.js';
import {folded, list, number, plain, table} from './elements.js';

/** The logs that were followed. Empty without any. */
export function logsSection(result: Result): string {
  const sentences = logSentences(result);
  if (sentences.length === 0) return '';
  const rows = logRows(result).map(({log, lines, first, template, example}) => [
    plain(log),
    number(lines),
    ...[first, template, example].map(plain),
  ]);
  const [log, lines, ...others] = LOG_COLUMNS;
  const patterns = rows.length === 0 ? '' : table([log, {number: lines}, ...others], rows, 'New patterns of lines');
  return folded('logs', 'Logs', list(sentences, '') + patterns);
}
