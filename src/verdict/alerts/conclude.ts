import {EXIT, type ExitCode} from '../../system/exit-codes.js';
import type {Facts} from '../facts.js';
import type {AlertResult, Verdict} from '../result.js';

/** `alert CheckoutSlow: it did not fire within 1m`: the alerts of which this is the verdict. */
export function alertWords(alerts: readonly AlertResult[], so: Verdict): readonly string[] {
  return alerts.filter(({verdict}) => verdict === so).map(({alert, why}) => `alert ${alert}: ${why}`);
}

/**
 * What alerts say of the exit code, whatever verdict the file pins: that a weakness shows as expected does not say that
 * anybody was told of it.
 */
export function alertCodes(alerts: readonly AlertResult[], {end}: Facts): readonly ExitCode[] {
  const so = (verdict: Verdict) => alerts.some(alert => alert.verdict === verdict);
  if (so('deviated')) return [EXIT.deviated];
  return end.kind === 'done' && so('inconclusive') ? [EXIT.inconclusive] : [];
}
