import * as z from 'zod';
import {FiredrillError} from '../../system/error.js';
import {chainOf, changedLines, digestOf} from './chain.js';
import type {Entry} from './archive.js';
import {MANIFEST, type Manifest, type ManifestFile} from './manifest.js';

const manifestSchema = () =>
  z.strictObject({
    evidence: z.literal(1),
    run: z.string(),
    title: z.string(),
    startedAt: z.string(),
    verdict: z.string().nullable(),
    exit: z.number(),
    versions: z.strictObject({tool: z.string(), judge: z.string(), result: z.number(), packedBy: z.string()}),
    files: z.array(
      z.strictObject({
        name: z.string(),
        bytes: z.number(),
        sha256: z.string(),
        lines: z.number().exactOptional(),
        head: z.string().exactOptional(),
      }),
    ),
  });

/** One thing that is not as it was packed. */
export interface Difference {
  readonly file: string;
  readonly what: string;
  /** Of a record: the lines that changed, from 1; the first hundred. */
  readonly lines?: readonly number[];
}

export interface Verified {
  readonly manifest: Manifest;
  /** The digest of the manifest: equal to the one that was noted when it was packed, or somebody made another pack. */
  readonly seal: string;
  readonly differences: readonly Difference[];
}

const MOST_LINES = 100;

function manifestOf(entries: readonly Entry[]): {readonly manifest: Manifest; readonly seal: string} {
  const entry = entries.find(({name}) => name === MANIFEST);
  const text = Buffer.from(entry?.bytes ?? []).toString('utf8');
  try {
    return {manifest: manifestSchema().parse(JSON.parse(text)), seal: digestOf(text)};
  } catch (cause) {
    throw new FiredrillError(
      'EVIDENCE_UNREADABLE',
      `Expected \`${MANIFEST}\` of an evidence pack; it cannot be read.`,
      {
        cause,
      },
    );
  }
}

/** Which lines of a record changed; whether it is the record or the chain beside it is told by their digests. */
function recordDifference({name, lines}: ManifestFile, bytes: Uint8Array, chain: Uint8Array | undefined): Difference {
  const digests = Buffer.from(chain ?? [])
    .toString('latin1')
    .split('\n')
    .slice(0, -1);
  if (lines === undefined || digests.length !== lines) return {file: name, what: 'changed'};
  const changed = changedLines(name, bytes, digests);
  const what = `changed in ${changed.length === 1 ? 'line' : 'lines'} ${listed(changed)}`;
  return {file: name, what, lines: changed.slice(0, MOST_LINES)};
}

function listed(numbers: readonly number[]): string {
  const [most, more] = [10, numbers.length - 10];
  return `${numbers.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function fileDifference(file: ManifestFile, entries: ReadonlyMap<string, Uint8Array>): readonly Difference[] {
  const bytes = entries.get(file.name);
  if (bytes === undefined) return [{file: file.name, what: 'missing'}];
  const isSame = digestOf(bytes) === file.sha256 && bytes.length === file.bytes;
  if (file.head === undefined) return isSame ? [] : [{file: file.name, what: 'changed'}];
  if (!isSame) return [recordDifference(file, bytes, entries.get(`${file.name}.chain`))];
  const {head, digests} = chainOf(file.name, bytes);
  const isChained = head === file.head && digests.length === file.lines;
  return isChained ? [] : [{file: file.name, what: 'as its digest says, but not the one that was chained'}];
}

/**
 * Holds the files of a pack against its manifest.
 * @throws FiredrillError EVIDENCE_UNREADABLE where there is none.
 */
export function verifyEntries(entries: readonly Entry[], expectedSeal: string | undefined): Verified {
  const {manifest, seal} = manifestOf(entries);
  const byName = new Map(entries.map(({name, bytes}) => [name, bytes]));
  const known = new Set([MANIFEST, ...manifest.files.map(({name}) => name)]);
  const differences = [
    ...(expectedSeal === undefined || expectedSeal.toLowerCase() === seal
      ? []
      : [{file: MANIFEST, what: 'not the one that was sealed: the pack was made again, or its manifest changed'}]),
    ...manifest.files.flatMap(file => fileDifference(file, byName)),
    ...entries.filter(({name}) => !known.has(name)).map(({name}) => ({file: name, what: 'not in the manifest'})),
  ];
  return {manifest, seal, differences};
}
