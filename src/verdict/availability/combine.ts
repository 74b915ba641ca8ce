import {decidesByDeviation} from '../../experiment/deciding.js';
import type {MetricSpec} from '../../experiment/experiment.js';
import {deviationSentence, MAY_HAVE_FAILED} from '../deviation/words.js';
import type {AvailabilityResult, DeviationResult, MetricInterval, Verdict} from '../result.js';

/** From so many times what is allowed on it is a failure, as with every other change. */
const FAILED_TIMES = 5;

/** Nothing is held while its target failed more often than is allowed, or may have. */
function verdictWith(verdict: Verdict, availability: AvailabilityResult): Verdict {
  if (availability.verdict === 'deviated') return 'deviated';
  return availability.verdict === 'inconclusive' && verdict === 'held' ? 'inconclusive' : verdict;
}

function gradeWith({grade}: DeviationResult, {change, allowed}: AvailabilityResult): DeviationResult['grade'] {
  return grade === 'failed' || (change !== null && change.lower > FAILED_TIMES * allowed) ? 'failed' : 'degraded';
}

/**
 * What a deviation says when it is also asked whether there were values to compare. What decides nothing is only told.
 */
export function withAvailability(
  deviation: DeviationResult,
  availability: AvailabilityResult | undefined,
  metric: MetricSpec,
): DeviationResult {
  if (availability === undefined) return deviation;
  // A metric that could hardly answer by its values counts by what is proven of its target.
  const decides = deviation.decides || (availability.verdict === 'deviated' && decidesByDeviation(metric));
  const verdict = decides ? verdictWith(deviation.verdict, availability) : deviation.verdict;
  const doubt = {code: MAY_HAVE_FAILED, text: availability.text};
  const open = verdict === 'inconclusive' && availability.verdict === 'inconclusive';
  const told: DeviationResult = {
    ...deviation,
    availability,
    decides,
    verdict,
    ...(verdict === 'deviated' && availability.verdict === 'deviated'
      ? {grade: gradeWith(deviation, availability), doubts: [], settlesSeconds: null}
      : {}),
    ...(open && decides ? {doubts: [doubt, ...deviation.doubts]} : {}),
  };
  return {...told, text: deviationSentence(metric.name, told, metric)};
}

/** The same of an interval that is judged by its tolerance. */
export function intervalWith(interval: MetricInterval, availability: AvailabilityResult | undefined): MetricInterval {
  if (availability === undefined) return interval;
  const told = {...interval, availability};
  if (interval.verdict === null || availability.verdict === 'held') return told;
  const verdict = verdictWith(interval.verdict, availability);
  return {
    ...told,
    verdict,
    withinTolerance: verdict === interval.verdict ? interval.withinTolerance : null,
    why: `${availability.text}; ${interval.why}`,
  };
}

/** What is proven of the target of a metric in an interval; undefined where it is not that it failed more often. */
export function lostIn({availability}: Pick<MetricInterval, 'availability'>): AvailabilityResult | undefined {
  return availability?.verdict === 'deviated' ? availability : undefined;
}
