// What is bundled, and how: for scripts/build.mjs, and for the crash tests, which bundle a runner of their own.
import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {transform} from 'esbuild';
import {root} from './steps.mjs';

const {dependencies} = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

/** Bundled because `validate` and every start need them, or because they are tiny. The rest resolves from node_modules. */
const BUNDLED = new Set(['zod', 'yaml', 'chalk', 're2js', '@oclif/core']);

export const VALIDATE = 'src/commands/validate/fast.ts';
export const CLI = 'src/cli.ts';
/** What `validate` loads by itself, for the files that need it. */
export const LATER = {csv: 'src/signals/load/csv.ts'};
/** Processes of their own, which share nothing with the command line. */
export const ENTRIES = {
  guardian: 'src/run/safety/guardian-main.ts',
  interposer: 'src/interposer/main.ts',
  'load-thread': 'src/signals/load/thread-main.ts',
};

/** Leaves these pieces out of a bundle: they lie beside it. */
export const beside = pieces => ({
  name: 'beside',
  setup(builder) {
    builder.onResolve({filter: /^\./}, ({path, resolveDir, kind}) => {
      const piece = join(resolveDir, path)
        .slice(root.length + 1)
        .replace(/js$/, 'ts');
      const [name] = Object.entries(pieces).find(([, source]) => source === piece) ?? [];
      return kind === 'dynamic-import' && name !== undefined ? {path: `./${name}.js`, external: true} : undefined;
    });
  },
});

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

/**
 * dockerode is bundled without what it needs for ssh endpoints and image builds, which are not offered here: their packages
 * run scripts when they are installed, and take longer to load than all the rest of it. oclif would compile commands that
 * are written in TypeScript.
 */
const UNUSED = /^(?:ssh2|@grpc\/grpc-js|@grpc\/proto-loader|protobufjs|tar-fs|@balena\/dockerignore|typescript)$/;
const withoutUnused = {
  name: 'without-unused',
  setup(builder) {
    builder.onResolve({filter: UNUSED}, ({path}) => ({path, namespace: 'unused'}));
    builder.onLoad({filter: /.*/, namespace: 'unused'}, () => ({contents: 'module.exports = {};', loader: 'js'}));
    // Their debug log: it is loaded at every start, and nobody reads it.
    builder.onResolve({filter: /^debug$/}, ({path}) => ({path, namespace: 'silent'}));
    builder.onLoad({filter: /.*/, namespace: 'silent'}, () => ({
      contents: 'module.exports = () => () => undefined;',
      loader: 'js',
    }));
  },
};

/**
 * A bundler that splits makes a file of whatever the same pieces need, which is hundreds, and a file costs more to load than
 * what is in it. So a piece that is loaded lazily is told to need what is there by then anyway: that becomes one file for
 * each of three levels. Every piece comes after the command line; drivers and whatever undoes come with the records of
 * runs; and what an experiment asks for comes after its file was read.
 */
const WITH_FILE =
  'faults/|signals/|plan/alerts|commands/(?:with-file|alerts|doctor|compare|suite/index|runs/trend|run/run-file|load/alone|validate/action)';
const LEVELS = [
  {
    pieces: /^/,
    after: [
      CLI,
      'src/commands/base.ts',
      'src/commands/experiment-flags.ts',
      'src/commands/runs-folder.ts',
      'src/commands/worlds.ts',
      'src/quantities/format.ts',
      'src/quantities/size.ts',
      'src/record/reader.ts',
      'src/run/machine.ts',
      'src/system/dial.ts',
      'src/verdict/phrase.ts',
    ],
  },
  {
    pieces: new RegExp(`^src/(?:targets/|run/safety/|commands/(?:recover|stop)|${WITH_FILE})`),
    after: ['src/run/safety/recover.ts', 'src/targets/drivers/local-actuator.ts', 'src/targets/settling/settle.ts'],
  },
  {pieces: new RegExp(`^src/(?:${WITH_FILE})`), after: ['src/commands/with-file.ts']},
];

/** Pieces of src/ that some `import()` loads, by their path. */
function lazyPieces() {
  const sources = readdirSync(join(root, 'src'), {recursive: true}).filter(name => name.endsWith('.ts'));
  return new Set(
    sources.flatMap(name => {
      const text = readFileSync(join(root, 'src', name), 'utf8');
      return [...text.matchAll(/\bimport\('(\.[^']+)\.js'\)/g)].map(([, path]) =>
        join('src', dirname(name), `${path}.ts`),
      );
    }),
  );
}

/** For the command line alone. */
export const fewFiles = {
  name: 'few-files',
  setup(builder) {
    const lazy = lazyPieces();
    builder.onLoad({filter: /\/src\/.*\.ts$/}, ({path}) => {
      const name = path.slice(root.length + 1);
      if (!lazy.has(name) && name !== CLI) return undefined;
      const after = LEVELS.filter(({pieces}) => pieces.test(name)).flatMap(level => level.after);
      const imports = after.filter(one => one !== name).map(one => `import ${JSON.stringify(join(root, one))};`);
      return {contents: [readFileSync(path, 'utf8'), ...imports].join('\n'), loader: 'ts'};
    });
  },
};

export const COMMON = {
  absWorkingDir: root,
  outdir: join(root, 'dist'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  external: Object.keys(dependencies)
    .filter(name => !BUNDLED.has(name))
    .flatMap(name => [name, `${name}/*`]),
  // The same code as ES modules: unused parts fall away, and a lazy import keeps its named exports.
  alias: {yaml: join(root, 'node_modules/yaml/browser/index.js')},
  plugins: [oneLocale, withoutUnused],
  // CommonJS packages inside the bundle ask for `require`.
  banner: {
    js: `import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);`,
  },
  write: false,
  logLevel: 'warning',
};

const REQUIRE = COMMON.banner.js;
const OWN_CHUNK = /\bimport\("(\.\/[\w-]+)\.js"\)/g;

/**
 * A piece of the split bundle as a script for bin/chunks.js: a function of its module, of what loads others (at once and
 * lazily) and of its place. A bundler splits modules only. Exports stay live: what others see of them are getters.
 */
export async function asScript(text) {
  const {code} = await transform(text.replace(REQUIRE, ''), {
    format: 'cjs',
    platform: 'node',
    target: COMMON.target,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    define: {'import.meta.url': '__url', 'import.meta.resolve': 'undefined'},
  });
  const body = code
    .replaceAll(/\brequire\("(\.\/[\w-]+)\.js"\)/g, 'require("$1.cjs")')
    .replaceAll(OWN_CHUNK, '__load("$1.cjs")')
    // A script may not import, other than by a feature that Node warns of: the loader does it for all of them.
    .replaceAll(/\bimport\((?=[^)])/g, '__load(')
    // A copy of the exports, each with a getter for the getter.
    .replace(/\bmodule\.exports=__toCommonJS\((\w+)\);/, 'module.exports=$1;');
  return `(function(module,require,__url,__load,__late){${lateBuiltins(body)}\n})`;
}

/**
 * Node's own modules when they are first used, rather than when somebody's piece that might use them is loaded: the code of
 * a client of TLS comes with six of them.
 */
function lateBuiltins(body) {
  const names = [...body.matchAll(/\b(import_\w+)=require\("node:[\w/]+"\)/g)].map(([, name]) => name);
  return names.reduce((text, name) => {
    const uses = text.match(new RegExp(`\\b${name}\\b`, 'g')).length;
    const members = new RegExp(`\\b${name}(?=\\.)`, 'g');
    if (text.match(members)?.length !== uses - 1) return text;
    return text.replace(members, `${name}.it`).replace(`${name}=require(`, `${name}=__late(`);
  }, body);
}
