import {isErrorShare} from '../../experiment/traits.js';
import type {MetricSpec} from '../../experiment/experiment.js';
import {MIN_BASELINE_VALUES, wayBack} from '../judgement/back-inside.js';
import type {MeasuredData} from '../judgement/data.js';
import {SECOND_US} from '../../quantities/duration.js';
import {areaOf, detectChange} from '../../statistics/index.js';
import {binUsOf} from '../judgement/measured.js';
import {present, type Bins} from '../../statistics/series/bins.js';
import {MIN_BASELINE, type Detection} from '../../statistics/times/detector.js';
import type {RecoveryTime} from '../../statistics/times/recovery-time.js';
import {earliestOnset} from '../../statistics/times/onset.js';
import {allowedChange, changeTerms, comparable, tracksOf, type Comparable, type Track} from '../judgement/track.js';
import type {AreaResult, MetricTimes, RecoveryInterval} from '../result.js';
import type {TimesWindows} from './windows.js';

/**
 * Chance of a false onset in one metric and occurrence: the part of 1 % that the detector has in the judgement, too.
 */
const DETECTOR_ALPHA = 0.005;
const AREA_ALPHA = 0.01;

/** One subject of a metric with all of its windows. */
interface Subject {
  readonly metric: MetricSpec;
  readonly windows: TimesWindows;
  readonly baseline: Track;
  /** From the bin of the injection to the end of the watch, or of the fault where nothing was watched. */
  readonly all: Track;
}

/** The times of a metric before they are told in words. */
export type UnwordedTimes = Omit<MetricTimes, 'text' | 'tolerated'>;

/** A change with its place on the clock. */
interface FoundChange {
  readonly sign: 1 | -1;
  readonly onsetUs: number;
  readonly onset: readonly [number, number];
}

/** The way back with its place on the clock. */
interface WayBack {
  /** What the seconds count from. */
  readonly zeroUs: number;
  readonly track: Track;
  readonly time: RecoveryTime;
}

const rounded = (value: number) => Math.round(value * 1000) / 1000;

const secondsFrom = (zeroUs: number, us: number) => rounded((us - zeroUs) / SECOND_US);

const endOf = ({fromUs, binUs}: Track, bins: number) => fromUs + bins * binUs;

/** The bins of a track that lie wholly inside a span, in their places. */
function within(track: Track, fromUs: number, toUs: number): Track {
  const {binUs, bins} = track;
  const start = Math.max(0, Math.ceil((fromUs - track.fromUs) / binUs));
  const end = Math.max(start, Math.floor((toUs - track.fromUs) / binUs));
  return {...track, fromUs: endOf(track, start), bins: bins.slice(start, end)};
}

/** The bins from the one in which `fromUs` lies to the one in which `toUs` does. */
function covering(track: Track, fromUs: number, toUs: number): Track {
  const {binUs, bins} = track;
  const start = Math.max(0, Math.floor((fromUs - track.fromUs) / binUs));
  const end = Math.max(start, Math.ceil((toUs - track.fromUs) / binUs));
  return {...track, fromUs: endOf(track, start), bins: bins.slice(start, end)};
}

/** Bins without a value at the end were not watched. */
function trimmed(bins: Bins): Bins {
  return bins.slice(0, bins.findLastIndex(value => value !== null) + 1);
}

/**
 * A change inside a bin need not show in it, so what was found to begin with a bin may have begun in the one before,
 * and what began with the fault may have begun when it was asked for.
 */
function placed(
  {onset, detected}: Detection,
  fault: Track,
  {zeroUs, requestedUs}: TimesWindows,
): Pick<FoundChange, 'onset' | 'onsetUs'> {
  const earliestUs = endOf(fault, onset - 1);
  const earliest = secondsFrom(zeroUs, earliestUs <= zeroUs ? requestedUs : earliestUs);
  return {onsetUs: endOf(fault, onset), onset: [earliest, secondsFrom(zeroUs, endOf(fault, detected + 1))]};
}

function changeIn({baseline, all, windows}: Subject, {of, allowed}: Comparable): FoundChange | undefined {
  const fault = within(all, windows.fault.fromUs, windows.fault.toUs);
  const found = allowed.flatMap(({sign, margin}) => {
    const rules = {margin, sign, alpha: DETECTOR_ALPHA / allowed.length};
    const detection = detectChange(of(baseline.bins), of(fault.bins), rules);
    if (detection === undefined || detection.beyond <= 0) return [];
    const onset = earliestOnset(of(baseline.bins), of(fault.bins), {...rules, detection});
    return [{sign, ...placed({...detection, onset}, fault, windows)}];
  });
  return found.sort((a, b) => a.onset[1] - b.onset[1])[0];
}

/** The way back after the fault; where the platform heals, the looks begin where the change was found. */
function wayOf({windows, all, metric, baseline}: Subject, found: FoundChange | undefined): WayBack | undefined {
  const {after} = windows;
  if (after === undefined) return undefined;
  const watched = within(all, Math.max(after.fromUs, found?.onsetUs ?? 0), after.toUs);
  const track = {...watched, bins: trimmed(watched.bins)};
  const time = wayBack(metric, baseline, track);
  return time === undefined ? undefined : {zeroUs: after.fromUs, track, time};
}

function recoveriesOf({zeroUs, track, time}: WayBack): readonly RecoveryInterval[] {
  const atOnce = track.fromUs - zeroUs < track.binUs;
  const seconds = (bins: number) => secondsFrom(zeroUs, endOf(track, bins));
  return time.episodes.map(({atLeast, atMost, relapsedBy}) => ({
    atLeast: atLeast === 0 && atOnce ? 0 : seconds(atLeast),
    atMost: atMost === null ? null : seconds(atMost),
    ...(relapsedBy === undefined ? {} : {relapsedBy: seconds(relapsedBy)}),
  }));
}

/** When the metric was back, or the watch ended. */
function degradedUntil({windows}: Subject, way: WayBack | undefined): number {
  if (way === undefined) return windows.fault.toUs;
  const {track, time} = way;
  return Math.max(windows.fault.toUs, endOf(track, time.took.atMost ?? time.watched));
}

function areaIn(
  {baseline, all, windows, metric}: Subject,
  span: {fromUs: number; toUs: number; sign: 1 | -1},
): AreaResult | null {
  const {fromUs, toUs, sign} = span;
  const degraded = covering(all, fromUs, toUs);
  if (Math.min(present(baseline.bins).length, present(degraded.bins).length) < MIN_BASELINE_VALUES) return null;
  const rules = {sign, binSeconds: all.binUs / SECOND_US, alpha: AREA_ALPHA, edge: all.edge};
  const area = areaOf(baseline.bins, degraded.bins, rules);
  if (area === undefined) return null;
  return {
    from: secondsFrom(windows.zeroUs, degraded.fromUs),
    to: secondsFrom(windows.zeroUs, endOf(degraded, degraded.bins.length)),
    // A share of errors is its own unit: relative to a baseline of about none it says nothing.
    relative: isErrorShare(metric) ? null : area.relative,
    absolute: area.absolute,
  };
}

/** Without an onset only what is proven to be degraded after the fault has anything to come back from. */
function isAway(found: FoundChange | undefined, way: WayBack | undefined): boolean {
  return found !== undefined || (way?.time.episodes.some(({atLeast}) => atLeast > 0) ?? false);
}

function unknownOnset(baseline: Bins): Pick<UnwordedTimes, 'unknown'> {
  const values = present(baseline).length;
  if (values >= MIN_BASELINE) return {};
  return {unknown: `the baseline holds ${values} values, an onset needs ${MIN_BASELINE}`};
}

function backOf(
  way: WayBack | undefined,
  away: boolean,
): Pick<UnwordedTimes, 'recovered' | 'recoveries' | 'watchedSeconds'> {
  if (way === undefined) return {recovered: null, recoveries: [], watchedSeconds: null};
  const {zeroUs, track, time} = way;
  const recoveries = away ? recoveriesOf(way) : [];
  return {
    recovered: recoveries.at(-1) ?? null,
    recoveries,
    watchedSeconds: secondsFrom(zeroUs, endOf(track, time.watched)),
  };
}

/** Onset, recovery and area of one subject in one occurrence. */
function timesOfSubject(subject: Subject): UnwordedTimes {
  const {metric, windows, all, baseline} = subject;
  const compared = comparable(metric, baseline.bins, all.bins);
  const found = changeIn(subject, compared);
  const way = wayOf(subject, found);
  const away = isAway(found, way);
  const [usual] = compared.allowed;
  return {
    metric: metric.name,
    occurrence: windows.occurrence.planned.id,
    ...(all.subject === undefined ? {} : {subject: all.subject}),
    allowed: {by: allowedChange(metric), of: changeTerms(metric)},
    onset: found?.onset ?? null,
    ...unknownOnset(baseline.bins),
    ...backOf(way, away),
    area: areaIn(subject, {
      fromUs: windows.requestedUs,
      toUs: away ? degradedUntil(subject, way) : windows.fault.toUs,
      sign: (found ?? usual)?.sign ?? 1,
    }),
  };
}

/**
 * Onset, recovery and area in one occurrence of every subject of a metric that was measured in both. The bin in which
 * the injection was asked for is looked at, too: what was lost between the request and T0 is lost.
 */
export function timesOfSubjects(
  metric: MetricSpec,
  data: MeasuredData,
  windows: TimesWindows,
): readonly UnwordedTimes[] {
  const {requestedUs, fault, after} = windows;
  const baselines = tracksOf(metric, data, windows.baseline);
  // Loads have seconds of their own; the bins of all others are laid so that one begins at T0.
  const binUs = binUsOf(metric, data);
  const before = Math.ceil((fault.fromUs - requestedUs) / binUs) * binUs;
  const fromUs = metric.source === 'load' ? requestedUs - SECOND_US + 1 : fault.fromUs - before;
  const tracks = tracksOf(metric, data, {fromUs, toUs: after?.toUs ?? fault.toUs});
  return tracks.flatMap(all => {
    const baseline = baselines.find(({subject}) => subject === all.subject);
    const enough = baseline !== undefined && present(baseline.bins).length >= MIN_BASELINE_VALUES;
    return enough && present(all.bins).length > 0 ? [timesOfSubject({metric, windows, baseline, all})] : [];
  });
}
