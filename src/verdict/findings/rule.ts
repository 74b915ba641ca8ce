import type {
  ActionItem,
  CheckResult,
  Finding,
  GuardResult,
  MetricResult,
  OccurrenceResult,
  RecoveryResult,
  Verdict,
} from '../result.js';
import type {Facts} from '../facts.js';
import type {RecoveryFacts} from '../recovery-result.js';

/** All that a rule may look at: the facts, and what was judged from them. */
export interface FindingContext {
  readonly facts: Facts;
  readonly metrics: readonly MetricResult[];
  readonly occurrences: readonly OccurrenceResult[];
  readonly recovery: RecoveryResult;
  readonly recoveryFacts: RecoveryFacts;
  readonly checks: readonly CheckResult[];
  readonly guards: readonly GuardResult[];
  readonly verdict: Verdict | null;
}

/** One thing that can be learned from a run. Pure; finds nothing, one or several. */
export interface FindingRule {
  readonly code: string;
  find(context: FindingContext): readonly Finding[];
}

/** A proposed action: the owner is for people to fill in. */
export function action(type: ActionItem['type'], priority: ActionItem['priority'], what: string): ActionItem {
  return {what, type, priority, owner: null};
}
