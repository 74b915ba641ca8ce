import {expect} from 'chai';
import fc from 'fast-check';
import {gunzipSync, gzipSync} from 'node:zlib';
import {pack, unpack, type Entry} from '../../../src/history/evidence/archive.js';
import {changedLines, chainOf} from '../../../src/history/evidence/chain.js';
import {evidenceEntries} from '../../../src/history/evidence/export.js';
import {verifyEntries} from '../../../src/history/evidence/verify.js';
import {FiredrillError} from '../../../src/system/error.js';
import {judge} from '../../../src/verdict/judge.js';
import {writeRun} from '../../support/history.js';
import * as records from '../../support/records.js';
import {scratchFolder} from '../../support/shop.js';

/** Compressed as ours are. */
function gzipped(bytes: Uint8Array): Buffer {
  const packed = gzipSync(bytes, {level: 9});
  packed[9] = 255;
  return packed;
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
const entry = (name: string, content: string): Entry => ({name, bytes: Buffer.from(content)});

/** What is packed of a run that deviated. */
async function evidence(): Promise<readonly Entry[]> {
  using folder = scratchFolder();
  const path = writeRun(folder.path, records.deviated());
  return await evidenceEntries(path, judge(records.deviated()), 'firedrill/0.1.0');
}

const replaced = (entries: readonly Entry[], name: string, change: (content: string) => string) =>
  entries.map(one => (one.name === name ? entry(name, change(text(one.bytes))) : one));

function refusalOf(archive: Uint8Array): FiredrillError {
  try {
    unpack(archive);
  } catch (error) {
    if (error instanceof FiredrillError) return error;
    throw error;
  }
  throw new Error('it was taken for a pack');
}

describe('an evidence pack', () => {
  it('holds record, plan, policies and reports, with a manifest that comes first', async () => {
    const entries = await evidence();
    expect(entries.map(({name}) => name)).to.deep.equal([
      'manifest.json',
      'events.ndjson',
      'events.ndjson.chain',
      'samples.ndjson',
      'samples.ndjson.chain',
      'load.ndjson',
      'load.ndjson.chain',
      'plan.json',
      'policy.json',
      'report.html',
      'report.md',
      'result.json',
    ]);
    const {manifest, differences} = verifyEntries(entries, undefined);
    expect(differences).to.deep.equal([]);
    expect(manifest).to.include({run: '20260301T090000-abcdef', verdict: 'deviated', exit: 7});
    const events = manifest.files.find(({name}) => name === 'events.ndjson');
    expect(events?.lines).to.equal(records.deviated().events.length);
    expect(JSON.parse(text(entries.find(({name}) => name === 'plan.json')?.bytes))).to.have.property('seed', 42);
  });

  it('is the same bytes whenever it is made, and reads back', async () => {
    const [first, second] = [pack(await evidence()), pack(await evidence())];
    expect(first.equals(second)).to.equal(true);
    expect(unpack(first).map(({name, bytes}) => [name, text(bytes)])).to.deep.equal(
      (await evidence()).map(({name, bytes}) => [name, text(bytes)]),
    );
  });

  it('says which file and which lines changed', async () => {
    const entries = await evidence();
    const told = (changed: readonly Entry[], seal?: string) => verifyEntries(changed, seal).differences;
    const lineChanged = replaced(entries, 'events.ndjson', content => {
      const lines = content.split('\n');
      return [...lines.slice(0, 4), `${lines[4] ?? ''} `, ...lines.slice(5)].join('\n');
    });
    expect(told(lineChanged)).to.deep.equal([{file: 'events.ndjson', what: 'changed in line 5', lines: [5]}]);
    expect(told(replaced(entries, 'report.md', content => content.replace('DEVIATED', 'HELD')))).to.deep.equal([
      {file: 'report.md', what: 'changed'},
    ]);
    expect(told(entries.filter(({name}) => name !== 'load.ndjson'))).to.deep.equal([
      {file: 'load.ndjson', what: 'missing'},
    ]);
    expect(told([...entries, entry('more.txt', 'x')])).to.deep.equal([{file: 'more.txt', what: 'not in the manifest'}]);
    const longer = replaced(entries, 'load.ndjson', content => `${content}{}\n`);
    expect(told(longer)[0]?.what).to.match(/^changed in line \d+$/);
    expect(told(entries, 'f'.repeat(64))[0]?.file).to.equal('manifest.json');
    const {seal} = verifyEntries(entries, undefined);
    expect(told(entries, seal.toUpperCase())).to.deep.equal([]);
    // Who makes a whole new pack has another seal.
    const manifest = replaced(entries, 'manifest.json', content => content.replace('"exit": 7', '"exit": 0'));
    expect(told(manifest)).to.deep.equal([]);
    expect(told(manifest, seal)).to.have.length(1);
  });

  it('shows any one byte that changed, wherever it is', async () => {
    const archive = pack(await evidence());
    const tar = gunzipSync(archive);
    fc.assert(
      fc.property(fc.nat(tar.length - 1), fc.integer({min: 1, max: 255}), (at, flip) => {
        const other = Buffer.from(tar);
        other.writeUInt8(other.readUInt8(at) ^ flip, at);
        let differences = 0;
        try {
          const {seal} = verifyEntries(unpack(archive), undefined);
          differences = verifyEntries(unpack(gzipped(other)), seal).differences.length;
        } catch (error) {
          expect(error).to.be.instanceOf(FiredrillError);
          differences = 1;
        }
        expect(differences).to.be.above(0);
      }),
      {numRuns: 60},
    );
  });

  it('shows a damaged archive as damaged', async () => {
    const archive = pack(await evidence());
    const [dated, longer] = [Buffer.from(archive), Buffer.concat([archive, Buffer.from('more')])];
    dated.writeUInt8(7, 4);
    for (const broken of [dated, longer, archive.subarray(0, -9), archive.subarray(0, 40), Buffer.alloc(0)]) {
      expect(refusalOf(broken).code).to.equal('EVIDENCE_UNREADABLE');
    }
  });
});

describe('a hostile archive', () => {
  const tarOf = (entries: readonly Entry[]) => gunzipSync(pack(entries));
  const changed = (change: (tar: Buffer) => void) => {
    const tar = tarOf([entry('events.ndjson', 'x\n')]);
    change(tar);
    // With a sum that fits, so that what is refused is the thing itself.
    tar.write(' '.repeat(8), 148);
    const sum = tar.subarray(0, 512).reduce((all, byte) => all + byte, 0);
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return refusalOf(gzipped(tar)).message;
  };

  it('is refused for paths, links, folders, devices and extensions', () => {
    const hidden = 'x\u202ey.json';
    for (const name of ['../../etc/passwd', '/etc/passwd', 'a/b.json', '..', '.bashrc', 'A.json', hidden]) {
      expect(refusalOf(pack([entry(name, 'x')])).message, name).to.include('not one plain file');
    }
    for (const type of ['1', '2', '3', '5', '6', '7', 'x', 'g', 'L', '\0']) {
      expect(
        changed(tar => tar.write(type, 156)),
        type,
      ).to.include('not that of a plain file of ours');
    }
    expect(changed(tar => tar.write('/etc/passwd', 157))).to.include('not that of a plain file');
    expect(changed(tar => tar.write('../..', 345))).to.include('not that of a plain file');
    expect(changed(tar => tar.write('0004755\0', 100))).to.include('not that of a plain file');
  });

  it('is refused for sizes that lie, names that come twice, and what stands behind a file', () => {
    expect(changed(tar => tar.write('77777777777\0', 124))).to.include('larger than the archive');
    expect(changed(tar => tar.write('-0000000001\0', 124))).to.include('larger than the archive');
    expect(changed(tar => tar.write('x', 512 + 100))).to.include('something behind');
    expect(refusalOf(pack([entry('a.json', '1'), entry('a.json', '2')])).message).to.include('twice');
    const many = Array.from({length: 101}, (_, i) => entry(`a${i}.json`, ''));
    expect(refusalOf(pack(many)).message).to.include('more than 100 files');
    const trailing = Buffer.concat([tarOf([entry('a.json', '1')]), Buffer.alloc(512)]);
    expect(refusalOf(gzipped(trailing)).message).to.include('does not end');
  });

  it('is refused before a bomb is unpacked', () => {
    // Gzip members in a row: two kilobytes for each megabyte of zeros.
    const megabytes = gzipped(Buffer.alloc(64 * 1024 * 1024));
    const bomb = Buffer.concat(Array.from({length: 17}, () => megabytes));
    expect(bomb.length).to.be.below(2 * 1024 * 1024);
    expect(refusalOf(bomb).message).to.include('unpacks to more than');
  }).timeout(60_000);
});

describe('the chain over the lines of a record', () => {
  it('depends on every line before, on the name, and on the last line break', () => {
    const head = (content: string, name = 'a') => chainOf(name, Buffer.from(content)).head;
    const heads = [head('1\n2\n'), head('2\n1\n'), head('1\n2'), head('12\n'), head('1\n2\n', 'b'), head('')];
    expect(new Set(heads).size).to.equal(heads.length);
  });

  it('names exactly the lines that changed, are new or are gone', () => {
    const lines = fc.array(fc.stringMatching(/^[a-z]{0,5}$/), {minLength: 1, maxLength: 20});
    fc.assert(
      fc.property(lines, fc.nat(), (all, pick) => {
        const bytes = (some: readonly string[]) => Buffer.from(some.map(line => `${line}\n`).join(''));
        const {digests} = chainOf('a', bytes(all));
        const at = pick % all.length;
        const other = all.map((line, i) => (i === at ? `${line}!` : line));
        expect(changedLines('a', bytes(all), digests)).to.deep.equal([]);
        expect(changedLines('a', bytes(other), digests)).to.deep.equal([at + 1]);
        expect(changedLines('a', bytes([...all, 'x']), digests)).to.deep.equal([all.length + 1]);
        expect(changedLines('a', bytes(all.slice(0, -1)), digests)).to.deep.equal([all.length]);
      }),
    );
  });
});
