import {FiredrillError} from '../../system/error.js';
import type {CsvTable} from './csv.js';
import {placeholdersIn} from './placeholder.js';
import {idOf, textsOf, urlsOf} from './request-text.js';
import {requestsOf, type CsvSpec, type LoadSpec} from './spec.js';

/** Every text of a load in which a secret is revealed and a placeholder filled. */
export function requestTexts(load: LoadSpec): readonly string[] {
  return requestsOf(load).flatMap(request => {
    const id = idOf(request);
    const sent = id !== undefined && 'sent' in id ? [id.sent] : [];
    return [...urlsOf(request), ...textsOf(request).map(({text}) => text), ...sent];
  });
}

/**
 * The columns of a CSV that these texts need.
 * @throws FiredrillError PLAN_CHANGED when the file is no longer what it was when the experiment was read.
 */
export async function tableOf({path, file, sha256}: CsvSpec, texts: readonly string[]): Promise<CsvTable> {
  const {readCsv} = await import('./csv.js');
  const table = await readCsv(path);
  if ('why' in table || table.sha256 !== sha256) {
    const cause = 'why' in table ? new Error(table.why) : undefined;
    throw new FiredrillError('PLAN_CHANGED', `Expected \`${file}\` as it was when the experiment was read.`, {cause});
  }
  const named = texts.flatMap(text => placeholdersIn(text)).flatMap(one => (one.kind === 'csv' ? one.column : []));
  const columns = [...new Set(named)];
  const places = columns.map(column => table.columns.indexOf(column));
  return {columns, rows: table.rows.map(row => places.map(at => row[at] ?? ''))};
}
