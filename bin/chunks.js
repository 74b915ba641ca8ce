// How the bundles of dist/ are loaded: as scripts instead of modules, because V8 takes the compiled code of a script from a
// file. That file, `<chunk>.code`, lies beside the chunk, is written by the build (scripts/code-cache.mjs) and is exactly
// as trustworthy as the chunk. Where it is absent, damaged or made by another V8, the chunk is compiled, which only takes
// longer.
'use strict';
const {readFileSync} = require('node:fs');
const {pathToFileURL} = require('node:url');
const {Script} = require('node:vm');
const {crc32} = require('node:zlib');

/** Which V8 this is, built how: what compiled code depends on. V8 itself looks at its version and flags as well. */
function engine() {
  const built = Object.entries(process.config.variables).filter(([name]) => name.startsWith('v8_'));
  return JSON.stringify([process.versions.v8, process.platform, process.arch, built]);
}

/** What a file of compiled code ends with: V8 looks at no more than its head, and would run what is damaged. */
function sealOf(source, code) {
  const seal = Buffer.alloc(4);
  seal.writeUInt32LE(crc32(code, crc32(source)));
  return seal;
}

function contentOf(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** The compiled code of a chunk; undefined where there is none that was made of it. */
function codeOf(path, source) {
  const file = contentOf(path);
  const code = file?.subarray(0, -4);
  return file !== undefined && file.subarray(-4).equals(sealOf(source, code)) ? code : undefined;
}

/**
 * Loads the chunks of a folder (a path that ends with a slash), each once. `onScript(name, script)` is told of each.
 * @returns {(specifier: string) => any} what a chunk (`./NAME.cjs`), or a module that a chunk asks for, exports
 */
function chunksIn(folder, onScript = () => undefined) {
  const place = pathToFileURL(folder).href;
  // Of code that was compiled without it, V8 tells no coverage.
  const hasCode = !process.env.NODE_V8_COVERAGE && contentOf(`${folder}engine.json`)?.toString() === engine();
  const loaded = new Map();
  // A module of Node's, loaded when it is first used.
  const late = specifier => ({
    get it() {
      const value = require(specifier);
      Object.defineProperty(this, 'it', {value});
      return value;
    },
  });
  const lazily = async specifier => (specifier.startsWith('./') ? load(specifier) : import(specifier));
  function load(specifier) {
    if (!specifier.startsWith('./')) return require(specifier);
    const known = loaded.get(specifier);
    if (known !== undefined) return known.exports;
    const name = specifier.slice(2);
    const source = readFileSync(folder + name);
    // A chunk is ASCII: the build escapes what is not.
    const script = new Script(source.latin1Slice(), {
      filename: place + name,
      cachedData: hasCode ? codeOf(`${folder}${name.slice(0, -4)}.code`, source) : undefined,
    });
    onScript(name, script);
    const module = {exports: {}};
    loaded.set(specifier, module);
    try {
      script.runInThisContext()(module, load, place + name, lazily, late);
    } catch (error) {
      loaded.delete(specifier);
      throw error;
    }
    return module.exports;
  }
  return load;
}

module.exports = {chunksIn, engine, sealOf};
