import {compareBins} from './compare-bins.js';
import {compareBlocks} from './compare-blocks.js';
import {compareBuckets} from './compare-buckets.js';
import {compareSweeps} from './compare-capacities.js';
import {compareShares} from './compare-counts.js';
import {compareGroups} from './compare-groups.js';
import {compareLatencies} from './compare-latencies.js';
import type {Comparison, ComparisonRules} from './comparison.js';
import type {Measured} from './metric.js';

/**
 * Compares what was measured without and with the fault, as its kind demands; undefined when there is too little to
 * compare.
 */
export function compare(measured: Measured, rules: ComparisonRules): Comparison | undefined {
  switch (measured.kind) {
    case 'bins':
      return compareBins(measured, rules);
    case 'counts':
      return compareShares(measured, rules);
    case 'buckets':
      return compareBuckets(measured, rules);
    case 'latency':
      return compareLatencies(measured, rules);
    case 'capacity':
      return compareSweeps(measured, rules);
    case 'groups':
      return compareGroups(measured, rules);
    case 'blocks':
      return compareBlocks(measured, rules);
  }
}
