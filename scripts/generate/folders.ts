import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import type {AnyFault} from '../../src/faults/contract.js';
import type {FaultReference} from '../../src/faults/reference.js';
import type {ProbeSource} from '../../src/signals/contract.js';

/** Drivers that a file cannot select targets with: `command` hits the host, `memory` is the tests' own. */
const NOT_SELECTABLE = new Set(['command', 'memory']);

/**
 * A fault with what its parameters.ts exports: the schema of each form by its export, and whether it names targets; and with
 * its reference, where it has one.
 */
export interface FoundFault {
  readonly fault: AnyFault;
  readonly schemas: readonly string[];
  readonly namesTargets: boolean;
  readonly reference: FaultReference | undefined;
}

export interface Found {
  readonly faults: readonly FoundFault[];
  readonly probes: readonly ProbeSource[];
  readonly drivers: readonly string[];
}

function foldersWith(root: string, folder: string, files: readonly string[]): readonly string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, {withFileTypes: true})
    .filter(entry => entry.isDirectory() && files.every(file => existsSync(join(path, entry.name, file))))
    .map(entry => entry.name)
    .sort();
}

/** What the source tree offers: every folder that has the files its contract asks for. Throws when one does not load. */
export async function find(root: string): Promise<Found> {
  const load = async (path: string): Promise<Record<string, unknown>> =>
    (await import(pathToFileURL(join(root, path)).href)) as Record<string, unknown>;
  const faults: FoundFault[] = [];
  for (const name of foldersWith(root, 'src/faults', ['parameters.ts', 'index.ts'])) {
    const {fault} = await load(`src/faults/${name}/index.ts`);
    const parameters = await load(`src/faults/${name}/parameters.ts`);
    const path = `src/faults/${name}/reference.ts`;
    const {reference} = existsSync(join(root, path)) ? await load(path) : {};
    const known = withSchemas(named(fault as AnyFault | undefined, name, 'src/faults'), parameters);
    faults.push({...known, reference: reference as FaultReference | undefined});
  }
  const probes: ProbeSource[] = [];
  for (const name of foldersWith(root, 'src/signals/probes', ['parameters.ts', 'index.ts'])) {
    const {source} = await load(`src/signals/probes/${name}/index.ts`);
    probes.push(named(source as ProbeSource | undefined, name, 'src/signals/probes'));
  }
  const drivers = foldersWith(root, 'src/targets/drivers', ['selector.ts']).filter(name => !NOT_SELECTABLE.has(name));
  return {faults, probes, drivers};
}

/** Throws when a form's schema is not what parameters.ts exports: the catalogue could not import it by itself. */
function withSchemas(fault: AnyFault, exported: Readonly<Record<string, unknown>>) {
  const schemas = fault.forms.map(one => {
    const name = Object.keys(exported).find(key => exported[key] === one.parameters);
    if (name === undefined) throw new Error(`src/faults/${fault.name}/parameters.ts does not export all its schemas`);
    return name;
  });
  return {fault, schemas, namesTargets: 'targetsNamed' in exported};
}

function named<T extends {readonly name: string}>(thing: T | undefined, folder: string, where: string): T {
  if (thing === undefined) throw new Error(`${where}/${folder}/index.ts does not export what the contract asks for`);
  if (thing.name !== folder)
    throw new Error(`${where}/${folder}/index.ts is named \`${thing.name}\`; expected the folder's name`);
  return thing;
}
