import * as z from 'zod';
import {FAULTS, PROBES, SELECTORS} from '../catalogue.generated.js';
import type {Path} from '../problem.js';
import {isMapping} from '../reading/tree.js';
import {
  checkFields,
  faultFields,
  guardFields,
  metricFields,
  readOnceFields,
  samplingFields,
  targetFields,
} from '../schema/entries.js';
import {derivedMetric} from '../schema/derived.js';
import {expectFields, headFields} from '../schema/head.js';
import {loadFields, loadMetric} from '../schema/load.js';
import {closest, listOf} from '../suggest.js';
import {built} from '../schema/built.js';
import type {Fields} from './entry.js';
import {knownKeys} from './known-keys.js';
import {otherFormat} from './other-formats.js';

/** The parts of an experiment that are read entry by entry. */
export const SECTIONS = ['targets', 'load', 'steadyState', 'faults', 'guards', 'expect'];

/** What an entry of a section may hold: fields of its own, and one block that says which kind it is. */
interface EntryShape {
  readonly fields: () => Fields;
  /** The kinds of block. */
  readonly kinds?: () => readonly string[];
  readonly blocks?: (kind: string) => readonly z.ZodType[];
}

/** A probe's block also says how often it is read. */
const probe = (kind: string, sampling: Fields): readonly z.ZodType[] => {
  const entry = PROBES[kind];
  return entry === undefined ? [] : [built(entry.parameters), z.object(sampling)];
};

/** What a metric may be read from beside probes. */
const OWN_SOURCES: Readonly<Record<string, () => z.ZodType>> = {load: loadMetric, metric: derivedMetric};

const ENTRIES: Readonly<Record<string, EntryShape>> = {
  targets: {
    fields: targetFields,
    kinds: () => Object.keys(SELECTORS),
    blocks: kind => {
      const entry = SELECTORS[kind];
      return entry === undefined ? [] : [built(entry.selector)];
    },
  },
  load: {fields: loadFields},
  steadyState: {
    fields: metricFields,
    kinds: () => [...Object.keys(OWN_SOURCES), ...Object.keys(PROBES)],
    blocks: kind => {
      const own = OWN_SOURCES[kind];
      return own === undefined ? probe(kind, built(samplingFields)) : [built(own)];
    },
  },
  faults: {
    fields: faultFields,
    kinds: () => Object.keys(FAULTS),
    blocks: kind => (FAULTS[kind]?.forms ?? []).map(({parameters}) => built(parameters)),
  },
  guards: {fields: guardFields},
  checks: {fields: checkFields, kinds: () => Object.keys(PROBES), blocks: kind => probe(kind, built(readOnceFields))},
};

/** The keys that a mapping of an experiment may have, by its path; none where any name may stand. */
export function experimentKeysAt(path: Path): readonly string[] {
  const [section, ...rest] = path;
  if (section === undefined) return [...Object.keys(built(headFields)), ...SECTIONS];
  if (section !== 'expect') return keysOf(String(section), rest);
  if (rest[0] === 'checks') return keysOf('checks', rest.slice(1));
  return rest.length === 0 ? [...Object.keys(built(expectFields)), 'checks'] : fieldKeys(built(expectFields), rest);
}

/** What a file is that has nothing of an experiment; undefined when it has. */
export function whatElse(document: unknown): {readonly message: string; readonly hint?: string} | undefined {
  const message = 'expected an experiment: a mapping with `version`, `title`, …';
  const other = otherFormat(document);
  if (other !== undefined) return {message: `${message}; got ${other.what}`, hint: other.hint};
  if (!isMapping(document)) return {message};
  const keys = Object.keys(document);
  const known = experimentKeysAt([]);
  if (keys.length === 0 || keys.some(key => closest(key, known) !== undefined)) return undefined;
  const hint = 'is it another file? The smallest experiment stands at the top of docs/experiment-file.md';
  return {message: `${message}; got a mapping with ${listOf(keys.slice(0, 5))}`, hint};
}

function keysOf(section: string, [name, ...path]: Path): readonly string[] {
  const entry = Object.hasOwn(ENTRIES, section) ? ENTRIES[section] : undefined;
  if (entry === undefined)
    return fieldKeys(built(headFields), [section, ...(name === undefined ? [] : [name, ...path])]);
  if (name === undefined) return [];
  const [key, ...below] = path;
  if (key === undefined) return [...Object.keys(built(entry.fields)), ...(entry.kinds?.() ?? [])];
  const schemas = entry.blocks?.(String(key)) ?? [];
  return [...fieldKeys(built(entry.fields), path), ...schemas.flatMap(schema => knownKeys(schema, below))];
}

function fieldKeys(fields: Fields, [key, ...below]: Path): readonly string[] {
  const schema = Object.hasOwn(fields, String(key)) ? fields[String(key)] : undefined;
  return schema === undefined ? [] : knownKeys(schema, below);
}
