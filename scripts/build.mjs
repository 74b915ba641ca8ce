// Bundles src/ into dist/: what is small and always needed is bundled, SDKs stay external and are imported lazily.
import {execFileSync} from 'node:child_process';
import {mkdir, readdir, rename, rm, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {build} from 'esbuild';
import {asScript, beside, CLI, COMMON, ENTRIES, fewFiles, LATER, VALIDATE} from './bundle.mjs';
import {root} from './steps.mjs';

const dist = join(root, 'dist');

/**
 * The bundles in memory, by their names. What starts often (`validate`) is one file, but for what few files need; the rest is
 * split, so that a command loads only what it needs.
 */
async function buildAll() {
  // Chunks lie beside the entries, so that a path relative to `import.meta.url` is the same in an entry and in a chunk.
  const split = {...COMMON, splitting: true, chunkNames: 'chunk-[hash]'};
  const [validate, later, cli, processes] = await Promise.all([
    build({...COMMON, entryPoints: {validate: VALIDATE}, plugins: [...COMMON.plugins, beside(LATER)]}),
    build({...COMMON, entryPoints: LATER}),
    build({...split, entryPoints: {cli: CLI}, plugins: [...COMMON.plugins, fewFiles]}),
    build({...split, entryPoints: ENTRIES}),
  ]);
  const scripts = await Promise.all(
    [...validate.outputFiles, ...later.outputFiles, ...cli.outputFiles].map(async ({path, text}) => [
      `${basename(path, '.js')}.cjs`,
      await asScript(text),
    ]),
  );
  return new Map([...scripts, ...processes.outputFiles.map(({path, contents}) => [basename(path), contents])]);
}

// Written file by file with renames, so that whoever runs beside a build never meets half of a file. Without its
// `engine.json` no compiled code is used.
const files = await buildAll();
await mkdir(dist, {recursive: true});
await rm(join(dist, 'engine.json'), {force: true});
for (const [name, contents] of files) {
  await writeFile(join(dist, `${name}.new`), contents);
  await rename(join(dist, `${name}.new`), join(dist, name));
}
for (const name of await readdir(dist)) {
  if (!files.has(name)) await rm(join(dist, name), {recursive: true});
}
const bytes = [...files.values()].reduce((sum, contents) => sum + contents.length, 0);
console.log(`built ${files.size} files, ${Math.round(bytes / 1024)} KiB`);
// In a process without the flags and the coverage of this one.
const {NODE_OPTIONS, NODE_V8_COVERAGE, ...env} = process.env;
execFileSync(process.execPath, ['scripts/code-cache.mjs'], {cwd: root, env, stdio: 'inherit'});
