import {Flags} from '@oclif/core';
import {formatDuration, parseDuration} from '../quantities/duration.js';
import {RESIZE_LIMIT_MS} from '../run/plan/resize.js';
import {FiredrillError} from '../system/error.js';

const DEFAULT = formatDuration(RESIZE_LIMIT_MS);

export const resizeFlag = Flags.string({
  helpValue: 'DURATION',
  description: `Where the run could not see the critical change: measure the baseline for longer and lengthen the faults until it can, instead of refusing. \`--resize\` alone allows up to ${DEFAULT} for the baseline and for each injection, \`--resize=5m\` another limit.`,
});

/** `--resize` alone means the default limit, unless a duration follows: oclif has no flag whose value may be left out. */
export function withResizeLimit(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const isAlone = (word: string, i: number) =>
    word === '--resize' && (end === -1 || i < end) && parseDuration(argv[i + 1] ?? '') === undefined;
  return argv.map((word, i) => (isAlone(word, i) ? `--resize=${DEFAULT}` : word));
}

/**
 * The limit of `--resize` in ms; undefined when the flag is not given.
 * @throws FiredrillError BAD_USAGE for anything that is no duration.
 */
export function parseResize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) {
    throw new FiredrillError('BAD_USAGE', `Expected \`--resize\` with a duration such as \`5m\`; got \`${text}\`.`);
  }
  return ms;
}
