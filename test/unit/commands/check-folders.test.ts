import {expect} from 'chai';
import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {checkFolders} from '../../../src/commands/run/check-folders.js';
import {FiredrillError} from '../../../src/system/error.js';
import {systemDisk} from '../../../src/system/files.js';

describe('the folders of a run', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'firedrill-folders-'))));
  afterEach(() => rmSync(root, {recursive: true, force: true}));

  it('are made where they are missing, and left empty', async () => {
    const folder = join(root, 'a', 'b');
    await checkFolders(systemDisk, [folder, folder]);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('are refused by name when nothing can be written there', async () => {
    writeFileSync(join(root, 'file'), '');
    const folder = join(root, 'file', 'runs');
    const error = await checkFolders(systemDisk, [root, folder]).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(FiredrillError);
    expect(error).to.include({code: 'FOLDER_UNWRITABLE', exitCode: 3});
    expect(String(error)).to.include(`\`${folder}\``).and.to.include('Nothing was injected');
  });

  it('are refused when there is no room, and no half of a file is left', async () => {
    const full = {...systemDisk, createExclusive: () => Promise.reject(new Error('ENOSPC: no space left on device'))};
    const error = await checkFolders(full, [root]).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(String(error)).to.include('ENOSPC');
    expect(readdirSync(root)).to.deep.equal([]);
  });
});
