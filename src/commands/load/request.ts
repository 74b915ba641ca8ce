import type {Experiment, LoadSpec} from '../../experiment/experiment.js';
import {formatDuration, parseDuration} from '../../quantities/duration.js';
import {formatRate, parseRate} from '../../quantities/rate.js';
import {FiredrillError} from '../../system/error.js';

/** The flags of `firedrill load` as they were written. */
export interface LoadFlags {
  readonly 'load-to'?: readonly string[] | undefined;
  readonly load?: string | undefined;
  readonly for?: string | undefined;
  readonly 'find-saturation': boolean;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly step?: string | undefined;
  readonly quiet: boolean;
}

export interface SearchRequest {
  readonly kind: 'search';
  readonly load: LoadSpec;
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly forMs: number;
}

export type LoadRequest =
  {readonly kind: 'measure'; readonly loads: readonly LoadSpec[]; readonly forMs: number} | SearchRequest;

const FOR_MS = 30_000;
const SEARCH_MS = 300_000;
const STEP_MS = 5000;
/** Nobody means a load of more than this on the command line. */
const LONGEST_MS = 24 * 3_600_000;
const SHORTEST_STEP_MS = 2000;
const LONGEST_STEP_MS = 120_000;
/** How far a search goes by itself, and how far it can be told to go. */
const DEFAULT_REACH = 100;
const DEFAULT_MOST = 10_000;
const MOST = 50_000;

function durationOf(
  flag: string,
  text: string | undefined,
  fallback: number,
  within: readonly [number, number],
): number {
  const ms = text === undefined ? fallback : parseDuration(text);
  const [least, most] = within;
  if (ms !== undefined && ms >= least && ms <= most) return ms;
  const range = `${formatDuration(least)} to ${formatDuration(most)}`;
  throw new FiredrillError('BAD_USAGE', `Expected \`--${flag}\` with a duration of ${range}; got \`${text ?? ''}\`.`);
}

function rateOf(flag: string, text: string | undefined, fallback: number): number {
  const rate = text === undefined ? fallback : parseRate(text);
  if (rate !== undefined && rate > 0 && rate <= MOST) return rate;
  const given = text ?? formatRate(fallback);
  throw new FiredrillError(
    'BAD_USAGE',
    `Expected \`--${flag}\` with a rate such as \`100/s\`, at most ${formatRate(MOST)}; got \`${given}\`.`,
  );
}

function loadsOf({load}: Experiment, wanted: string | undefined): readonly LoadSpec[] {
  const names = Object.keys(load);
  if (names.length === 0) {
    throw new FiredrillError('BAD_USAGE', 'Expected a file with a `load`; this one has none.');
  }
  if (wanted === undefined) return Object.values(load);
  const found = load[wanted];
  if (found !== undefined) return [found];
  const known = names.map(name => `\`${name}\``).join(', ');
  throw new FiredrillError('BAD_USAGE', `Expected \`--load\` with one of ${known}; got \`${wanted}\`.`);
}

/** What the command line asks for. @throws FiredrillError BAD_USAGE. */
export function loadRequest(experiment: Experiment, flags: LoadFlags): LoadRequest {
  const loads = loadsOf(experiment, flags.load);
  const search = flags['find-saturation'];
  const forMs = durationOf('for', flags.for, search ? SEARCH_MS : FOR_MS, [2000, LONGEST_MS]);
  if (!search) return {kind: 'measure', loads, forMs};
  const [load, ...others] = loads;
  if (load === undefined || others.length > 0) {
    const known = loads.map(({name}) => `\`${name}\``).join(', ');
    throw new FiredrillError('BAD_USAGE', `Expected \`--load\` to name the one load to search with: ${known}.`);
  }
  const from = rateOf('from', flags.from, load.rate);
  const to = rateOf('to', flags.to, Math.max(from, Math.min(from * DEFAULT_REACH, DEFAULT_MOST)));
  if (to < from) {
    throw new FiredrillError(
      'BAD_USAGE',
      `Expected \`--to\` not to be below the first rate, ${formatRate(from)}; got \`${formatRate(to)}\`.`,
    );
  }
  return {
    kind: 'search',
    load,
    from,
    to,
    stepMs: durationOf('step', flags.step, STEP_MS, [SHORTEST_STEP_MS, LONGEST_STEP_MS]),
    forMs,
  };
}
