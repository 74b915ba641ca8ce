import type {Facts} from '../facts.js';
import type {BackToBaselineResult, DeviationResult} from '../result.js';
import {CONFOUNDED, deviationSentence} from './words.js';

const WHY =
  'after the recovery it was not where it had been before, so that something beside the fault may have changed it';

/** A change that is still there, or that went on, once the fault was gone is not proven to be the fault's. */
function inDoubt(deviation: DeviationResult): DeviationResult {
  return {
    ...deviation,
    verdict: 'inconclusive',
    alsoMoved: false,
    grade: null,
    transient: false,
    part: null,
    doubts: [{code: CONFOUNDED, text: WHY}],
    settlesSeconds: null,
  };
}

/** The deviations of one interval, those in doubt that the third window of A-B-A speaks against. */
export function withoutConfounded(
  {experiment}: Facts,
  deviations: ReadonlyMap<string, DeviationResult>,
  backToBaseline: ReadonlyMap<string, BackToBaselineResult> | undefined,
): ReadonlyMap<string, DeviationResult> {
  const answers = [...deviations].map(([name, deviation]) => {
    const confounded = backToBaseline?.get(name)?.state === 'confounded-with-time' && deviation.verdict === 'deviated';
    const metric = experiment.steadyState.find(candidate => candidate.name === name);
    if (!confounded || metric === undefined) return [name, deviation] as const;
    const doubtful = inDoubt(deviation);
    return [name, {...doubtful, text: deviationSentence(name, doubtful, metric)}] as const;
  });
  return new Map(answers);
}
