import {expect} from 'chai';
import {mkdtempSync, readdirSync, rmSync, statSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Disk} from '../../../src/system/files.js';
import {systemDisk} from '../../../src/system/files.js';

describe('The disk of the system', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'firedrill-files-'))));
  afterEach(() => rmSync(folder, {recursive: true, force: true}));
  const disk: Disk = systemDisk;

  it('appends in the order of the calls that waited for each other', async () => {
    const path = join(folder, 'log');
    for (const line of ['a\n', 'b\n', 'c\n']) await disk.append(path, line, line !== 'b\n');
    expect(await disk.read(path)).to.equal('a\nb\nc\n');
  });

  it('keeps each of many appends whole that happen at once', async () => {
    const path = join(folder, 'log');
    const lines = Array.from({length: 40}, (_, i) => `${i}:${'x'.repeat(20_000)}\n`);
    await Promise.all(lines.map(line => disk.append(path, line, false)));
    const written = (await readFile(path, 'utf8')).split('\n').filter(line => line !== '');
    expect(new Set(written)).to.deep.equal(new Set(lines.map(line => line.trimEnd())));
  });

  it('lets exactly one of many create a file, and shows it only whole', async () => {
    const path = join(folder, 'epoch-1');
    const texts = Array.from({length: 20}, (_, i) => `${i}:${'x'.repeat(50_000)}`);
    const won = await Promise.all(texts.map(text => disk.createExclusive(path, text)));
    expect(won.filter(Boolean)).to.have.length(1);
    expect(await disk.read(path)).to.equal(texts[won.indexOf(true)]);
    expect(readdirSync(folder), 'no temporary files').to.deep.equal(['epoch-1']);
  });

  it('replaces a whole file at once', async () => {
    const path = join(folder, 'heartbeat');
    await disk.replace(path, 'first, and longer');
    await disk.replace(path, 'second');
    expect(await disk.read(path)).to.equal('second');
    expect(readdirSync(folder)).to.deep.equal(['heartbeat']);
  });

  it('answers nothing for what is not there', async () => {
    expect(await disk.read(join(folder, 'none'))).to.equal(undefined);
    expect(await disk.list(join(folder, 'none'))).to.deep.equal([]);
    await disk.remove(join(folder, 'none'));
  });

  it('rejects what fails for another reason than absence', async () => {
    expect(await disk.read(folder).catch((error: unknown) => String(error))).to.contain('EISDIR');
    const refused = await disk.append(join(folder, 'none', 'log'), 'x', true).catch((error: unknown) => String(error));
    expect(refused).to.contain('ENOENT');
  });

  it('makes folders with those above them, as often as it is asked', async () => {
    const deep = join(folder, 'a', 'b', 'c');
    await disk.makeFolder(deep);
    await disk.makeFolder(deep);
    await disk.makeFolder(join(folder, 'a', 'd'));
    expect(await disk.list(join(folder, 'a'))).to.deep.equal(['b', 'd']);
    await disk.remove(join(folder, 'a'));
    expect(await disk.list(folder)).to.deep.equal([]);
  });

  it('says at once where a folder cannot be made', async () => {
    const said = await disk.makeFolder('/proc/firedrill/runs').catch((error: unknown) => String(error));
    expect(said).to.contain("ENOENT: no such file or directory, mkdir '/proc/firedrill'");
    await disk.append(join(folder, 'file'), 'x', false);
    expect(await disk.makeFolder(join(folder, 'file', 'a')).catch(String)).to.contain('EEXIST');
    expect(await disk.makeFolder(join(folder, 'file')).catch(String)).to.contain('EEXIST');
  });

  it('lets nobody else read what it writes', async () => {
    const inner = join(folder, 'state');
    await disk.makeFolder(inner);
    await disk.append(join(inner, 'ledger'), 'x', true);
    await disk.createExclusive(join(inner, 'run.json'), 'x');
    await disk.replace(join(inner, 'heartbeat'), 'x');
    expect(statSync(inner).mode & 0o077).to.equal(0);
    for (const name of ['ledger', 'run.json', 'heartbeat'])
      expect(statSync(join(inner, name)).mode & 0o077, name).to.equal(0);
  });
});
