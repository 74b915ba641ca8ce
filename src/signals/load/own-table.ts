import {FiredrillError} from '../../system/error.js';
import type {CsvTable} from './csv.js';
import {placeholdersIn} from './placeholder.js';
import {scenariosOf, type CsvSpec, type HttpRequestSpec, type LoadSpec} from './spec.js';

/** Every text of a load in which a secret is revealed and a placeholder filled. */
export function requestTexts(spec: LoadSpec): readonly string[] {
  const steps = scenariosOf(spec).flatMap(({steps}) => steps);
  return steps.flatMap(step => ('http' in step ? textsOf(step.http) : []));
}

function textsOf({url, body = '', headers, id}: HttpRequestSpec): readonly string[] {
  return [url, body, ...Object.values(headers), ...(id !== undefined && 'sent' in id ? [id.sent] : [])];
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
