import {lstatSync} from 'node:fs';

/** Others may write to it: group or everybody. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Why what lies at this path may be somebody else's word; undefined when it is this user's alone, or not there. Links
 * are not followed: whoever made one chose where it leads.
 */
export function whyNotOurs(path: string): string | undefined {
  const found = lstatSync(path, {throwIfNoEntry: false});
  if (found === undefined) return undefined;
  if (found.isSymbolicLink()) return `\`${path}\` is a symbolic link`;
  const us = process.geteuid?.();
  if (us === undefined) return undefined;
  if (found.uid !== us) return `\`${path}\` belongs to user ${found.uid}, and this is user ${us}`;
  const mode = found.mode & 0o777;
  if ((mode & WRITABLE_BY_OTHERS) === 0) return undefined;
  return `\`${path}\` can be written by others (mode ${mode.toString(8)}; \`chmod go-w\` ends that)`;
}
