import {expect} from 'chai';
import {execFile} from 'node:child_process';
import {cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {ensureBuilt, firedrill, ROOT} from '../support/cli.js';
import {scratchFolder} from '../support/shop.js';

const FILE = 'experiments/process-freeze-inventory.yaml';
const DOCKER_FILE = 'experiments/docker-freeze-inventory.yaml';

/** The scripts from files that a process of this command line loads, as V8 itself counts them. */
async function scriptsOf(args: readonly string[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-start-up-'));
  try {
    const noEngine = `unix://${join(folder, 'no-engine.sock')}`;
    await firedrill(args, {FIREDRILL_STATE: join(folder, 'state'), DOCKER_HOST: noEngine, NODE_V8_COVERAGE: folder});
    const urls = readdirSync(folder)
      .filter(name => name.endsWith('.json'))
      .flatMap(name => {
        const {result} = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {result: {readonly url: string}[]};
        return result.map(({url}) => url);
      });
    return [...new Set(urls)].filter(url => url.startsWith('file:')).map(url => fileURLToPath(url));
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/**
 * The time of a start goes with the files that it loads and what is in them; files do not depend on how busy a machine
 * is.
 */
const BOUNDS: readonly {readonly args: readonly string[]; readonly files: number; readonly kilobytes: number}[] = [
  {args: ['--version'], files: 1, kilobytes: 10},
  {args: ['validate', FILE], files: 3, kilobytes: 815},
  {args: ['--help'], files: 8, kilobytes: 320},
  {args: ['run', '--help'], files: 9, kilobytes: 325},
  {args: ['runs', 'list'], files: 9, kilobytes: 325},
  {args: ['recover', '--list'], files: 14, kilobytes: 520},
  {args: ['plan', FILE], files: 39, kilobytes: 1515},
  {args: ['plan', DOCKER_FILE], files: 39, kilobytes: 1815},
];

describe('Start-up', () => {
  before(() => ensureBuilt());

  for (const {args, files, kilobytes} of BOUNDS) {
    it(`loads at most ${files} files and ${kilobytes} kB for \`${args.join(' ')}\`, none of them a package of its own`, async () => {
      const scripts = await scriptsOf(args);
      expect(scripts.filter(path => path.includes('node_modules'))).to.deep.equal([]);
      expect(scripts.length, scripts.join('\n')).to.be.within(1, files);
      const bytes = scripts.reduce((sum, path) => sum + readFileSync(path).length, 0);
      expect(bytes / 1024, scripts.join('\n')).to.be.below(kilobytes);
    });
  }

  /** Which chunks a start loads from a copy of what is built, and whether V8 took the compiled code of each. */
  async function startOf(
    copy: string,
    flags: readonly string[] = [],
  ): Promise<readonly (readonly [string, unknown])[]> {
    const script = `
      const {chunksIn} = require(${JSON.stringify(join(copy, 'bin/chunks.js'))});
      const told = [];
      const load = chunksIn(${JSON.stringify(join(copy, 'dist/'))}, (name, {cachedDataRejected}) => told.push([name, cachedDataRejected]));
      const {main} = load('./cli.cjs');
      main(['plan', ${JSON.stringify(FILE)}], {root: '', name: '', version: '', description: ''})
        .then(() => process.stderr.write(JSON.stringify(told)));`;
    const options = {cwd: ROOT, env: {...process.env, FIREDRILL_STATE: join(copy, 'state'), NODE_OPTIONS: ''}};
    const {stdout, stderr} = await promisify(execFile)(process.execPath, [...flags, '-e', script], options);
    expect(stdout).to.include('Digest');
    return JSON.parse(stderr) as (readonly [string, unknown])[];
  }

  function copyOfBuild(folder: string): void {
    for (const part of ['bin', 'dist', 'package.json']) cpSync(join(ROOT, part), join(folder, part), {recursive: true});
  }

  it('takes the compiled code that the build left beside the chunks', async () => {
    using folder = scratchFolder();
    copyOfBuild(folder.path);
    const withCode = readdirSync(join(folder.path, 'dist')).filter(name => name.endsWith('.code'));
    const loaded = await startOf(folder.path);
    const taken = loaded.filter(([, rejected]) => rejected === false).map(([name]) => name.replace('.cjs', '.code'));
    expect(taken.length).to.be.above(10);
    expect(taken).to.deep.equal(
      loaded.map(([name]) => name.replace('.cjs', '.code')).filter(name => withCode.includes(name)),
    );
  });

  it('starts without it where one bit is wrong, the chunk is another, V8 has other flags or is another', async () => {
    using folder = scratchFolder();
    copyOfBuild(folder.path);
    const dist = join(folder.path, 'dist');
    const noneOf = (loaded: readonly (readonly [string, unknown])[]) =>
      loaded.every(([, rejected]) => rejected !== false);
    expect(noneOf(await startOf(folder.path, ['--max-old-space-size=900'])), 'flags').to.equal(true);

    const [chunk = ''] = (await startOf(folder.path)).find(([, rejected]) => rejected === false) ?? [];
    const text = readFileSync(join(dist, chunk), 'utf8');
    const other = text.replace(/\n\}\)$/, ' })');
    expect(other).to.not.equal(text);
    writeFileSync(join(dist, chunk), other);
    for (const name of readdirSync(dist).filter(
      one => one.endsWith('.code') && one !== chunk.replace('.cjs', '.code'),
    )) {
      const code = readFileSync(join(dist, name));
      const middle = Math.floor(code.length / 2);
      code.writeUInt8(code.readUInt8(middle) ^ 1, middle);
      writeFileSync(join(dist, name), code);
    }
    expect(noneOf(await startOf(folder.path)), 'damaged').to.equal(true);

    copyOfBuild(folder.path);
    const engine = join(dist, 'engine.json');
    writeFileSync(engine, readFileSync(engine, 'utf8').replace(/\d+/, '1'));
    expect(noneOf(await startOf(folder.path)), 'engine').to.equal(true);
  });
});
