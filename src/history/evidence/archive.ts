import {gunzipSync, gzipSync} from 'node:zlib';
import {describeError, FiredrillError} from '../../system/error.js';

/** One file of an archive. */
export interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
/** Of the whole archive, unpacked: a run of an hour with 20 metrics takes about 25 MB. */
const MOST_BYTES = 1024 * 1024 * 1024;
const MOST_ENTRIES = 100;
/** One name, of letters that no file system and no shell takes for something else. */
const NAME = /^[a-z][a-z0-9-]*(\.[a-z0-9]+){1,3}$/;
const MOST_NAME = 90;

const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK;
const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;

/**
 * The header of a plain file in ustar, the only one that is ever written: nobody's, readable, without a date. Whatever
 * has another one (links, folders, devices, names with a path, extensions) is none of ours.
 */
function headerOf(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** What every archive of ours begins with: no name, no date, packed as well as can be, by nobody's system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);

/** Files as a compressed tar: the same files give the same bytes, whoever packs them and when. */
export function pack(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap(({name, bytes}) => [
    headerOf(name, bytes.length),
    bytes,
    Buffer.alloc(padded(bytes.length) - bytes.length),
  ]);
  const packed = gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]), {level: 9});
  GZIP_HEADER.copy(packed);
  return packed;
}

function refused(why: string): FiredrillError {
  return new FiredrillError(
    'EVIDENCE_UNREADABLE',
    `Expected an evidence pack as \`firedrill export\` writes it; ${why}.`,
  );
}

function unzipped(archive: Uint8Array): Buffer {
  if (archive.length < GZIP_HEADER.length + 8 || !GZIP_HEADER.equals(archive.subarray(0, GZIP_HEADER.length))) {
    throw refused('it does not begin as ours do');
  }
  const tar = gunzipped(archive);
  // What gzip ends with is the size of what was packed: whatever follows would be skipped without a word.
  if (Buffer.from(archive).readUInt32LE(archive.length - 4) !== tar.length)
    throw refused('there is something behind it');
  return tar;
}

function gunzipped(archive: Uint8Array): Buffer {
  try {
    return gunzipSync(archive, {maxOutputLength: MOST_BYTES});
  } catch (cause) {
    const isTooLarge = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    throw refused(
      isTooLarge ? `it unpacks to more than ${MOST_BYTES} bytes` : `it is damaged (${describeError(cause)})`,
    );
  }
}

function entryAt(tar: Buffer, at: number): Entry {
  const header = tar.subarray(at, at + BLOCK);
  const name = header.toString('latin1', 0, 100).replace(/\0.*$/s, '');
  if (!NAME.test(name) || name.length > MOST_NAME) throw refused('it holds a name that is not one plain file');
  const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
  if (!Number.isSafeInteger(size) || size < 0 || at + BLOCK + padded(size) > tar.length) {
    throw refused(`\`${name}\` is said to be larger than the archive`);
  }
  if (!header.equals(headerOf(name, size)))
    throw refused(`the header of \`${name}\` is not that of a plain file of ours`);
  const bytes = tar.subarray(at + BLOCK, at + BLOCK + size);
  if (tar.subarray(at + BLOCK + size, at + BLOCK + padded(size)).some(byte => byte !== 0)) {
    throw refused(`there is something behind \`${name}\``);
  }
  return {name, bytes};
}

/**
 * The files of an archive, in memory: nothing is ever written anywhere.
 * @throws FiredrillError EVIDENCE_UNREADABLE for whatever `pack` does not write: links, paths, the same name twice,
 * more than a gigabyte, padding or a trailer that is not empty.
 */
export function unpack(archive: Uint8Array): readonly Entry[] {
  const tar = unzipped(archive);
  const entries: Entry[] = [];
  let at = 0;
  while (at + BLOCK <= tar.length && tar[at] !== 0) {
    const entry = entryAt(tar, at);
    if (entries.some(({name}) => name === entry.name)) throw refused(`\`${entry.name}\` is in it twice`);
    if (entries.length === MOST_ENTRIES) throw refused(`it holds more than ${MOST_ENTRIES} files`);
    entries.push(entry);
    at += BLOCK + padded(entry.bytes.length);
  }
  if (tar.length - at !== 2 * BLOCK || tar.subarray(at).some(byte => byte !== 0))
    throw refused('it does not end as ours do');
  return entries;
}
