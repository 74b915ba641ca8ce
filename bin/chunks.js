// How the bundles of dist/ are loaded: as scripts instead of modules, because V8 takes the compiled code of a script from a
// file. That file, `<chunk>.code`, lies beside the chunk, is written by the build (scripts/code-cache.mjs) and is exactly
// as trustworthy as the chunk. Where it is absent or made by another V8, the chunk is compiled, which only takes longer.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import {constants, Script} from 'node:vm';

/** Which V8 this is, built how: what compiled code depends on. V8 itself looks at its version and flags as well. */
export function engine() {
  const built = Object.entries(process.config.variables).filter(([name]) => name.startsWith('v8_'));
  return JSON.stringify([process.versions.v8, process.platform, process.arch, built]);
}

function textOrNone(path, encoding) {
  try {
    return readFileSync(path, encoding);
  } catch {
    return undefined;
  }
}

/**
 * Loads the chunks of a folder, each once. `onScript(name, script)` is told of each.
 * @returns {(specifier: string) => any} what a chunk (`./NAME.cjs`) or a module that it asks for exports
 */
export function chunksIn(dist, onScript = () => undefined) {
  const folder = fileURLToPath(dist);
  const require = createRequire(dist);
  // The coverage of code that was compiled without it has no blocks.
  const isOurs = !process.env.NODE_V8_COVERAGE && textOrNone(`${folder}engine.json`, 'utf8') === engine();
  const loaded = new Map();
  // A module of Node's that is loaded when it is first used.
  const late = specifier => ({
    get it() {
      const value = require(specifier);
      Object.defineProperty(this, 'it', {value});
      return value;
    },
  });
  function load(specifier) {
    if (!specifier.startsWith('./')) return require(specifier);
    const known = loaded.get(specifier);
    if (known !== undefined) return known.exports;
    const name = specifier.slice(2);
    const url = new URL(name, dist).href;
    // A chunk is ASCII: the build escapes what is not.
    const script = new Script(readFileSync(folder + name, 'latin1'), {
      filename: url,
      cachedData: isOurs ? textOrNone(`${folder}${name.slice(0, -4)}.code`) : undefined,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    onScript(name, script);
    const module = {exports: {}};
    loaded.set(specifier, module);
    try {
      script.runInThisContext()(module, load, url, async wanted => load(wanted), late);
    } catch (error) {
      loaded.delete(specifier);
      throw error;
    }
    return module.exports;
  }
  return load;
}
