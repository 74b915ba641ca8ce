import {createHash} from 'node:crypto';

/** The lines of a record and what they are chained by. */
export interface Chain {
  /** One digest a line: of the digest before it and the line with its line break. */
  readonly digests: readonly string[];
  /** The last of them; of an empty file that of nothing. */
  readonly head: string;
}

const sha256 = (...parts: readonly (string | Uint8Array)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

/** What a chain begins with: the name of the file, so that the lines of one file are none of another. */
export function chainStart(name: string): string {
  return sha256(`firedrill chain 1\n${name}\n`);
}

/** The lines of a file as bytes, each with its line break; the last one may have none. */
export function linesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length;) {
    const at = bytes.indexOf(0x0a, from);
    const to = at === -1 ? bytes.length : at + 1;
    lines.push(bytes.subarray(from, to));
    from = to;
  }
  return lines;
}

/** Chains the lines of a file: whoever changes one changes its digest and all behind it. */
export function chainOf(name: string, bytes: Uint8Array): Chain {
  const digests: string[] = [];
  let head = chainStart(name);
  for (const line of linesOf(bytes)) {
    head = sha256(head, line);
    digests.push(head);
  }
  return {digests, head};
}

/**
 * The numbers of the lines that are not as they were when these digests were made, from 1: each is held against the
 * digest before it as it was, so that one change is told once. Lines behind the last digest, and missing ones, count.
 */
export function changedLines(name: string, bytes: Uint8Array, digests: readonly string[]): readonly number[] {
  const lines = linesOf(bytes);
  const changed: number[] = [];
  for (let i = 0; i < Math.max(lines.length, digests.length); i++) {
    const line = lines[i];
    const before = i === 0 ? chainStart(name) : (digests[i - 1] ?? '');
    if (line === undefined || sha256(before, line) !== digests[i]) changed.push(i + 1);
  }
  return changed;
}

/** The digest of a whole file. */
export function digestOf(bytes: Uint8Array | string): string {
  return sha256(bytes);
}
