import {expect} from 'chai';
import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {ROOT} from '../support/cli.js';

const CHOSEN = 'rejects a wait with the reason of the signal that ended it';

describe('tests that are selected by name', () => {
  it('are all that runs: the files of the others, loaded with them, leave nothing behind', async () => {
    const mocha = join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js');
    const {stdout} = await promisify(execFile)(
      process.execPath,
      [mocha, '--reporter=dot', `--grep=${CHOSEN}`, 'test/**/*.test.ts'],
      {cwd: ROOT},
    );
    expect(stdout).to.match(/^ *1 passing/m);
  });
});
