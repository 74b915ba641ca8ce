import type {Finding} from '../result.js';
import type {FindingContext, FindingRule} from './rule.js';

/** Every rule, in the order in which findings of the same severity are told. */
export const RULES: readonly FindingRule[] = [];

/** All findings, the most severe first. */
export function findAll(context: FindingContext): readonly Finding[] {
  return RULES.flatMap(rule => rule.find(context)).sort((a, b) => a.severity.localeCompare(b.severity));
}
