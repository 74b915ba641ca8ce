import {seededRandom} from '../../quantities/random.js';
import {ALPHA, changeResult, figuresOf, finite, SEED, type Figures} from '../change.js';
import {judgeMetrics} from '../judgement/decisions/judge-metrics.js';
import type {MetricVerdict} from '../judgement/decisions/metric.js';
import {isErrorShare} from '../judgement/times/track.js';
import type {DeviationResult, Verdict} from '../result.js';
import type {Entry} from './entry.js';
import {AGAINST, BECAUSE, deviationSentence, FEW_BLOCKS, TOO_CLOSE} from './words.js';

/** Fewer values in a window than this are no ground for an interval. */
const MIN_VALUES = 8;

const RANK: Readonly<Record<Verdict, number>> = {deviated: 0, inconclusive: 1, held: 2};

/** Whether changes of what was measured are differences of shares. */
function isShare({judged}: Entry): boolean {
  const {measured} = judged;
  return measured.kind === 'counts' || ('share' in measured && measured.share);
}

/** Shares are told in the metric's unit only where that is one: errors per second are compared as shares, too. */
function typicalValues({metric, judged}: Entry, figures: Figures | undefined): Pick<DeviationResult, 'from' | 'to'> {
  const inUnit =
    figures !== undefined && (!isErrorShare(metric) || metric.unit === 'ratio' || judged.measured.kind === 'bins');
  return inUnit ? {from: finite(figures.from), to: finite(figures.to)} : {from: null, to: null};
}

/** Why no window would settle it. */
function unsettled({design}: Entry, figures: Figures | undefined): string {
  return design === 'switchback' && figures?.upper === Infinity ? FEW_BLOCKS : TOO_CLOSE;
}

/** How long both windows must be, s; null where no length would settle it. */
function settlesSecondsOf({settles, binSeconds}: Entry, values: number | null): number | null {
  return values === null || settles === false ? null : Math.ceil(values * binSeconds);
}

function resultOf(entry: Entry, judged: MetricVerdict): DeviationResult {
  const {metric, subject, design, words, binSeconds} = entry;
  const {comparison, verdict, grade, transient, lasting, detection, doubts, settles, moved} = judged;
  const enough = comparison !== undefined && (comparison.values >= MIN_VALUES || verdict === 'deviated');
  const known = enough ? figuresOf(comparison) : undefined;
  const inPart = verdict === 'deviated' && !lasting && detection !== undefined;
  const tooClose = comparison?.settles() === null ? {'wide-interval': unsettled(entry, known)} : {};
  const why = {...BECAUSE, ...tooClose, ...words};
  const decides = entry.judged.primary;
  const told: DeviationResult = {
    design,
    verdict,
    decides,
    alsoMoved: !decides && moved && verdict === 'deviated',
    grade,
    transient,
    part: inPart ? [detection.onset * binSeconds, (detection.detected + 1) * binSeconds] : null,
    subject,
    allowed: {...metric.deviation, of: isShare(entry) ? 'share' : 'relative'},
    ...typicalValues(entry, known),
    change: known === undefined ? null : changeResult(known, metric, AGAINST[design]),
    doubts: doubts.map(code => ({code, text: why[code]})),
    settlesSeconds: settlesSecondsOf(entry, settles),
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
 * Judges all metrics of one interval together: Holm over everything that decides, where each subject of a metric counts as one, because a false
 * alarm about any of them would be one about the metric. Of several subjects the worst is the metric's answer. By the name of the metric.
 */
export function judgeFamily(entries: readonly Entry[]): ReadonlyMap<string, DeviationResult> {
  const rules = {alpha: ALPHA, random: seededRandom(SEED)};
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
