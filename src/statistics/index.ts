/**
 * The statistics behind a verdict, as pure functions: no clock, no randomness of their own, no I/O. The method and its
 * measurements are in docs/calibration.md; every function names the formula it is.
 */
export {binned, missingShare, present, type Bins} from './series/bins.js';
export {trendOf} from './series/trend.js';
export {effectOf} from './effects/effect.js';
export {differenceOf} from './effects/difference.js';
export {meanShift, limitsOf, chanceAbove} from './effects/shift.js';
export {cliffsDelta, hodgesLehmann} from './effects/order.js';
export {detectableShift} from './effects/detectable.js';
export {compareCounts, dispersionOf, type CountBin} from './effects/counts.js';
export {shareLimits} from './effects/shares.js';
export {drawQuantile} from './effects/bootstrap.js';
export type {LatencySecond} from './effects/latency-table.js';
export {compareQuantiles} from './effects/quantiles.js';
export {holm, benjaminiHochberg} from './decisions/multiplicity.js';
export {judgeMetrics, overallVerdict} from './decisions/judge-metrics.js';
export type {JudgedMetric} from './decisions/metric.js';
export {steadyState} from './decisions/steady-state.js';
export {detectChange} from './times/detector.js';
export {thresholdsFor} from './times/thresholds.js';
export {recoveryTime} from './times/recovery-time.js';
export {areaOf} from './times/area.js';
export {lostRequests} from './times/lost.js';
export {BURN_ALERTS, budgetSpent, burnAlertAt, burnRate, burnRateForCap} from './times/budget.js';
export {backToBaseline} from './designs/back-to-baseline.js';
export {differenceInDifferences} from './designs/control-group.js';
export {switchbackOrder, switchbackTest, type Block} from './designs/switchback.js';
export {
  bestConcurrency,
  capacityOf,
  fitScalability,
  meanFlow,
  throughputAt,
  type LoadPoint,
  type ScalabilityLaw,
} from './capacity/usl.js';
export {isSaturated, kneeOf, nextStep, type SearchEnd, type SearchPlan, type SearchStep} from './capacity/search.js';
export {searchResult, type SearchResult} from './capacity/search-result.js';
export {compareCapacities, saturationOf} from './capacity/capacity.js';
export {sweepCapacity, sweepDoubt, sweepEstimate, sweepOf} from './capacity/sweep.js';
