import {chainOf, digestOf} from './chain.js';
import type {Entry} from './archive.js';

export const MANIFEST = 'manifest.json';
/** The files of a record: lines that only grow. */
export const RECORDS = ['events.ndjson', 'samples.ndjson', 'load.ndjson'] as const;

/** One file of a pack, as it was when it was packed. */
export interface ManifestFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Of records: how many lines, and the head of their chain, whose digests are in `<name>.chain`. */
  readonly lines?: number;
  readonly head?: string;
}

/** What is in an evidence pack. The digest of this file stands for the whole pack. */
export interface Manifest {
  readonly evidence: 1;
  readonly run: string;
  readonly title: string;
  readonly startedAt: string;
  readonly verdict: string | null;
  readonly exit: number;
  /** Who made the run, who judged it, and who packed it. */
  readonly versions: {
    readonly tool: string;
    readonly judge: string;
    readonly result: number;
    readonly packedBy: string;
  };
  readonly files: readonly ManifestFile[];
}

const isRecord = (name: string) => RECORDS.some(record => record === name);

function fileOf({name, bytes}: Entry): ManifestFile {
  const file = {name, bytes: bytes.length, sha256: digestOf(bytes)};
  if (!isRecord(name)) return file;
  const {digests, head} = chainOf(name, bytes);
  return {...file, lines: digests.length, head};
}

/** The chain of a record as a file beside it: a digest a line. */
function chainFile({name, bytes}: Entry): Entry {
  const {digests} = chainOf(name, bytes);
  return {name: `${name}.chain`, bytes: Buffer.from(digests.map(digest => `${digest}\n`).join(''))};
}

/** The files with their chains and the manifest of all, in the order in which they are packed. */
export function withManifest(entries: readonly Entry[], head: Omit<Manifest, 'evidence' | 'files'>): readonly Entry[] {
  const all = entries.flatMap(entry => (isRecord(entry.name) ? [entry, chainFile(entry)] : [entry]));
  const manifest: Manifest = {evidence: 1, ...head, files: all.map(fileOf)};
  return [{name: MANIFEST, bytes: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)}, ...all];
}
