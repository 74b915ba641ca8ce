import {availabilities} from '../availability/availability.js';
import {withAvailability} from '../availability/combine.js';
import {decidesByDeviation} from '../../experiment/deciding.js';
import {isErrorShare} from '../../experiment/traits.js';
import type {Facts} from '../facts.js';
import {seriesOf} from '../judgement/data.js';
import type {MeasuredBlock} from '../../statistics/decisions/metric.js';
import {measuredOf} from '../judgement/measured.js';
import type {DeviationResult} from '../result.js';
import {playedBlocks, type PlayedBlock} from './blocks.js';
import {withoutDemoted} from './demoted.js';
import {deviatingOf, comparisonInput, unansweredMs, type Deviating} from './comparison-input.js';
import {judgeFamily} from './family.js';
import {flagsOf} from './flags.js';
import {overall} from './values.js';

/** The values of one subject of a metric, block by block. */
function valuesOf(
  metric: Deviating,
  subject: string | undefined,
  {facts, blocks}: {facts: Facts; blocks: readonly PlayedBlock[]},
): readonly MeasuredBlock[] {
  const waited = unansweredMs(metric, facts);
  return blocks.map(({on, span}) => {
    if (span === undefined) return {on, value: null};
    const all = measuredOf(metric, facts.evidence, {baseline: span, fault: span});
    const own = all.find(entry => entry.subject === subject);
    return {on, value: own === undefined ? null : overall({measured: own.of, window: 'fault', unansweredMs: waited})};
  });
}

/**
 * What the deviations say about the blocks of a switchback, all together: one answer a metric, by its name. Empty for
 * other designs.
 */
export function deviationsOverBlocks(facts: Facts): ReadonlyMap<string, DeviationResult> {
  const {switchback} = facts.experiment;
  if (switchback === undefined) return new Map();
  const blocks = playedBlocks(facts, switchback);
  // A run that ended before its blocks were played has nothing to be judged by.
  if (!blocks.some(({on, span}) => on && span !== undefined)) return new Map();
  const spans = (on: boolean) => blocks.flatMap(block => (block.on === on ? (block.span ?? []) : []));
  const compared = {without: spans(false), with: spans(true)};
  const judged = facts.experiment.steadyState.filter(({judge}) => judge.includes('fault'));
  const failed = availabilities({facts, judged, spans: () => compared});
  const answers = judgeFamily(
    deviatingOf(facts).flatMap(metric => {
      const named = seriesOf(metric, facts.evidence).map(({subject}) => subject);
      const how = {
        design: 'switchback',
        binSeconds: switchback.blockMs / 1000,
        unansweredMs: unansweredMs(metric, facts),
        primary: decidesByDeviation(metric),
        flags: flagsOf(metric, facts, compared),
      } as const;
      return [...new Set(named.length > 0 ? named : [undefined])].map(subject => {
        const measured = {
          kind: 'blocks',
          share: isErrorShare(metric),
          blocks: valuesOf(metric, subject, {facts, blocks}),
        } as const;
        return comparisonInput(metric, {...(subject === undefined ? {} : {subject}), of: measured}, how);
      });
    }),
  );
  const counting = withoutDemoted(facts, answers);
  return new Map(
    deviatingOf(facts).flatMap(metric => {
      const answer = counting.get(metric.name);
      return answer === undefined ? [] : [[metric.name, withAvailability(answer, failed.get(metric.name), metric)]];
    }),
  );
}
