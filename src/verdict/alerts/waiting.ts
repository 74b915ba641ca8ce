import type {Facts} from '../facts.js';
import {injectedOf, recoveryStartUs} from '../intervals.js';
import {historyOf} from './history.js';

/**
 * Whether an alert that is expected may still fire in time, or be over in time, at this moment (µs): then it is worth
 * watching on, although the steady state is back.
 */
export function awaitsAlerts(facts: Facts, nowUs: number): boolean {
  const t0sUs = injectedOf(facts).map(({confirmedUs}) => confirmedUs ?? 0);
  const fromUs = Math.min(...facts.occurrences.map(({requestedUs}) => requestedUs ?? Infinity));
  const endUs = recoveryStartUs(facts);
  return (facts.experiment.expect.alerts ?? []).some(spec => {
    const history = historyOf(facts, spec).filter(({untilUs}) => untilUs >= fromUs);
    const fired = history.findLastIndex(({state}) => state === 'firing');
    if (fired === -1) return history.at(-1)?.state !== 'none' && nowUs <= Math.max(...t0sUs) + spec.withinMs * 1000;
    const isOver = fired < history.length - 1;
    if (isOver || spec.resolvesWithinMs === undefined) return false;
    return endUs === null || nowUs <= endUs + spec.resolvesWithinMs * 1000;
  });
}
