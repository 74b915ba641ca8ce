import type {MetricSpec} from '../../experiment/experiment.js';
import {ALPHA} from '../change.js';
import type {Facts} from '../facts.js';
import {
  allowedFailures,
  attemptsOf,
  compareAttempts,
  type AttemptsCompared,
  type BothAttempts,
  type WithoutAndWith,
} from '../judgement/availability.js';
import {benjaminiHochberg} from '../../statistics/decisions/multiplicity.js';
import type {AvailabilityResult, Verdict} from '../result.js';
import {failedWords} from './words.js';

/** One subject of a metric with what became of the attempts to measure it. */
interface SubjectAttempts {
  readonly metric: MetricSpec;
  readonly subject: string | null;
  readonly attempts: BothAttempts;
  readonly allowed: number;
  readonly compared: AttemptsCompared;
}

/** How much more often the control group of a metric failed, too: that was not the fault. */
function riseOfControl(metric: MetricSpec, facts: Facts, spans: WithoutAndWith): number {
  const control = facts.experiment.steadyState.find(({name}) => name === metric.control);
  if (control === undefined) return 0;
  const rises = attemptsOf(control, facts.evidence, spans).map(
    ({of}) => compareAttempts(of, 0, ALPHA).effect?.difference.estimate ?? 0,
  );
  return Math.max(0, ...rises);
}

function look(metric: MetricSpec, {facts, spans, judged}: AvailabilityInput): readonly SubjectAttempts[] {
  const all = attemptsOf(metric, facts.evidence, spans(metric));
  const failed = all.filter(({of}) => [of.before, of.during].some(({failures}) => failures.length > 0));
  if (failed.length === 0) return [];
  const rise = riseOfControl(metric, facts, spans(metric));
  return failed.map(({subject, of}) => {
    const allowed = allowedFailures(metric, judged, of.before) + rise;
    return {
      metric,
      subject: all.length > 1 ? (subject ?? null) : null,
      attempts: of,
      allowed,
      compared: compareAttempts(of, allowed, ALPHA),
    };
  });
}

function resultOf(looked: SubjectAttempts, verdict: Verdict, facts: Facts): AvailabilityResult {
  const {metric, subject, attempts, allowed, compared} = looked;
  const [before, during] = [compared.before, compared.during].map(({events, trials}) => ({
    failed: events,
    attempts: trials,
  }));
  const figures = {before: before ?? NOTHING, during: during ?? NOTHING, allowed};
  const {failures} = attempts.during;
  const noun = metric.source === 'load' ? 'request' : 'attempt';
  return {
    verdict,
    subject,
    ...figures,
    change: compared.effect?.difference ?? null,
    reasons: failures.map(({reason, count, firstUs, lastUs}) => ({
      reason,
      count,
      from: facts.time.seconds(firstUs),
      to: facts.time.seconds(lastUs),
    })),
    text: failedWords({...figures, failures, noun}, facts.time),
  };
}

const NOTHING = {failed: 0, attempts: 0};

interface AvailabilityInput {
  readonly facts: Facts;
  /** The times that are compared. */
  readonly spans: (metric: MetricSpec) => WithoutAndWith;
  /**
   * The metrics that are judged over these times: what the file allows their errors counts for all metrics of the same
   * load.
   */
  readonly judged: readonly MetricSpec[];
}

const RANK: Readonly<Record<Verdict, number>> = {deviated: 0, inconclusive: 1, held: 2};

/** The worst of the subjects first. */
function worse(a: AvailabilityResult, b: AvailabilityResult): number {
  return RANK[a.verdict] - RANK[b.verdict] || b.during.failed - a.during.failed;
}

/**
 * Whether the targets of metrics failed more often than before, by the name of the metric: nothing about those of which
 * no attempt failed. All of them together raise a false alarm in one of a hundred runs (Benjamini and Hochberg: who
 * failed together is told together).
 */
export function availabilities(asked: AvailabilityInput): ReadonlyMap<string, AvailabilityResult> {
  const {facts} = asked;
  const looked = facts.experiment.steadyState.flatMap(metric => look(metric, asked));
  const proven = benjaminiHochberg(
    looked.map(({compared}) => compared.chance),
    ALPHA,
  );
  const byName = new Map<string, AvailabilityResult[]>();
  looked.forEach((one, i) => {
    const verdict = proven[i] === true ? 'deviated' : one.compared.inDoubt ? 'inconclusive' : 'held';
    const {name} = one.metric;
    byName.set(name, [...(byName.get(name) ?? []), resultOf(one, verdict, facts)]);
  });
  return new Map(
    [...byName].flatMap(([name, results]) =>
      results
        .sort(worse)
        .slice(0, 1)
        .map(worst => [name, worst]),
    ),
  );
}
