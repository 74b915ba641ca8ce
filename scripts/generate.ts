import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {find} from './generate/folders.js';
import {catalogue, faultRegistry, probeRegistry} from './generate/registries.js';

/**
 * Writes everything that is derived from the source tree: catalogue, registries, JSON Schemas, reference documents.
 * `--check` writes nothing, names the files that are out of date and ends with 1 when there are any.
 */
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

async function outputs(): Promise<ReadonlyMap<string, string>> {
  const found = await find(ROOT);
  return new Map([
    ['src/experiment/catalogue.generated.ts', catalogue(found)],
    ['src/faults/registry.generated.ts', faultRegistry(found)],
    ['src/signals/probes/registry.generated.ts', probeRegistry(found)],
  ]);
}

function current(path: string): string | undefined {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return undefined;
  }
}

const check = process.argv.includes('--check');
const stale = [...(await outputs())].filter(([path, text]) => current(path) !== text);
for (const [path, text] of stale) {
  if (check) {
    console.error(`${path} is out of date; run \`npm run generate\``);
    continue;
  }
  mkdirSync(dirname(join(ROOT, path)), {recursive: true});
  writeFileSync(join(ROOT, path), text);
  console.log(`wrote ${path}`);
}
process.exitCode = check && stale.length > 0 ? 1 : 0;
