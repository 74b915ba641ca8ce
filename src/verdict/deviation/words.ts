import type {MetricSpec} from '../../experiment/experiment.js';
import {formatShare} from '../../quantities/share.js';
import {sayChange} from '../change.js';
import {tellAvailability} from '../availability/words.js';
import {NO_CAPACITY} from '../judgement/capacity-window.js';
import type {Doubt} from '../../statistics/decisions/metric.js';
import {describeTolerance} from '../judgement/tolerance.js';
import {capital, quantity} from '../phrase.js';
import type {DeviationResult, MetricResult} from '../result.js';

/** Why a comparison is open, for people who do not do statistics. */
export const BECAUSE: Readonly<Record<Doubt, string>> = {
  'nothing-measured': 'nothing was measured',
  'signal-lost': 'it was no longer measured during the fault',
  'few-levels': NO_CAPACITY['few-levels'],
  'not-saturated': NO_CAPACITY['not-saturated'],
  'no-traffic': 'there were no requests to judge by',
  'little-traffic': 'there were too few requests to judge by',
  'under-sent': 'the load was not sent as it was meant',
  'late-before': 'requests were sent late before the fault, which may hide a change',
  'late-during': 'requests were sent late during the fault, which looks like slower answers',
  gaps: 'too many of its values are missing',
  'few-values': 'it was measured too few times',
  'few-independent-values': 'it rises and falls too slowly for times this short',
  'unsteady-baseline': 'it was not steady before the fault',
  smoothed: 'its query averages over more time than lies between two values',
  'several-metrics': 'with several metrics looked at, one change of this size may be chance',
  'brief-change': 'it was worse for a few seconds only, which may be a burst of its own',
  'wide-interval': 'it varies too much by itself to be certain yet',
};

/** A wide interval of a switchback that had so few blocks that chance could have put them in any order. */
export const FEW_BLOCKS = 'there are too few blocks to tell its change from chance';

/** A wide interval that no window would make narrow enough. */
export const TOO_CLOSE = 'it is too close to what is allowed to be told from it';

/** The doubt of a metric whose target may have failed more often than is allowed. */
export const MAY_HAVE_FAILED = 'target-failed';

/** The doubt of a change that is still there when the fault is gone. */
export const CONFOUNDED = 'confounded-with-time';

/** What a metric is told by. */
type MetricWording = Pick<MetricSpec, 'unit' | 'worse'>;

const SIGNS = {higher: '+', lower: '−', either: '±'} as const;

/** `+10%`, `±20ms`, `+1% of the requests`: the allowed change. */
export function sayAllowed(
  {by, of}: Pick<DeviationResult['allowed'], 'by' | 'of'>,
  {worse, unit}: MetricWording,
): string {
  const size = of === 'unit' ? quantity(by, unit) : formatShare(by);
  return `${SIGNS[worse]}${size}${of === 'share' ? ' of the requests' : ''}`;
}

/** Percentages for people: the decimals of a large change are noise. */
function rough(value: number): number {
  const percent = value * 100;
  return (Math.abs(percent) >= 20 ? Math.round(percent) : Math.round(percent * 10) / 10) / 100;
}

function estimateOf({change, design}: DeviationResult, {unit}: MetricWording): string {
  if (change === null) return '';
  const {of, estimate} = change;
  if (estimate !== null && of !== 'unit' && rough(estimate) === 0) return 'no change';
  const size = sayChange(estimate === null ? Infinity : of === 'unit' ? estimate : rough(estimate), of, {unit});
  return design === 'control' ? `${size} beyond what the control did` : size;
}

/** The typical values, `31ms to 238ms`; undefined where there are none. */
function values({from, to}: DeviationResult, {unit}: MetricWording): readonly [string | undefined, string | undefined] {
  return [from === null ? undefined : quantity(from, unit), to === null ? undefined : quantity(to, unit)];
}

/**
 * From what to what it went: `went from 31ms to 238ms`. What is compared as a share but measured in another unit has no
 * typical values: then only the change is told.
 */
function movement(deviation: DeviationResult, told: MetricWording): string {
  const [from, to] = values(deviation, told);
  if (deviation.design === 'switchback') {
    return `was ${from ?? 'unknown'} with the fault off and ${to ?? 'beyond every limit'} with it on`;
  }
  if (from === undefined && to === undefined) return deviation.change === null ? 'has no value' : 'changed';
  if (from === undefined) return `was ${to ?? ''}`;
  if (to === undefined) return `went from ${from} beyond every limit, because too many requests got no answer,`;
  return from === to ? `stayed at ${to}` : `went from ${from} to ${to}`;
}

/** How far it went in the part that proves it: `went from 99ms to 181ms (+83%, allowed +10%)`. */
function partMovement({partChange, allowed}: DeviationResult, told: MetricWording): string {
  const limit = `allowed ${sayAllowed(allowed, told)}`;
  if (partChange == null) return `went beyond what is allowed (${limit})`;
  const {from, to, size} = partChange;
  const known = size === null || allowed.of === 'unit' ? size : rough(size);
  const by = known === null ? limit : `${sayChange(known, allowed.of, told)}, ${limit}`;
  const limitless =
    to === null ? 'beyond every limit, because too many requests got no answer,' : `to ${quantity(to, told.unit)}`;
  return from === null
    ? `went beyond what is allowed (${by})`
    : `went from ${quantity(from, told.unit)} ${limitless} (${by})`;
}

/** The limit on the side that matters: what `held` has proven it to be within. */
function atMost({change}: DeviationResult, {unit, worse}: MetricWording): string {
  if (change === null) return '';
  const say = (value: number | null) =>
    value === null ? undefined : sayChange(change.of === 'unit' ? value : rough(value), change.of, {unit});
  const [lower, upper] = [say(change.lower), say(change.upper)];
  if (worse === 'either') return `surely between ${lower ?? 'no limit'} and ${upper ?? 'no limit'}`;
  const limit = worse === 'higher' ? upper : lower;
  return limit === undefined ? '' : `surely no more than ${limit}`;
}

/**
 * What a deviation says, to follow the metric's name and to go before what the fault did: `went from 31ms to 238ms
 * (+668%, allowed +10%)`. For what is inconclusive, what was seen.
 */
export function tellDeviation(deviation: DeviationResult, told: MetricWording): string {
  const {availability, verdict} = deviation;
  if (verdict !== 'deviated' || availability?.verdict !== 'deviated') return tellChange(deviation, told);
  const failed = tellAvailability(availability);
  return deviation.change === null ? failed : `${failed}; where it had one it ${tellChange(deviation, told)}`;
}

function tellChange(deviation: DeviationResult, told: MetricWording): string {
  const {verdict, part, allowed, change} = deviation;
  const limit = `allowed ${sayAllowed(allowed, told)}`;
  const size = estimateOf(deviation, told);
  const moved = movement(deviation, told);
  if (verdict === 'held') {
    const most = atMost(deviation, told);
    return `${moved} (${[size, most, limit].filter(part => part !== '').join(', ')})`;
  }
  if (part !== null) {
    const [since, proven] = part;
    const when = `for a part of the time, from second ${Math.floor(since)} on (certain by second ${Math.ceil(proven)})`;
    const whole = change === null ? '' : `; over all of it, it ${moved} (${size})`;
    return `${partMovement(deviation, told)} ${when}${whole}`;
  }
  return `${moved} (${[size, limit].filter(part => part !== '').join(', ')})`;
}

/** A longer run than this for one answer is none that people wait for, s. */
const LONGEST_SECONDS = 3600;
/** Nor is one that would have to be so many times as long as it was. */
const MOST_TIMES = 10;

/** `about 40 seconds`, `about 3 minutes`: rounded up, as people say it. */
function roughly(seconds: number): string {
  if (seconds <= 90) return `about ${Math.max(1, Math.ceil(seconds / 10)) * 10} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return `about ${minutes <= 10 ? minutes : Math.ceil(minutes / 5) * 5} minutes`;
}

/** What would settle it, to follow a semicolon; empty where length is not what is missing. */
function settling({settlesSeconds, comparedSeconds, doubts}: DeviationResult): string {
  const lacksLength = doubts.some(({code}) => code === 'wide-interval');
  if (settlesSeconds === null) return lacksLength ? LONGER_IS_NO_HELP : '';
  const more = settlesSeconds - (comparedSeconds ?? 0);
  const tooLong =
    settlesSeconds > LONGEST_SECONDS || (comparedSeconds != null && settlesSeconds > MOST_TIMES * comparedSeconds);
  return tooLong ? LONGER_IS_NO_HELP : `${roughly(more)} more would settle it`;
}

const LONGER_IS_NO_HELP =
  'longer windows would not settle it: a steadier load, a larger `by` or running it again would tell more';

/** Estimates that lie this near to what is allowed, as a part of what is uncertain, may be on either side of it. */
const NEAR = 1 / 8;

/** On which side of what is allowed it probably is; undefined where changes cannot be compared with that. */
function leaning({change, allowed}: DeviationResult, {worse}: MetricWording): string | undefined {
  if (change === null || change.of !== allowed.of) return undefined;
  const {estimate, lower, upper} = change;
  if (estimate === null) return 'probably worse than allowed, not yet certain';
  const size = worse === 'either' ? Math.abs(estimate) : worse === 'lower' ? -estimate : estimate;
  if (lower === null || upper === null) return undefined;
  if (Math.abs(size - allowed.by) < ((upper - lower) / 2) * NEAR) return 'too close to call';
  return size > allowed.by
    ? 'probably worse than allowed, not yet certain'
    : 'probably within what is allowed, not yet certain';
}

/** `+16% (+9% to +23%), allowed +10%`: what was seen where a verdict is open; undefined where nothing was compared. */
function seen(deviation: DeviationResult, told: MetricWording): string | undefined {
  const {change, allowed} = deviation;
  if (change === null) return undefined;
  const limit = (value: number | null, none: string) =>
    value === null ? none : sayChange(change.of === 'unit' ? value : rough(value), change.of, told);
  const range = `${limit(change.lower, 'far below')} to ${limit(change.upper, 'far above')}`;
  return `${estimateOf(deviation, told)} (${range}), allowed ${sayAllowed(allowed, told)}`;
}

/** Whether it is open only because something beside the fault may have changed it. */
export function isConfounded(deviation: DeviationResult | undefined): boolean {
  return deviation?.doubts.some(({code}) => code === CONFOUNDED) === true;
}

/**
 * What is open about a metric, to follow a colon, without a full stop: on which side it probably is, or what is
 * missing, what was seen, and what would settle it. `probably worse than allowed, not yet certain: +16% (+9% to +23%),
 * allowed +10%; about 3 minutes more would settle it`.
 */
export function openWords(deviation: DeviationResult, told: MetricWording): string {
  const {doubts} = deviation;
  const why = (some: DeviationResult['doubts']) => some.map(({text}) => text).join(', and ');
  if (isConfounded(deviation)) return `it ${tellDeviation(deviation, told)}, but ${why(doubts)}`;
  const others = doubts.filter(({code}) => code !== 'wide-interval');
  // What the values did is beside the point where only failures of the target are in doubt.
  const valuesHeld = doubts.every(({code}) => code === MAY_HAVE_FAILED);
  const figures = valuesHeld ? undefined : seen(deviation, told);
  // Of a switchback the order of its blocks may be what is missing, whatever its interval looks like.
  const isSided = others.length === 0 && deviation.design !== 'switchback';
  const side = isSided ? leaning(deviation, told) : undefined;
  const said =
    side === undefined
      ? [why(others.length === 0 ? doubts : others), figures && `so far ${figures}`]
      : [`${side}: ${figures ?? ''}`];
  return [...said, settling(deviation)].filter(part => part !== undefined && part !== '').join('; ');
}

/** What a verdict rests on, in short; without a full stop at its end. */
export function deviationBasis(deviation: DeviationResult, told: MetricWording): string {
  const {verdict, change, allowed, grade} = deviation;
  if (verdict === 'inconclusive') return openWords(deviation, told);
  const failed = deviation.availability?.verdict === 'deviated' ? `${deviation.availability.text}; ` : '';
  const limit = `allowed ${sayAllowed(allowed, told)}`;
  const said = change === null ? limit : `${change.text} ${capital(limit)}`;
  return `${failed}${said}${grade === 'failed' ? `, a failure from ${sayCritical(deviation, told)} on` : ''}`;
}

/** `+50%`: from where on a change is a failure. */
export function sayCritical({allowed}: DeviationResult, told: MetricWording): string {
  return sayAllowed({...allowed, by: allowed.critical}, told);
}

/** One plain sentence about a deviation, with the metric's name. */
export function deviationSentence(name: string, deviation: DeviationResult, told: MetricWording): string {
  const {verdict, subject, grade} = deviation;
  const of = subject === null ? name : `${name} of ${subject}`;
  if (verdict === 'inconclusive') {
    return `Whether ${of} stayed within what is allowed is open: ${openWords(deviation, told)}.`;
  }
  const far = grade === 'failed' ? ` From ${sayCritical(deviation, told)} on it counts as a failure.` : '';
  return `${of} ${tellDeviation(deviation, told)}.${far}`;
}

/** Against what a change is measured, as its sentence begins. */
export const AGAINST: Readonly<Record<DeviationResult['design'], string>> = {
  'before-after': 'Against the baseline',
  control: 'Against the control group',
  switchback: 'With the fault on against off',
};

/** What is allowed of a metric: by its tolerance (`below 400ms`), or by its deviation (`+10%`). */
export function sayLimits({
  tolerance,
  deviation,
  unit,
  worse,
}: Pick<MetricResult, 'tolerance' | 'deviation' | 'unit' | 'worse'>): string {
  if (tolerance !== null) return describeTolerance(tolerance, unit);
  return deviation === undefined ? 'no limit' : sayAllowed(deviation, {worse, unit});
}
