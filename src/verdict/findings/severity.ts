import {formatShare} from '../../quantities/share.js';
import {shortNumber} from '../../quantities/number.js';
import type {AvailabilityResult, Severity} from '../result.js';

/** A severity and how it came about, with the numbers in it: it is printed beside the finding. */
export interface Rated {
  readonly severity: Severity;
  readonly formula: string;
}

interface SeverityBand {
  readonly from: number;
  readonly severity: Severity;
}

/** Share of requests that failed while a fault was in force. */
const FAILED: readonly SeverityBand[] = [
  {from: 0.5, severity: 'SEV1'},
  {from: 0.1, severity: 'SEV2'},
  {from: 0.01, severity: 'SEV3'},
  {from: 0, severity: 'SEV4'},
];

/** A figure as a multiple of its tolerance. */
const EXCESS: readonly SeverityBand[] = [
  {from: 10, severity: 'SEV2'},
  {from: 2, severity: 'SEV3'},
  {from: 0, severity: 'SEV4'},
];

const ALL: readonly Severity[] = ['SEV1', 'SEV2', 'SEV3', 'SEV4', 'SEV5'];

/** One step more severe; SEV1 stays. */
function raise(severity: Severity): Severity {
  return ALL[Math.max(0, ALL.indexOf(severity) - 1)] ?? severity;
}

function band(value: number, bands: readonly SeverityBand[]): Severity {
  return bands.find(({from}) => value >= from)?.severity ?? 'SEV4';
}

function words(bands: readonly SeverityBand[], show: (value: number) => string): string {
  return bands
    .map(({from, severity}) => (from === 0 ? `${severity} below` : `${severity} from ${show(from)}`))
    .join(', ');
}

/** Whether the system came back in time, as far as that is known. */
export type CameBack = 'yes' | 'no' | 'unknown';

function backWords(cameBack: CameBack, base: Severity): string {
  if (cameBack === 'no') return `did not come back in time, so one step up from ${base}`;
  return cameBack === 'yes' ? 'came back in time, so not raised' : 'the recovery is not known, so not raised';
}

/** By the share of requests that failed; one step up where the system did not come back in time. */
export function ratedByFailures(share: number, cameBack: CameBack, of = 'requests'): Rated {
  const base = band(share, FAILED);
  const severity = cameBack === 'no' ? raise(base) : base;
  const back = backWords(cameBack, base);
  return {
    severity,
    formula: `${severity}: ${formatShare(share)} of ${of} failed (${words(FAILED, formatShare)}); ${back}`,
  };
}

/** The worse of what the values say and of what failed where a value was asked for. */
export function ratedWith(rated: Rated, lost: AvailabilityResult | undefined, cameBack: CameBack): Rated {
  if (lost === undefined || lost.during.attempts === 0) return rated;
  const failed = ratedByFailures(lost.during.failed / lost.during.attempts, cameBack, 'attempts to measure it');
  return failed.severity <= rated.severity ? failed : rated;
}

/**
 * By how many times the tolerance a figure reached, or a change the allowed one; one step up where the system did not
 * come back in time.
 */
export function ratedByExcess(
  excess: number | null,
  cameBack: CameBack,
  of: 'tolerance' | 'allowed change' = 'tolerance',
): Rated {
  const times = (value: number) => `${shortNumber(value)}x`;
  const base = excess === null ? 'SEV3' : band(excess, EXCESS);
  const severity = cameBack === 'no' ? raise(base) : base;
  const reached =
    excess === null
      ? `the ${of} has no multiple, which counts as SEV3`
      : `${times(excess)} of the ${of} (${words(EXCESS, times)})`;
  const back = backWords(cameBack, base);
  return {severity, formula: `${severity}: ${reached}; ${back}`};
}

/** A severity that follows from the kind of finding alone, with the reason. */
export function ratedFixed(severity: Severity, why: string): Rated {
  return {severity, formula: `${severity}: ${why}`};
}
