import {differenceInDifferences, type GroupWindows} from '../designs/control-group.js';
import {detectableShift, windowToSettle} from '../effects/detectable.js';
import {cliffsDelta} from '../effects/order.js';
import {marginOf, onScale, type Scale} from '../effects/scale.js';
import {chanceAbove, limitsOf} from '../effects/shift.js';
import {missingShare, present, type Bins} from '../series/bins.js';
import {meanOf} from '../series/variance.js';
import {directionsOf, longestOf, MIN_BINS, turned, type Comparison, type ComparisonRules} from './comparison.js';

/** The mean on the scale, as a value of the metric. */
function typical(bins: Bins, scale: Scale): number {
  const mean = meanOf(present(onScale(bins, scale)));
  return scale === 'ratio' ? Math.exp(mean) : mean;
}

/** Compares how the targets that were hit and the control group drifted apart. What is allowed is a change of the hit ones beyond that of the control. */
export function compareGroups(
  {hit, control, share}: {hit: GroupWindows; control: GroupWindows; share: boolean},
  rules: ComparisonRules,
): Comparison | undefined {
  const groups = differenceInDifferences(hit, control, ...(share ? (['level'] as const) : []));
  if (groups === undefined) return undefined;
  const {scale, shift, distances} = groups;
  const interval = {estimate: shift.estimate, ...limitsOf(shift, rules.alpha)};
  const margin = (by: number, worse: 'higher' | 'lower') =>
    share ? by : marginOf(by, worse, {scale, baseline: hit.baseline});
  const directions = directionsOf(rules.worse).map(worse => {
    const towards = turned(interval, worse);
    const allowed = margin(rules.by, worse);
    const chance = chanceAbove({...shift, estimate: towards.estimate}, allowed);
    return {...towards, margin: allowed, critical: margin(rules.critical, worse), chance};
  });
  return {
    directions,
    settles: () =>
      longestOf(directions.map(({estimate, margin}) => windowToSettle({...shift, estimate}, margin, rules.alpha))),
    values: Math.min(shift.baseline.count, shift.fault.count),
    effective: Math.min(shift.baseline.effective, shift.fault.effective),
    least: MIN_BINS,
    missing: Math.max(missingShare(distances.baseline), missingShare(distances.fault)),
    series: distances,
    effect: {
      kind: 'groups',
      share,
      of: {
        scale,
        shift,
        detectable: detectableShift(shift, rules.alpha),
        cliffsDelta: cliffsDelta(present(distances.baseline), present(distances.fault)),
        from: typical(hit.baseline, scale),
        to: typical(hit.fault, scale),
      },
    },
  };
}
