import {join} from 'node:path';
import {has} from '../../record/events.js';
import {parseLines} from '../../record/reader.js';
import type {Disk} from '../../system/files.js';
import {FiredrillError} from '../../system/error.js';

/** What a person said of a finding: one line of the file, which only grows. */
export interface Resolution {
  readonly v: 1;
  readonly id: string;
  readonly by: string;
  readonly why: string;
  /** UTC, ISO 8601. */
  readonly at: string;
}

/** In the folder of the runs. */
const FILE = 'resolved-findings.ndjson';
const [MOST_NAME, MOST_WHY] = [200, 2000];

const isResolution = (value: unknown): value is Resolution =>
  has(value, 'v', 'id', 'by', 'why', 'at') &&
  value['v'] === 1 &&
  ['id', 'by', 'why', 'at'].every(field => typeof value[field] === 'string') &&
  Number.isFinite(Date.parse(String(value['at'])));

/** What was resolved, in order; and how many lines cannot be read. */
export async function readResolutions(
  disk: Disk,
  runsDir: string,
): Promise<{readonly resolutions: readonly Resolution[]; readonly unreadable: number}> {
  const {values, torn, strange} = parseLines((await disk.read(join(runsDir, FILE))) ?? '', isResolution);
  return {resolutions: values, unreadable: torn + strange};
}

/**
 * Adds a line, on disk when this resolves.
 * @throws FiredrillError BAD_USAGE where nobody or no reason is named, or at too great a length.
 */
export async function resolveFinding(disk: Disk, runsDir: string, resolution: Omit<Resolution, 'v'>): Promise<void> {
  const limits = [
    ['--by', resolution.by, MOST_NAME],
    ['--why', resolution.why, MOST_WHY],
  ] as const;
  for (const [flag, text, most] of limits) {
    if (text.trim() !== '' && text.length <= most) continue;
    throw new FiredrillError('BAD_USAGE', `Expected 1 to ${most} characters for \`${flag}\`; got ${text.length}.`);
  }
  const path = join(runsDir, FILE);
  const before = (await disk.read(path)) ?? '';
  // Half a line may stand at the end: it must not take this one with it.
  const start = before === '' || before.endsWith('\n') ? '' : '\n';
  await disk.append(path, `${start}${JSON.stringify({v: 1, ...resolution})}\n`, true);
}
