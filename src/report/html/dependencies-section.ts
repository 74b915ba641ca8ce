import type {ProvenDependency, Result} from '../../verdict/result.js';
import {DEPENDENCY_NOTES, provenRows, seenRows} from '../dependencies.js';
import {dependencyPicture} from './dependency-picture.js';
import {list, number, plain, section, table, verdictCell} from './elements.js';
import {html} from './escape.js';

/** The colours of the verdicts that the kinds come from. */
const COLOURS: Readonly<Record<ProvenDependency['kind'], string>> = {
  hard: 'deviated',
  degrading: 'deviated',
  soft: 'held',
  open: 'inconclusive',
};

/** What the targets are connected with, and what the run proved of it. Empty where neither is known. */
export function dependenciesSection(result: Result): string {
  const {dependencies} = result;
  if (dependencies === undefined) return '';
  const proven = provenRows(result).map(({metric, kind, on, under, interval, why}) => [
    plain(metric),
    verdictCell(kind, COLOURS[kind]),
    plain(on),
    plain(under),
    number(interval),
    plain(why),
  ]);
  const seen = seenRows(dependencies).map(({from, to, port, counts}) => [
    plain(from),
    plain(to),
    number(port),
    ...counts.map(number),
  ]);
  const provenColumns = ['Metric', 'Dependency', 'On', 'Under', {number: 'Proven by'}, 'Why'];
  const seenColumns = ['From', 'To', {number: 'Port'}, {number: 'Before'}, {number: 'During'}, {number: 'After'}];
  const connections =
    seen.length === 0
      ? ''
      : `<details><summary>Connections that were seen</summary>${table(seenColumns, seen, 'Connections that were seen')}</details>`;
  const unknown = dependencies.unknown.length === 0 ? '' : `<h3>Not seen</h3>${list(dependencies.unknown, '')}`;
  const notes = `<details><summary>How to read it</summary>${DEPENDENCY_NOTES.map(note => `<p>${html(note)}</p>`).join('')}</details>`;
  return section(
    'dependencies',
    'Dependencies, seen and proven',
    dependencyPicture(dependencies) +
      (proven.length === 0 ? '' : table(provenColumns, proven, 'What was proven')) +
      connections +
      unknown +
      notes,
  );
}
