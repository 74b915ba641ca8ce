import type {Experiment, MetricSpec} from '../../experiment/experiment.js';
import type {LiveData} from '../../record/live-data.js';
import type {OpenProbe} from '../../signals/contract.js';
import {secondsAsSamples, type Operand} from '../../signals/derived/operand.js';

/** Between two values of a metric there may be so many times its rhythm before the next one is overdue. */
const OVERDUE = 2.5;

/** What this run measures of the metrics that another one is made of. */
export function operandsOf(
  names: readonly string[],
  {steadyState}: Experiment,
  measured: {readonly data: LiveData; readonly probeOf: (metric: string) => OpenProbe | undefined},
): readonly Operand[] {
  return names.flatMap(name =>
    steadyState.filter(metric => metric.name === name).map(metric => operandOf(metric, measured)),
  );
}

function operandOf(
  metric: MetricSpec,
  {data, probeOf}: {readonly data: LiveData; readonly probeOf: (metric: string) => OpenProbe | undefined},
): Operand {
  const {name, source, parameters, everyMs, timeoutMs} = metric;
  return {
    metric,
    patienceMs: () => (probeOf(name)?.patienceMs?.() ?? 0) + timeoutMs + OVERDUE * everyMs,
    since: fromUs => {
      if (source === 'load') {
        const seconds = data.loads.filter(({load, at}) => load === parameters['of'] && at >= fromUs);
        return [{samples: secondsAsSamples(metric, seconds)}];
      }
      return data.series
        .filter(series => series.metric === name)
        .map(series => ({
          ...series,
          samples: series.samples.slice(series.samples.findLastIndex(({t}) => t < fromUs) + 1),
        }));
    },
  };
}
