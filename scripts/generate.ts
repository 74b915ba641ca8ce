import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import * as z from 'zod';
import type {References} from './generate/faults.js';
import {find, findMechanisms, findTelling, type Found} from './generate/folders.js';
import {uplotModule} from './generate/uplot.js';
import {
  catalogue,
  driverRegistry,
  faultRegistry,
  findingRegistry,
  formatRegistry,
  mechanismRegistry,
  probeRegistry,
} from './generate/registries.js';

/**
 * Writes everything that is derived from the source tree: catalogue, registries, JSON Schemas, reference documents.
 * `--check` writes nothing, names the files that are out of date and ends with 1 when there are any.
 */
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

const CATALOGUE = 'src/experiment/catalogue.generated.ts';

/** The code that other outputs are derived from. */
function registries(found: Found): ReadonlyMap<string, string> {
  return new Map([
    [CATALOGUE, catalogue(found)],
    ['src/faults/registry.generated.ts', faultRegistry(found)],
    ['src/signals/probes/registry.generated.ts', probeRegistry(found)],
    ['src/targets/drivers/registry.generated.ts', driverRegistry(found)],
    ['src/report/html/uplot.generated.ts', uplotModule(ROOT)],
  ]);
}

/** Registries of what tells of a run, schemas and documents. They read the catalogue, so it must be up to date before this is called. */
async function documents({probes, drivers}: Found, references: References): Promise<ReadonlyMap<string, string>> {
  const {configurationSchema, experimentSchema, policySchema} = await import('./generate/json-schema.js');
  const {faultsDoc} = await import('./generate/faults.js');
  const {probesDoc} = await import('./generate/probes.js');
  const {errorsDoc, exitCodesDoc} = await import('./generate/outcomes.js');
  const {experimentFileDoc} = await import('./generate/experiment-file.js');
  const example = (name: string) => readFileSync(join(ROOT, 'test/fixtures/experiments/valid', name), 'utf8');
  const telling = await findTelling(ROOT);
  const outputs = new Map([
    ['src/verdict/findings/registry.generated.ts', findingRegistry(telling)],
    ['src/report/registry.generated.ts', formatRegistry(telling)],
    ['schema/experiment.schema.json', json(experimentSchema())],
    ['schema/policy.schema.json', json(policySchema())],
    ['schema/config.schema.json', json(configurationSchema())],
    ['docs/faults.md', faultsDoc(references, drivers)],
    ['docs/probes.md', probesDoc(probes)],
    ['docs/errors.md', errorsDoc()],
    ['docs/exit-codes.md', exitCodesDoc()],
    ['docs/experiment-file.md', experimentFileDoc(example('smallest.yaml'), example('everything.yaml'))],
  ]);
  const result = join(ROOT, 'src/verdict/result-schema.ts');
  if (existsSync(result)) {
    const {resultSchema} = (await import(pathToFileURL(result).href)) as {resultSchema: () => z.ZodType};
    outputs.set('schema/result.schema.json', json(z.toJSONSchema(resultSchema())));
  }
  return outputs;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function current(path: string): string | undefined {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return undefined;
  }
}

/** Writes what differs, or only names it. Answers how many files were out of date. */
function settle(outputs: ReadonlyMap<string, string>, check: boolean): number {
  const stale = [...outputs].filter(([path, text]) => current(path) !== text);
  for (const [path, text] of stale) {
    if (check) {
      console.error(`${path} is out of date; run \`npm run generate\``);
      continue;
    }
    mkdirSync(dirname(join(ROOT, path)), {recursive: true});
    writeFileSync(join(ROOT, path), text);
    console.log(`wrote ${path}`);
  }
  return stale.length;
}

const check = process.argv.includes('--check');
/** Drivers load them, so they must be up to date before the drivers are read. */
const mechanisms = new Map(
  Array.from(findMechanisms(ROOT), ([folder, files]) => [`${folder}/registry.generated.ts`, mechanismRegistry(files)]),
);
const staleMechanisms = settle(mechanisms, check);
const found = await find(ROOT);
const references = Object.fromEntries(
  found.faults.flatMap(({fault, reference}) => (reference === undefined ? [] : [[fault.name, reference]])),
);
const stale = staleMechanisms + settle(registries(found), check) + settle(await documents(found, references), check);
const {referenceProblems} = await import('./generate/faults.js');
const problems = referenceProblems(references, found.drivers);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 || (check && stale > 0) ? 1 : 0;
