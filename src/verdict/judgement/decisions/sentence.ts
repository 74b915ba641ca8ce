import {formatShare} from '../../../quantities/share.js';
import type {Comparison} from './comparison.js';
import type {Doubt, JudgedMetric, MetricVerdict} from './metric.js';

/** Why a comparison is open, for people who do not do statistics. */
const BECAUSE: Readonly<Record<Doubt, string>> = {
  'nothing-measured': 'nothing was measured',
  'signal-lost': 'it was no longer measured during the fault',
  gaps: 'too many of its values are missing',
  'few-values': 'there are too few values',
  'few-independent-values': 'it moves so slowly that there are too few independent values',
  'unsteady-baseline': 'it was not steady before the fault',
  smoothed: 'its query averages over more time than lies between two values',
  'several-metrics': 'among several metrics, a change of this size may be chance',
  'wide-interval': 'its noise hides changes of the size that matters',
};

interface Range {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
  /** What a share is of: nothing for changes relative to the baseline. */
  readonly of: string;
}

function rangeOf({effect}: Comparison): Range | undefined {
  if (effect.kind === 'counts') return {...effect.of.difference, upper: effect.of.provenUpper, of: ' of the requests'};
  const {relative} = effect.of;
  return relative === null ? undefined : {...relative, of: ''};
}

function share(value: number): string {
  return Number.isFinite(value) ? `${value < 0 ? '−' : '+'}${formatShare(Math.abs(value))}` : 'beyond every limit';
}

function change(comparison: Comparison | undefined): string {
  const range = comparison && rangeOf(comparison);
  if (range === undefined) return '';
  const {estimate, lower, upper, of} = range;
  return ` (${share(estimate)}${of}; surely from ${share(lower)} to ${share(upper)})`;
}

function allowed({by, worse, measured}: JudgedMetric): string {
  const sign = {higher: '+', lower: '−', either: '±'}[worse];
  return `${sign}${formatShare(by)}${measured.kind === 'counts' ? ' of the requests' : ''}`;
}

/** One plain sentence about a verdict, with the figures it rests on. */
export function sentenceAbout(metric: JudgedMetric, judged: MetricVerdict): string {
  const {verdict, grade, transient, detection, doubts, settles, comparison} = judged;
  const limit = `the allowed ${allowed(metric)}`;
  if (verdict === 'held') return `${metric.name} stayed within ${limit}${change(comparison)}.`;
  if (verdict === 'deviated') {
    if (transient && detection !== undefined) {
      const when = `from value ${detection.onset + 1} on, proven by value ${detection.detected + 1}`;
      return `${metric.name} left ${limit} for a part of the time (${when}); over the whole fault it stayed inside${change(comparison)}.`;
    }
    const far = grade === 'failed' ? `far beyond ${limit}` : `beyond ${limit}`;
    return `${metric.name} went ${far}${change(comparison)}.`;
  }
  const why = doubts.map(doubt => BECAUSE[doubt]).join(', and ');
  const settled = settles === null ? '' : ` A baseline and a fault of ${settles} values each would settle it.`;
  return `Whether ${metric.name} stayed within ${limit} is open: ${why}${change(comparison)}.${settled}`;
}
