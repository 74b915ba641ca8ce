import type {CsvSpec} from '../../signals/load/spec.js';
import type {DocumentPart} from '../checking/entry.js';
import {child} from './section.js';

/** What a file of rows is, as the caller found it. */
export type CsvLook =
  | {
      readonly path: string;
      readonly sha256: string;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | {readonly why: string; readonly hint?: string};

/** Looks into a file of rows that the file `by` names; undefined when nobody has looked yet. */
export type ReadCsvFile = (file: string, by: string) => CsvLook | undefined;

/** The file that a load names. */
export interface NamedCsv {
  /** As the experiment names it. */
  readonly file: string;
  readonly order: CsvSpec['order'];
  /** Undefined: nobody has looked into it. */
  readonly look: CsvLook | undefined;
}

/** Looks into the file of a load. */
export function readCsvFile(
  load: DocumentPart,
  {file, order}: Pick<NamedCsv, 'file' | 'order'>,
  read: ReadCsvFile | undefined,
): NamedCsv {
  const part = child(load, 'csv');
  const path = typeof part.value === 'string' ? part.path : [...part.path, 'file'];
  const look = read?.(file, load.report.file(path));
  if (look !== undefined && 'why' in look) {
    const message = `expected a CSV file that can be read; \`${file}\`: ${look.why}`;
    load.report.add({path, code: 'UNREADABLE', message, hint: look.hint ?? 'the path is relative to this file'});
  }
  return {file, order, look};
}

/** Without a look into the file nothing is known of it but its name. */
export function csvSpec({file, order, look}: NamedCsv): CsvSpec {
  const {path, sha256} = look === undefined || 'why' in look ? {path: file, sha256: ''} : look;
  return {file, path, order, sha256};
}
