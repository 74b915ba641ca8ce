import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import type {AnyFault} from '../../src/faults/contract.js';
import type {FaultReference} from '../../src/faults/reference.js';
import type {Format} from '../../src/report/format.js';
import type {ProbeSource} from '../../src/signals/contract.js';
import type {DriverFolder} from '../../src/targets/contract.js';
import type {FindingRule} from '../../src/verdict/findings/rule.js';

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

/** A probe, and whether its parameters.ts exports `traits`. */
export interface FoundProbe extends ProbeSource {
  readonly hasTraits: boolean;
}

/** A driver, and what its selector.ts exports, where it has one. */
export type FoundDriver = Pick<DriverFolder, 'name' | 'kinds' | 'reference'> & {
  readonly hasSelector: boolean;
  readonly hasKindsOf: boolean;
};

export interface Found {
  readonly faults: readonly FoundFault[];
  readonly probes: readonly FoundProbe[];
  /** Those that a file can select targets with come first. */
  readonly drivers: readonly FoundDriver[];
}

/** What tells of a run, in the order in which it is told. */
export interface FoundTelling {
  readonly rules: readonly FindingRule[];
  readonly formats: readonly (Format & {readonly name: string})[];
}

const DRIVERS = 'src/targets/drivers';

/** Names of the folders that have all these files. */
function foldersWith(root: string, folder: string, files: readonly string[]): readonly string[] {
  const path = join(root, folder);
  return readdirSync(path)
    .filter(name => files.every(file => existsSync(join(path, name, file))))
    .sort();
}

async function load(root: string, path: string): Promise<Record<string, unknown>> {
  return (await import(pathToFileURL(join(root, path)).href)) as Record<string, unknown>;
}

/** What a file can name: every folder that has the files its contract asks for. Throws when one does not load. */
export async function find(root: string): Promise<Found> {
  const faults: FoundFault[] = [];
  for (const name of foldersWith(root, 'src/faults', ['parameters.ts', 'index.ts'])) {
    const {fault} = await load(root, `src/faults/${name}/index.ts`);
    const parameters = await load(root, `src/faults/${name}/parameters.ts`);
    const path = `src/faults/${name}/reference.ts`;
    const {reference} = existsSync(join(root, path)) ? await load(root, path) : {};
    const known = withSchemas(named(fault as AnyFault | undefined, name, `src/faults/${name}/index.ts`), parameters);
    faults.push({...known, reference: reference as FaultReference | undefined});
  }
  const probes: FoundProbe[] = [];
  for (const name of foldersWith(root, 'src/signals/probes', ['parameters.ts', 'index.ts'])) {
    const path = `src/signals/probes/${name}/index.ts`;
    const {source} = await load(root, path);
    const parameters = await load(root, `src/signals/probes/${name}/parameters.ts`);
    probes.push({...named(source as ProbeSource | undefined, name, path), hasTraits: 'traits' in parameters});
  }
  return {faults, probes, drivers: await findDrivers(root)};
}

async function findDrivers(root: string): Promise<readonly FoundDriver[]> {
  const drivers: FoundDriver[] = [];
  for (const folder of foldersWith(root, DRIVERS, ['driver.ts'])) {
    const path = `${DRIVERS}/${folder}/driver.ts`;
    const {driver} = await load(root, path);
    const {name, kinds, reference} = named(driver as DriverFolder | undefined, folder, path);
    const selector = `${DRIVERS}/${folder}/selector.ts`;
    const exported = existsSync(join(root, selector)) ? await load(root, selector) : {};
    drivers.push({name, kinds, reference, hasSelector: 'selector' in exported, hasKindsOf: 'kindsOf' in exported});
  }
  return drivers.sort((a, b) => Number(b.hasSelector) - Number(a.hasSelector));
}

/** For each driver with a folder of mechanisms: that folder, and its operations files by their path in it. */
export function findMechanisms(root: string): ReadonlyMap<string, readonly string[]> {
  const folders = foldersWith(root, DRIVERS, ['mechanisms']).map(name => `${DRIVERS}/${name}/mechanisms`);
  return new Map(
    folders.map(folder => {
      const files = readdirSync(join(root, folder), {recursive: true, encoding: 'utf8'}).sort();
      return [folder, files.flatMap(file => (/^[^/]+\/(?:[\w-]+-)?operations(?=\.ts$)/.exec(file) ?? [])[0] ?? [])];
    }),
  );
}

/**
 * Every file in the folder of findings that exports a rule, and every folder of reports with a format in the file of its
 * name. Their code may read the catalogue, so it must be up to date before this is called.
 */
export async function findTelling(root: string): Promise<FoundTelling> {
  const rules: FindingRule[] = [];
  const files = readdirSync(join(root, 'src/verdict/findings')).filter(name => /^[^.]+\.ts$/.test(name));
  for (const file of files.sort()) {
    const path = `src/verdict/findings/${file}`;
    const {rule} = await load(root, path);
    if (rule !== undefined) rules.push(coded(rule as FindingRule, file, path));
  }
  const formats: (Format & {readonly name: string})[] = [];
  for (const name of readdirSync(join(root, 'src/report')).sort()) {
    const path = `src/report/${name}/${name}.ts`;
    const {format} = existsSync(join(root, path)) ? await load(root, path) : {};
    if (format !== undefined) formats.push({...(format as Format), name});
  }
  const byOrder = (a: {readonly order: number}, b: {readonly order: number}) => a.order - b.order;
  return {rules: rules.sort(byOrder), formats: formats.sort(byOrder)};
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

function named<T extends {readonly name: string}>(thing: T | undefined, folder: string, path: string): T {
  if (thing === undefined) throw new Error(`${path} does not export what the contract asks for`);
  if (thing.name !== folder) throw new Error(`${path} is named \`${thing.name}\`; expected the folder's name`);
  return thing;
}

function coded(rule: FindingRule, file: string, path: string): FindingRule {
  if (`${rule.code}.ts` !== file) throw new Error(`${path} has the code \`${rule.code}\`; expected the file's name`);
  return rule;
}
