import {expect} from 'chai';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {ensureBuilt, firedrill} from '../support/cli.js';

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
  {args: ['validate', FILE], files: 2, kilobytes: 750},
  {args: ['--help'], files: 7, kilobytes: 300},
  {args: ['run', '--help'], files: 8, kilobytes: 310},
  {args: ['runs', 'list'], files: 8, kilobytes: 300},
  {args: ['recover', '--list'], files: 13, kilobytes: 500},
  {args: ['plan', FILE], files: 32, kilobytes: 1300},
  {args: ['plan', DOCKER_FILE], files: 33, kilobytes: 1620},
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
});
