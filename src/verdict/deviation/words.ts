import type {MetricSpec} from '../../experiment/experiment.js';
import {formatShare} from '../../quantities/share.js';
import {sayChange} from '../change.js';
import {NO_CAPACITY} from '../judgement/capacity-window.js';
import type {Doubt} from '../judgement/decisions/metric.js';
import {describeBounds} from '../judgement/tolerance.js';
import {quantity} from '../phrase.js';
import type {DeviationResult, MetricResult} from '../result.js';
import {say} from '../time.js';

/** Why a comparison is open, for people who do not do statistics. */
export const BECAUSE: Readonly<Record<Doubt, string>> = {
  'nothing-measured': 'nothing was measured',
  'signal-lost': 'it was no longer measured during the fault',
  'few-levels': NO_CAPACITY['few-levels'],
  'not-saturated': NO_CAPACITY['not-saturated'],
  'no-traffic': 'there were no requests to judge by',
  'little-traffic': 'there were too few requests to judge by',
  'under-sent': 'the load was not sent as it was meant',
  'late-before': 'requests left late before the fault, which may hide a change',
  'late-during': 'requests left late during the fault, which looks like a change',
  gaps: 'too many of its values are missing',
  'few-values': 'there are too few values',
  'few-independent-values': 'it moves so slowly that there are too few independent values',
  'unsteady-baseline': 'it was not steady before the fault',
  smoothed: 'its query averages over more time than lies between two values',
  'several-metrics': 'among several metrics, a change of this size may be chance',
  'wide-interval': 'its noise hides changes of the size that matters',
};

/** A wide interval of a switchback that had so few blocks that chance could have put them in any order. */
export const FEW_BLOCKS = 'there are too few blocks to tell its change from chance';

/** A wide interval that no window would make narrow enough. */
export const TOO_CLOSE = 'its change is too close to what is allowed for its noise';

/** The doubt of a change that is still there when the fault is gone. */
export const CONFOUNDED = 'confounded-with-time';

/** What a metric is told by. */
type Told = Pick<MetricSpec, 'unit' | 'worse'>;

const SIGNS = {higher: '+', lower: '−', either: '±'} as const;

/** `+10%`, `±10%`, `+1% of the requests`: the allowed change. */
export function sayAllowed({by, of}: {by: number; of: 'relative' | 'share'}, {worse}: Pick<Told, 'worse'>): string {
  return `${SIGNS[worse]}${formatShare(by)}${of === 'share' ? ' of the requests' : ''}`;
}

/** Percentages for people: the decimals of a large change are noise. */
function rough(value: number): number {
  const percent = value * 100;
  return (Math.abs(percent) >= 20 ? Math.round(percent) : Math.round(percent * 10) / 10) / 100;
}

function estimateOf({change, design}: DeviationResult, {unit}: Told): string {
  if (change === null) return '';
  const {of, estimate} = change;
  if (estimate !== null && of !== 'unit' && rough(estimate) === 0) return 'no change';
  const size = sayChange(estimate === null ? Infinity : of === 'unit' ? estimate : rough(estimate), of, {unit});
  return design === 'control' ? `${size} beyond what the control did` : size;
}

/** The typical values, `31ms to 238ms`; undefined where there are none. */
function values({from, to}: DeviationResult, {unit}: Told): readonly [string | undefined, string | undefined] {
  return [from === null ? undefined : quantity(from, unit), to === null ? undefined : quantity(to, unit)];
}

/** From what to what it went: `went from 31ms to 238ms`. */
/** What is compared as a share but measured in another unit has no typical values: then only the change is told. */
function movement(deviation: DeviationResult, told: Told): string {
  const [from, to] = values(deviation, told);
  if (deviation.design === 'switchback') {
    return `was ${from ?? 'unknown'} with the fault off and ${to ?? 'beyond every limit'} with it on`;
  }
  if (from === undefined && to === undefined) return deviation.change === null ? 'has no value' : 'changed';
  if (from === undefined) return `was ${to ?? ''}`;
  if (to === undefined) return `went from ${from} beyond every limit, because too many requests got no answer,`;
  return from === to ? `stayed at ${to}` : `went from ${from} to ${to}`;
}

/** The limit on the side that matters: what `held` has proven it to be within. */
function atMost({change}: DeviationResult, {unit, worse}: Told): string {
  if (change === null) return '';
  const say = (value: number | null) =>
    value === null ? undefined : sayChange(change.of === 'unit' ? value : rough(value), change.of, {unit});
  const [lower, upper] = [say(change.lower), say(change.upper)];
  if (worse === 'either') return `surely between ${lower ?? 'no limit'} and ${upper ?? 'no limit'}`;
  const limit = worse === 'higher' ? upper : lower;
  return limit === undefined ? '' : `surely no more than ${limit}`;
}

/**
 * What a deviation says, to follow the metric's name and to go before what the fault did: `went from 31ms to 238ms (+668%, allowed +10%)`. For
 * what is inconclusive, what was seen.
 */
export function tellDeviation(deviation: DeviationResult, told: Told): string {
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
    const when = `for a part of the time (${limit}), from second ${Math.floor(since)} on and proven by second ${Math.ceil(proven)}`;
    const whole = change === null ? '' : `; over all of it, it ${moved} (${size})`;
    return `went beyond what is allowed ${when}${whole}`;
  }
  return `${moved} (${[size, limit].filter(part => part !== '').join(', ')})`;
}

/** Why it is open, and what would settle it; to follow a colon, without a full stop. */
function tellDoubts({doubts, settlesSeconds, design}: DeviationResult): string {
  const why = doubts.map(({text}) => text).join(', and ');
  if (settlesSeconds === null) return why;
  const wanted =
    design === 'switchback'
      ? `blocks of ${say(settlesSeconds)} in all`
      : `a baseline and a fault of ${say(settlesSeconds)} each`;
  return `${why}; ${wanted} would settle it`;
}

/** What was seen where a verdict is open. */
function seen(deviation: DeviationResult, told: Told): string {
  const {change} = deviation;
  if (change === null) return '';
  const limit = (value: number | null, none: string) =>
    value === null ? none : sayChange(change.of === 'unit' ? value : rough(value), change.of, told);
  const range = `${limit(change.lower, 'far below')} to ${limit(change.upper, 'far above')}`;
  return ` (seen: ${estimateOf(deviation, told)}, but it could be anything from ${range})`;
}

/** Whether it is open only because something beside the fault may have changed it. */
export function isConfounded(deviation: DeviationResult | undefined): boolean {
  return deviation?.doubts.some(({code}) => code === CONFOUNDED) === true;
}

/** What is open about a metric, to follow a colon: why, what would settle it, what was seen; without a full stop. */
export function openWords(deviation: DeviationResult, told: Told): string {
  if (isConfounded(deviation)) return `it ${tellDeviation(deviation, told)}, but ${tellDoubts(deviation)}`;
  return `${tellDoubts(deviation)}${seen(deviation, told)}`;
}

/** What a verdict rests on, in short. */
export function deviationBasis(deviation: DeviationResult, told: Told): string {
  const {verdict, change, allowed, grade} = deviation;
  const limit = `allowed ${sayAllowed(allowed, told)}`;
  if (verdict === 'inconclusive') return openWords(deviation, told);
  const text = change === null ? '' : `${change.text.replace(/\.$/, '')}, `;
  return `${text}${limit}${grade === 'failed' ? `, a failure from ${sayCritical(deviation, told)} on` : ''}`;
}

/** `+50%`: from where on a change is a failure. */
export function sayCritical({allowed}: DeviationResult, told: Told): string {
  return sayAllowed({...allowed, by: allowed.critical}, told);
}

/** One plain sentence about a deviation, with the metric's name. */
export function deviationSentence(name: string, deviation: DeviationResult, told: Told): string {
  const {verdict, subject, grade, allowed} = deviation;
  const of = subject === null ? name : `${name} of ${subject}`;
  if (verdict === 'inconclusive') {
    return `Whether ${of} stayed within the allowed ${sayAllowed(allowed, told)} is open: ${openWords(deviation, told)}.`;
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
  if (tolerance !== null) return describeBounds(tolerance, unit);
  return deviation === undefined ? 'no limit' : sayAllowed(deviation, {worse});
}
