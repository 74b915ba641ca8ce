// Bundles src/ into dist/: what is small and always needed is bundled, SDKs stay external and are imported lazily.
import {mkdir, readFile, readdir, rename, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const {dependencies} = JSON.parse(await readFile(`${root}/package.json`, 'utf8'));

/** Bundled because `validate` and every start need them, or because they are tiny. The rest resolves from node_modules. */
const BUNDLED = new Set(['zod', 'yaml', 'chalk']);

const VALIDATE = 'src/commands/validate/fast.ts';
const ENTRIES = {
  cli: 'src/cli.ts',
  commands: 'src/commands/index.ts',
  guardian: 'src/run/safety/guardian-main.ts',
};

/** zod carries its error messages in fifty languages; loading one is half its import time. */
const oneLocale = {
  name: 'one-locale',
  setup(builder) {
    builder.onLoad({filter: /zod\/v4\/locales\/index\.js$/}, () => ({
      contents: `export {default as en} from './en.js';`,
      loader: 'js',
    }));
  },
};

const COMMON = {
  absWorkingDir: root,
  outdir: join(root, 'dist'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  sourcesContent: false,
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  external: Object.keys(dependencies)
    .filter(name => !BUNDLED.has(name))
    .flatMap(name => [name, `${name}/*`]),
  // The same code as ES modules: unused parts fall away, and a lazy import keeps its named exports.
  alias: {yaml: join(root, 'node_modules/yaml/browser/index.js')},
  plugins: [oneLocale],
  // CommonJS packages inside the bundle ask for `require`.
  banner: {
    js: `import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);`,
  },
  write: false,
  logLevel: 'warning',
};

/**
 * The bundles in memory. What starts often and loads everything it has (`validate`) is one file, because every module costs
 * time; the rest is split, so that a command loads only what it needs.
 */
async function buildAll() {
  const results = await Promise.all([
    build({...COMMON, entryPoints: {validate: VALIDATE}}),
    // Chunks lie beside the entries, so that a path relative to `import.meta.url` is the same in an entry and in a chunk.
    build({...COMMON, entryPoints: ENTRIES, splitting: true, chunkNames: 'chunk-[hash]'}),
  ]);
  return results.flatMap(result => result.outputFiles);
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
