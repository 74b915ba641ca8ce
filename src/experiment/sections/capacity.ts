import type {LoadSpec, MetricSpec} from '../experiment.js';
import type {ProblemReport} from '../reading/tree.js';
import type {WrittenLimits} from './limits.js';
import {FEWEST_RATES} from '../../statistics/least.js';

/** Rates that differ by less than this share are one. */
const ALIKE = 0.1;

/** How many different rates a load goes through; a ramp goes through all between its ends. */
export function sweptRates({rate, stages = []}: LoadSpec): number {
  const passed = stages.flatMap(({fromRate, toRate}) => {
    const high = Math.max(fromRate, toRate);
    const low = Math.min(high, Math.max(1, Math.min(fromRate, toRate)));
    const between = high > low ? Math.floor(Math.log(high / low) / -Math.log1p(-ALIKE)) : 0;
    return Array.from({length: between + 1}, (_, i) => low / (1 - ALIKE) ** i);
  });
  const rates = (stages.length === 0 ? [rate] : [...passed, ...stages.map(({toRate}) => toRate)]).sort((a, b) => a - b);
  let [levels, last] = [0, -Infinity];
  for (const one of rates) {
    if (one <= 0 || one - last <= ALIKE * one) continue;
    levels++;
    last = one;
  }
  return levels;
}

/** Whether the metric is the highest throughput that a load with a swept rate shows. */
export function isCapacity({source, parameters}: Pick<MetricSpec, 'source' | 'parameters'>): boolean {
  return source === 'load' && parameters['measure'] === 'capacity';
}

/** A capacity can be read off a load that sweeps its rate only, and never off a single second of it. */
export function checkCapacity(
  report: ProblemReport,
  {metrics, load, guards}: {metrics: readonly MetricSpec[]; load: readonly LoadSpec[]; guards: WrittenLimits['guards']},
): void {
  for (const {name, parameters} of metrics.filter(isCapacity)) {
    const of = load.find(spec => spec.name === parameters['of']);
    const rates = of === undefined ? FEWEST_RATES : sweptRates(of);
    if (of !== undefined && rates < FEWEST_RATES) {
      report.add({
        path: ['steadyState', name, 'load', 'of'],
        code: 'CONTRADICTION',
        message: `expected a load that goes through at least ${FEWEST_RATES} different rates; got \`${of.name}\`, which has ${rates}`,
        hint: 'give the load `stages` from little to more than the system can answer, and `repeat: true`',
      });
    }
  }
  for (const {path, spec} of guards) {
    if (spec === undefined || !metrics.some(({name, ...metric}) => name === spec.metric && isCapacity(metric)))
      continue;
    const message = `expected a metric that is known at every moment; got \`${spec.metric}\`: a capacity is read off a whole sweep`;
    report.add({path: [...path, 'metric'], code: 'CONTRADICTION', message});
  }
}
