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

  it('are refused with what helps', async () => {
    const hintAt = async (code: string) => {
      const makeFolder = () => Promise.reject(Object.assign(new Error(code), {code}));
      const thrown = await checkFolders({...systemDisk, makeFolder}, [root]).catch((error: unknown) => error);
      return (thrown as FiredrillError).hint;
    };
    const other = ', or choose another: --runs-dir FOLDER for the runs, FIREDRILL_STATE for what is owed.';
    expect(await hintAt('ENOSPC')).to.equal(`Make room${other}`);
    expect(await hintAt('EROFS')).to.equal(`Its file system is read-only${other}`);
    expect(await hintAt('EACCES')).to.equal(`This user may not write there${other}`);
    expect(await hintAt('ENOENT')).to.equal(`Its file system takes no folders${other}`);
  });
});
