// What is bundled, and how: for scripts/build.mjs, and for the crash tests, which bundle a runner of their own.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {root} from './steps.mjs';

const {dependencies} = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

/** Bundled because `validate` and every start need them, or because they are tiny. The rest resolves from node_modules. */
const BUNDLED = new Set(['zod', 'yaml', 'chalk']);

export const VALIDATE = 'src/commands/validate/fast.ts';
/** Each becomes a file of its own in dist/. */
export const ENTRIES = {
  cli: 'src/cli.ts',
  commands: 'src/commands/index.ts',
  guardian: 'src/run/safety/guardian-main.ts',
  interposer: 'src/interposer/main.ts',
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

export const COMMON = {
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
