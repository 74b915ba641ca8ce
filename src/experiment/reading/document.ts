import type {DocumentPart} from '../checking/entry.js';
import type {Problem} from '../problem.js';
import {decode} from './source.js';
import {isMapping, reportOn} from './tree.js';
import {readYaml} from './yaml.js';

/** A YAML file whose top is a mapping, ready to be read; undefined after it was reported that it is none. */
export function openDocument(
  {file, content}: {readonly file: string; readonly content: string | Uint8Array},
  expected: string,
  problems: Problem[],
): DocumentPart | undefined {
  const source = decode(file, content);
  if ('code' in source) {
    problems.push(source);
    return undefined;
  }
  const tree = readYaml(source, problems);
  if (tree === undefined) return undefined;
  const report = reportOn(tree, problems);
  if (isMapping(tree.value)) return {report, path: [], value: tree.value};
  report.add({path: [], code: 'WRONG_TYPE', message: expected});
  return undefined;
}
