import type {JsonObject} from '../../quantities/json.js';
import {kindOf, readFields, readValue, mappingOf, type DocumentPart} from '../checking/entry.js';
import {SELECTORS} from '../catalogue.generated.js';
import {built} from '../schema/built.js';
import type {TargetSpec} from '../experiment.js';
import {targetFields} from '../schema/entries.js';
import {child, given} from './section.js';

/** One entry of `targets`; undefined when any of it was wrong. */
export function readTarget(name: string, part: DocumentPart): TargetSpec | undefined {
  if (mappingOf(part) === undefined) return undefined;
  const fields = built(targetFields);
  const known = Object.keys(SELECTORS);
  const read = readFields(fields, part, known);
  const driver = kindOf({what: 'target', known, later: {}, fields: Object.keys(fields)}, part);
  const entry = driver === undefined ? undefined : SELECTORS[driver];
  if (driver === undefined || entry === undefined) return undefined;
  const selector = readValue(built(entry.selector), child(part, driver));
  if (selector === undefined) return undefined;
  const {select, where} = read;
  return {
    name,
    driver,
    selector: selector.value as JsonObject,
    ...given({where, select: select === undefined ? undefined : selectionOf(select)}),
  };
}

type WrittenSelect = NonNullable<ReturnType<typeof readFields<ReturnType<typeof targetFields>>>['select']>;

function selectionOf(select: WrittenSelect): NonNullable<TargetSpec['select']> {
  if (select === 'all') return {mode: 'all'};
  const seed = given({seed: select.seed});
  return 'count' in select
    ? {mode: 'count', count: select.count, ...seed}
    : {mode: 'percent', share: select.percent, ...seed};
}
