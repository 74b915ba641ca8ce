import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {suggestion} from '../../experiment/suggest.js';
import {FiredrillError} from '../../system/error.js';

/** A page of the reference: one section for each fault, or for each probe. */
export interface ReferencePage {
  /** Below docs/. */
  readonly file: string;
  /** "fault", for messages. */
  readonly what: string;
}

export const FAULT_PAGE: ReferencePage = {file: 'faults.md', what: 'fault'};
export const PROBE_PAGE: ReferencePage = {file: 'probes.md', what: 'probe'};

/** Names have small letters; sections about all of them begin with a capital. */
const SECTION = /^## ([a-z][a-z0-9-]*)\n([\s\S]*?)(?=^## |(?![\s\S]))/gm;

/** The sections by name, in the order of the page. `root`: where Firedrill is installed. */
export async function readSections(root: string, {file}: ReferencePage): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(root, 'docs', file), 'utf8');
  return new Map([...text.matchAll(SECTION)].map(([, name = '', section = '']) => [name, section.trim()]));
}

/** The first sentence of a section. */
export function summaryOf(section: string): string {
  return section.split('\n', 1)[0] ?? '';
}

/** @throws FiredrillError BAD_USAGE with what was probably meant */
export function sectionOf(sections: ReadonlyMap<string, string>, name: string, {what}: ReferencePage): string {
  const section = sections.get(name);
  if (section !== undefined) return section;
  const hint = suggestion(name, [...sections.keys()]) ?? `\`firedrill ${what}s\` lists them all`;
  throw new FiredrillError('BAD_USAGE', `Expected the name of a ${what}; got \`${name}\`.`, {hint});
}
