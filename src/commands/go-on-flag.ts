import * as Flags from '@oclif/core/flags';
import {formatDuration, parseDuration} from '../quantities/duration.js';
import {GO_ON_LIMIT_MS} from '../plan/go-on.js';
import {FiredrillError} from '../system/error.js';

/** What each spelling allows alone: `--resize` is the old name, with the limit that it always had. */
export const ALONE: Readonly<Record<string, string>> = {'--go-on': formatDuration(GO_ON_LIMIT_MS), '--resize': '10m'};

export const goOnFlag = Flags.string({
  helpValue: 'DURATION',
  aliases: ['resize'],
  description: `Measure the baseline for longer where it could not answer, and hold the fault on while a metric that is judged by its deviation is still open, instead of refusing or ending open. \`--go-on\` alone allows up to ${formatDuration(GO_ON_LIMIT_MS)} for the baseline and as much for each injection, \`--go-on=10m\` another limit; it wins over \`windows.goOn\` of the file. \`--resize\` is its old name.`,
});

/**
 * `--go-on` alone means the default limit, unless a duration follows: oclif has no flag whose value may be left out.
 */
export function withGoOnLimit(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((word, i) => {
    const limit = ALONE[word];
    const isAlone = (end === -1 || i < end) && parseDuration(argv[i + 1] ?? '') === undefined;
    return limit !== undefined && isAlone ? `${word}=${limit}` : word;
  });
}

/**
 * The limit of `--go-on` in ms; undefined when the flag is not given.
 * @throws FiredrillError BAD_USAGE for anything that is no duration.
 */
export function parseGoOn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) {
    throw new FiredrillError('BAD_USAGE', `Expected \`--go-on\` with a duration such as \`5m\`; got \`${text}\`.`);
  }
  return ms;
}
