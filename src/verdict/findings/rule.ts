import type {Facts} from '../facts.js';
import type {RecoveryFacts} from '../recovery-result.js';
import type {
  ActionItem,
  AlertResult,
  CheckResult,
  Finding,
  GuardResult,
  LogResult,
  MetricResult,
  OccurrenceResult,
  RecoveryResult,
  TimeLimitResult,
  TimesResult,
  Verdict,
  WritesResult,
} from '../result.js';

/** All that a rule may look at: the facts, and what was judged from them. */
export interface FindingContext {
  readonly facts: Facts;
  readonly metrics: readonly MetricResult[];
  readonly occurrences: readonly OccurrenceResult[];
  readonly recovery: RecoveryResult;
  readonly recoveryFacts: RecoveryFacts;
  readonly times: TimesResult;
  readonly checks: readonly CheckResult[];
  readonly timeLimits: readonly TimeLimitResult[];
  readonly writes: readonly WritesResult[];
  readonly alerts: readonly AlertResult[];
  readonly logs: readonly LogResult[];
  readonly guards: readonly GuardResult[];
  readonly verdict: Verdict | null;
}

/** One thing that can be learned from a run. Pure; finds nothing, one or several. */
export interface FindingRule {
  /** The name of its file. */
  readonly code: string;
  /** Its place among the findings of the same severity: the lowest is told first. */
  readonly order: number;
  find(context: FindingContext): readonly Finding[];
}

/** A proposed action: the owner is for people to fill in. */
export function action(type: ActionItem['type'], priority: ActionItem['priority'], what: string): ActionItem {
  return {what, type, priority, owner: null};
}

/** What a rule has to say; the rest has an honest default. The subject is the metric where nothing else is said. */
type Said = Pick<Finding, 'title' | 'severity' | 'formula' | 'what'> & Partial<Omit<Finding, 'code' | 'when'>>;

/** A finding over a span of the base clock (µs). */
export function finding(
  code: string,
  facts: Facts,
  span: {readonly fromUs: number; readonly toUs: number | null},
  said: Said,
): Finding {
  return {
    code,
    impact: 'None that was measured.',
    detection:
      facts.experiment.expect.alerts === undefined
        ? 'Found by Firedrill in the record of the run; no alert is expected in this file.'
        : 'Found by Firedrill in the record of the run.',
    recovery: 'Nothing had to recover.',
    evidence: [],
    factors: [],
    actions: [],
    metric: null,
    subject: said.metric ?? '',
    ...said,
    when: {from: facts.time.iso(span.fromUs), to: span.toUs === null ? null : facts.time.iso(span.toUs)},
  };
}

/** From the first injection to the end of the run; the whole run when nothing was injected. */
export function injectedSpan({occurrences, startUs, endUs}: Facts): {fromUs: number; toUs: number} {
  const fromUs = Math.min(...occurrences.map(({requestedUs}) => requestedUs ?? Infinity));
  return {fromUs: Number.isFinite(fromUs) ? fromUs : startUs, toUs: endUs};
}
