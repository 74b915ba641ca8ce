import {decidesByDeviation} from '../../experiment/deciding.js';
import type {Facts} from '../facts.js';
import {faultWindow, withItsFirstSecond} from '../fault-windows.js';
import {baselineOf} from '../intervals.js';
import type {Span} from '../judgement/data.js';
import type {OccurrenceFacts} from '../occurrences.js';
import type {DeviationResult} from '../result.js';
import {deviatingOf, windowEntries} from './entry.js';
import {judgeFamily} from './family.js';

/** What the deviations say about one time in which a fault was in force, by the name of the metric. Nothing without a baseline, or in a switchback. */
export function deviationsDuring(
  facts: Facts,
  occurrence: OccurrenceFacts,
  segment: Span,
): ReadonlyMap<string, DeviationResult> {
  const baseline = baselineOf(facts);
  if (baseline === undefined || facts.experiment.switchback !== undefined) return new Map();
  const entries = deviatingOf(facts).flatMap(metric => {
    const fault = withItsFirstSecond(metric, faultWindow(metric, segment, occurrence), occurrence);
    return windowEntries(metric, {facts, windows: {baseline, fault}, primary: decidesByDeviation(metric)});
  });
  return judgeFamily(entries);
}
