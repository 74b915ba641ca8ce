import {decidesByDeviation} from '../../experiment/deciding.js';
import type {Facts} from '../facts.js';
import {faultWindow, withItsFirstSecond} from '../fault-windows.js';
import {baselineOf} from '../intervals.js';
import type {Span} from '../judgement/data.js';
import {partAtLook} from '../../statistics/decisions/looks.js';
import type {OccurrenceFacts} from '../occurrences.js';
import type {DeviationResult} from '../result.js';
import {withoutDemoted} from './demoted.js';
import {deviatingOf, windowInputs} from './comparison-input.js';
import {judgeFamily} from './family.js';

/** The part of the error that the look may spend at which this injection ended: all of it where it could not go on. */
function partOf({look, planned}: OccurrenceFacts): number {
  return partAtLook(look, planned.looksMs?.length ?? 1);
}

/**
 * What the deviations say about one time in which a fault was in force, by the name of the metric. Nothing without a
 * baseline, or in a switchback.
 */
export function deviationsDuring(
  facts: Facts,
  occurrence: OccurrenceFacts,
  segment: Span,
): ReadonlyMap<string, DeviationResult> {
  const baseline = baselineOf(facts);
  if (baseline === undefined || facts.experiment.switchback !== undefined) return new Map();
  const entries = deviatingOf(facts).flatMap(metric => {
    const fault = withItsFirstSecond(metric, faultWindow(metric, segment, occurrence), occurrence);
    return windowInputs(metric, {facts, windows: {baseline, fault}, primary: decidesByDeviation(metric)});
  });
  return withoutDemoted(facts, judgeFamily(entries, partOf(occurrence)));
}
