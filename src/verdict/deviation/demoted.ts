import type {Facts} from '../facts.js';
import type {DeviationResult} from '../result.js';

/** Why the gate said that this metric could hardly answer; undefined when it did not. */
export function demotedWhy({demoted}: Pick<Facts, 'demoted'>, name: string): string | undefined {
  return demoted.find(({metric}) => metric === name)?.why;
}

/**
 * Answers as they count: a metric that could hardly answer does not keep the verdict open; what is proven of it counts.
 */
export function withoutDemoted(
  facts: Facts,
  deviations: ReadonlyMap<string, DeviationResult>,
): ReadonlyMap<string, DeviationResult> {
  const counting = (name: string, deviation: DeviationResult): DeviationResult =>
    deviation.verdict === 'inconclusive' && demotedWhy(facts, name) !== undefined
      ? {...deviation, decides: false}
      : deviation;
  return new Map([...deviations].map(([name, deviation]) => [name, counting(name, deviation)]));
}
