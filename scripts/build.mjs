// Bundles src/ into dist/: what is small and always needed is bundled, SDKs stay external and are imported lazily.
import {mkdir, readdir, rename, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {build} from 'esbuild';
import {CLI, COMMON, ENTRIES, fewFiles, VALIDATE} from './bundle.mjs';
import {root} from './steps.mjs';

/**
 * The bundles in memory. What starts often and loads everything it has (`validate`) is one file, because every module costs
 * time; the rest is split, so that a command loads only what it needs.
 */
async function buildAll() {
  // Chunks lie beside the entries, so that a path relative to `import.meta.url` is the same in an entry and in a chunk.
  const split = {...COMMON, splitting: true, chunkNames: 'chunk-[hash]'};
  const results = await Promise.all([
    build({...COMMON, entryPoints: {validate: VALIDATE}}),
    build({...split, entryPoints: {cli: CLI}, plugins: [...COMMON.plugins, fewFiles]}),
    build({...split, entryPoints: ENTRIES}),
  ]);
  // A piece that two of them hold alike has one name.
  return [...new Map(results.flatMap(({outputFiles}) => outputFiles).map(file => [file.path, file])).values()];
}

// Written file by file with renames, so that whoever runs beside a build never meets half of a file.
const files = await buildAll();
for (const file of files) {
  await mkdir(dirname(file.path), {recursive: true});
  await writeFile(`${file.path}.new`, file.contents);
  await rename(`${file.path}.new`, file.path);
}
const fresh = new Set(files.map(file => file.path));
for (const name of await readdir(join(root, 'dist'))) {
  if (!fresh.has(join(root, 'dist', name))) await rm(join(root, 'dist', name), {recursive: true});
}
const bytes = files.reduce((sum, file) => sum + (file.path.endsWith('.js') ? file.contents.length : 0), 0);
console.log(`built ${files.length / 2} files, ${Math.round(bytes / 1024)} KiB`);
