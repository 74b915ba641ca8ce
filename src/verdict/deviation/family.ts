import {isErrorShare} from '../../experiment/traits.js';
import {seededRandom} from '../../quantities/random.js';
import {ALPHA, changeResult, figuresOf, finite, SEED, type Figures} from '../change.js';
import type {Comparison, ComparedDirection} from '../../statistics/decisions/comparison.js';
import {judgeMetrics} from '../../statistics/decisions/judge-metrics.js';
import type {MetricVerdict} from '../../statistics/decisions/metric.js';
import type {Detection} from '../../statistics/times/detector.js';
import type {DeviationResult, Verdict} from '../result.js';
import type {ComparisonInput} from './comparison-input.js';
import {overall, partOf} from './values.js';
import {AGAINST, BECAUSE, deviationSentence, FEW_BLOCKS, TOO_CLOSE} from './words.js';

/** Fewer values in a window than this are no ground for an interval. */
const MIN_VALUES = 8;

const RANK: Readonly<Record<Verdict, number>> = {deviated: 0, inconclusive: 1, held: 2};

/** Whether changes of what was measured are differences of shares. */
function isShare({judged}: ComparisonInput): boolean {
  const {measured} = judged;
  return measured.kind === 'counts' || ('share' in measured && measured.share);
}

/** What the allowed change is in, and every change that is compared with it. */
function termsOf(entry: ComparisonInput): DeviationResult['allowed']['of'] {
  if (isShare(entry)) return 'share';
  return entry.metric.deviation.absolute === true ? 'unit' : 'relative';
}

/** Shares are told in the metric's unit only where that is one: errors per second are compared as shares, too. */
function typicalValues(
  {metric, judged}: ComparisonInput,
  figures: Figures | undefined,
): Pick<DeviationResult, 'from' | 'to'> {
  const inUnit =
    figures !== undefined && (!isErrorShare(metric) || metric.unit === 'ratio' || judged.measured.kind === 'bins');
  return inUnit ? {from: finite(figures.from), to: finite(figures.to)} : {from: null, to: null};
}

/** Why an interval is too wide, where no window would settle it. */
function unsettled({directions, effect}: Comparison): string {
  if (effect.kind === 'blocks' && effect.of.leastChance > ALPHA) return FEW_BLOCKS;
  return directions.some(isClose) ? TOO_CLOSE : BECAUSE['wide-interval'];
}

/** Whether the estimate is so near to what is allowed that more of the same would hardly tell. */
function isClose({estimate, lower, upper, margin}: ComparedDirection): boolean {
  return Math.abs(margin - estimate) < (upper - lower) / 4;
}

/** Nobody runs longer than this on a suggestion, s. */
const MOST_SECONDS = 3600;

/** How long both windows must be, s; null where no length that anybody would choose settles it. */
function settlesSecondsOf({settles, binSeconds}: ComparisonInput, values: number | null): number | null {
  if (values === null || settles === false) return null;
  const seconds = Math.ceil(values * binSeconds);
  return seconds <= MOST_SECONDS ? seconds : null;
}

/** A change may have begun inside the bin before, and the first whole bin begins up to one after the interval. */
function partSeconds({onset, detected}: Detection, binSeconds: number): DeviationResult['part'] {
  return [Math.max(0, onset - 1) * binSeconds, (detected + 2) * binSeconds];
}

/** The figure over the part that proves a deviation beside the same figure over the baseline. */
function partChangeOf(
  {judged, unansweredMs, metric, ...entry}: ComparisonInput,
  {onset, detected}: Pick<Detection, 'onset' | 'detected'>,
): NonNullable<DeviationResult['partChange']> {
  const {measured} = judged;
  const reading = {measured, unansweredMs};
  const from = overall({...reading, window: 'baseline'});
  const to = overall({...reading, measured: partOf(measured, onset, detected + 1), window: 'fault'});
  const terms = termsOf({...entry, judged, metric, unansweredMs});
  const relative = from !== null && to !== null && from > 0 ? to / from - 1 : null;
  const size = terms === 'relative' ? relative : from === null || to === null ? null : to - from;
  // A share of requests is told in the metric's unit only where that is one.
  return terms === 'share' && metric.unit !== 'ratio' ? {from: null, to: null, size} : {from, to, size};
}

/** Where only a part of the time proves a deviation: when that was, and how far it went. */
function partProof(
  entry: ComparisonInput,
  {verdict, lasting, detection}: MetricVerdict,
): Pick<DeviationResult, 'part' | 'partChange'> {
  if (verdict !== 'deviated' || lasting || detection === undefined) return {part: null};
  const {binSeconds} = entry;
  return {
    part: partSeconds(detection, binSeconds),
    partChange: partChangeOf(entry, detection),
  };
}

function resultOf(entry: ComparisonInput, judged: MetricVerdict): DeviationResult {
  const {metric, subject, design, words, binSeconds} = entry;
  const {comparison, verdict, grade, transient, doubts, settles, moved} = judged;
  const enough = comparison !== undefined && (comparison.values >= MIN_VALUES || verdict === 'deviated');
  const known = enough ? figuresOf(comparison, termsOf(entry) === 'unit') : undefined;
  const settlesSeconds = settlesSecondsOf(entry, settles);
  const tooClose = comparison === undefined || settlesSeconds !== null ? {} : {'wide-interval': unsettled(comparison)};
  const why = {...BECAUSE, ...tooClose, ...words};
  const decides = entry.judged.primary;
  const told: DeviationResult = {
    design,
    verdict,
    decides,
    alsoMoved: !decides && moved && verdict === 'deviated',
    grade,
    transient,
    ...partProof(entry, judged),
    subject,
    allowed: {by: metric.deviation.by, critical: metric.deviation.critical, of: termsOf(entry)},
    ...typicalValues(entry, known),
    change: known === undefined ? null : changeResult(known, metric, AGAINST[design]),
    doubts: doubts.map(code => ({code, text: why[code]})),
    settlesSeconds,
    comparedSeconds: comparison === undefined ? null : comparison.values * binSeconds,
    text: '',
  };
  return {...told, text: deviationSentence(metric.name, told, metric)};
}

/** The worst of the subjects of a metric: by verdict, by grade, and by how far it is beyond what is allowed. */
function worse(a: DeviationResult, b: DeviationResult): number {
  const size = ({change}: DeviationResult) => Math.abs(change?.estimate ?? (change === null ? 0 : Infinity));
  const failed = ({grade}: DeviationResult) => (grade === 'failed' ? 0 : 1);
  return RANK[a.verdict] - RANK[b.verdict] || failed(a) - failed(b) || size(b) - size(a);
}

/**
 * Judges all metrics of one interval together: Holm over everything that decides, where each subject of a metric counts
 * as one, because a false alarm about any of them would be one about the metric. Of several subjects the worst is the
 * metric's answer. By the name of the metric. `part`: the part of the error that this look at a run may spend.
 */
export function judgeFamily(entries: readonly ComparisonInput[], part = 1): ReadonlyMap<string, DeviationResult> {
  const rules = {alpha: ALPHA * part, random: seededRandom(SEED)};
  const verdicts = judgeMetrics(
    entries.map(({judged}) => judged),
    rules,
  );
  const names = new Set(entries.map(({metric}) => metric.name));
  const answers = [...names].flatMap(name => {
    const own = entries.flatMap((entry, i) => (entry.metric.name === name ? [{entry, judged: verdicts[i]}] : []));
    const several = own.length > 1;
    const results = own.flatMap(({entry, judged}) =>
      judged === undefined ? [] : [resultOf(several ? entry : {...entry, subject: null}, judged)],
    );
    const [worst] = results.sort(worse);
    return worst === undefined ? [] : [[name, worst] as const];
  });
  return new Map(answers);
}
